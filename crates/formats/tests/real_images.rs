//! Images made by `qemu-img`, read here and by that tool: the facts must agree.
//!
//! Where the tool is not installed its tests are skipped, in words.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test's own functions, which the lints' exception for tests does not cover"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use formats::image::{FIRST_READ, Facts, Format, chain, facts, head_needed, luks, mask_head, probe, qcow2};
use serde_json::Value;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    /// `None`, in words, where there is no `qemu-img`.
    fn new(name: &str) -> Option<Self> {
        if Command::new("qemu-img").arg("--version").stdout(Stdio::null()).status().is_err() {
            println!("skipped: qemu-img is not installed");
            return None;
        }
        let path = std::env::temp_dir().join(format!("baluarte-images-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Some(Self(path))
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("qemu-img").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// `qemu-img create`, again where its key derivation could not be timed on a busy machine.
fn create(arguments: &[&str]) {
    let arguments = [&["create", "-q"], arguments].concat();
    let once = || Command::new("qemu-img").args(&arguments).stderr(Stdio::null()).status().unwrap().success();
    if !(0..4).any(|_| once()) {
        run(&arguments);
    }
}

fn info(path: &str) -> Value {
    serde_json::from_slice(&run(&["info", "--output=json", path])).unwrap()
}

/// The head that a caller reads, in as many steps as it takes.
fn read_head(path: impl AsRef<Path>) -> (Vec<u8>, u64) {
    let bytes = fs::read(path).unwrap();
    let size = bytes.len() as u64;
    let mut len = FIRST_READ.min(bytes.len());
    loop {
        let needed = head_needed(&bytes[..len], size);
        if needed <= len {
            return (bytes[..len].to_vec(), size);
        }
        len = needed;
    }
}

/// Probe and facts; the masked head must have the same.
fn read(path: &str) -> (Format, Facts) {
    let (mut head, size) = read_head(path);
    let format = probe(&head, size);
    let read = facts(format, &head, size).unwrap();
    mask_head(format, &mut head);
    assert_eq!(facts(format, &head, size).unwrap(), read, "masking changed the facts of {path}");
    assert_eq!(probe(&head, size), format, "masking changed the magic of {path}");
    (format, read)
}

fn read_qcow2(path: &str) -> qcow2::Header {
    match read(path) {
        (Format::Qcow2, Facts::Qcow2(header)) => *header,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn qcow2_as_qemu_img_sees_it() {
    let Some(folder) = Folder::new("qcow2") else { return };
    let options = [
        "compat=0.10",
        "compat=1.1",
        "compat=1.1,cluster_size=2M,lazy_refcounts=on,refcount_bits=1",
        "cluster_size=512",
        "extended_l2=on,cluster_size=128k",
        "compression_type=zstd",
        "preallocation=metadata",
    ];
    for (number, options) in options.iter().enumerate() {
        let path = folder.path(&format!("{number}.qcow2"));
        create(&["-f", "qcow2", "-o", options, &path, "64M"]);
        let (ours, theirs) = (read_qcow2(&path), info(&path));
        let specific = &theirs["format-specific"]["data"];
        assert_eq!(ours.doubts, [], "{options}");
        assert_eq!(ours.virtual_size.value, theirs["virtual-size"]);
        assert_eq!(ours.cluster_size(), theirs["cluster-size"]);
        let compat = if ours.version.value == 2 { "0.10" } else { "1.1" };
        assert_eq!(compat, specific["compat"]);
        let compression = if ours.compression.map(|kind| kind.value) == Some(1) { "zstd" } else { "zlib" };
        assert_eq!(compression, specific["compression-type"], "{options}");
        assert_eq!(1_u64 << ours.refcount_order.value, specific["refcount-bits"]);
        let extended = ours.features.iter().any(|feature| feature.bit == 4);
        assert_eq!(extended, specific["extended-l2"].as_bool().unwrap_or(false));
        if compat == "1.1" && options != &"cluster_size=512" {
            assert!(ours.feature_names.iter().any(|named| named.name == "dirty bit"), "{options}");
        }
    }
}

#[test]
fn snapshots_and_bitmaps_are_counted() {
    let Some(folder) = Folder::new("counts") else { return };
    let path = folder.path("x.qcow2");
    create(&["-f", "qcow2", &path, "4M"]);
    run(&["snapshot", "-c", "one", &path]);
    run(&["snapshot", "-c", "two", &path]);
    run(&["bitmap", "--add", &path, "b"]);
    let header = read_qcow2(&path);
    assert_eq!((header.snapshots.count.value, header.bitmaps.value), (2, 1));
}

#[test]
fn qcow2_encryption() {
    let Some(folder) = Folder::new("qcow2-luks") else { return };
    let (path, secret) = (folder.path("luks.qcow2"), "secret,id=s,data=abc");
    let options = "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=500";
    create(&["-f", "qcow2", "--object", secret, "-o", options, &path, "4M"]);
    let (header, theirs) = (read_qcow2(&path), info(&path));
    assert_eq!(header.encryption.value, qcow2::Encryption::Luks);
    assert_same_luks(header.luks.as_ref().unwrap(), &theirs["format-specific"]["data"]["encrypt"]);
    let path = folder.path("aes.qcow2");
    let options = "encrypt.format=aes,encrypt.key-secret=s";
    create(&["-f", "qcow2", "--object", secret, "-o", options, &path, "4M"]);
    assert_eq!(read_qcow2(&path).encryption.value, qcow2::Encryption::Aes);
}

#[test]
fn a_raw_luks_container() {
    let Some(folder) = Folder::new("luks") else { return };
    let path = folder.path("luks");
    create(&[
        "-f",
        "luks",
        "--object",
        "secret,id=s,data=abc",
        "-o",
        "key-secret=s,iter-time=500",
        &path,
        "4M",
    ]);
    let (Format::Luks1, Facts::Luks(header)) = read(&path) else { panic!("no LUKS") };
    let theirs = info(&path);
    assert_eq!(theirs["format"], "luks");
    assert_same_luks(&header, &theirs["format-specific"]["data"]);
    assert_eq!(header.segments[0].offset.value, theirs["format-specific"]["data"]["payload-offset"]);
}

fn assert_same_luks(ours: &luks::Header, theirs: &Value) {
    let segment = &ours.segments[0];
    // XTS halves the key.
    let algorithm = format!("{}-{}", segment.cipher.value, ours.key_bytes.value * 8 / 2);
    assert_eq!(algorithm, theirs["cipher-alg"]);
    let mode =
        format!("{}-{}", theirs["cipher-mode"].as_str().unwrap(), theirs["ivgen-alg"].as_str().unwrap());
    assert_eq!(segment.mode, mode);
    assert_eq!(ours.hash.value, theirs["hash-alg"]);
    assert_eq!(ours.uuid.value, theirs["uuid"]);
    let active: Vec<_> =
        theirs["slots"].as_array().unwrap().iter().filter(|slot| slot["active"] == true).collect();
    assert_eq!(ours.keyslots.len(), active.len());
    for (ours, theirs) in ours.keyslots.iter().zip(active) {
        let luks::Kdf::Pbkdf2 { iterations, .. } = ours.kdf.value else { panic!("not PBKDF2") };
        assert_eq!(iterations, theirs["iters"]);
    }
}

#[test]
fn other_formats_probe_and_size() {
    let Some(folder) = Folder::new("others") else { return };
    let cases = [
        ("raw", "", Format::Raw),
        ("qcow", "", Format::Qcow),
        ("qed", "", Format::Qed),
        ("vdi", "", Format::Vdi),
        ("vhdx", "", Format::Vhdx),
        ("vpc", "subformat=dynamic", Format::Vpc),
        ("vpc", "subformat=fixed", Format::Raw),
        ("parallels", "", Format::Parallels),
        ("vmdk", "subformat=monolithicSparse", Format::Vmdk),
        ("vmdk", "subformat=streamOptimized", Format::Vmdk),
        ("vmdk", "subformat=monolithicFlat", Format::Vmdk),
        ("vmdk", "subformat=twoGbMaxExtentSparse", Format::Vmdk),
    ];
    for (number, (driver, options, expected)) in cases.iter().enumerate() {
        let path = folder.path(&format!("{number}.{driver}"));
        match *options {
            "" => create(&["-f", driver, &path, "64M"]),
            options => create(&["-f", driver, "-o", options, &path, "64M"]),
        }
        let (format, facts) = read(&path);
        assert_eq!(format, *expected, "{driver} {options}");
        let theirs = info(&path);
        assert_eq!(format.driver(), theirs["format"], "{driver} {options}");
        assert_eq!(facts.virtual_size().is_some(), !matches!(format, Format::Raw | Format::Vhdx), "{driver}");
        if let Some(size) = facts.virtual_size() {
            assert_eq!(size, theirs["virtual-size"], "{driver} {options}");
        }
        if options.contains("Flat") || options.contains("Extent") {
            let extents = theirs["format-specific"]["data"]["extents"].as_array().unwrap();
            assert_eq!(facts.references().len(), extents.len(), "{options}");
        }
    }
}

/// Opens as a collector would.
fn open(path: &str) -> Result<chain::Opened, chain::Why> {
    use std::os::unix::fs::MetadataExt;
    let stat = fs::metadata(path).map_err(|_| chain::Why::Missing)?;
    let (head, size) = read_head(path);
    Ok(chain::Opened { head, size, identity: (stat.dev(), stat.ino()) })
}

fn walk(path: &str, format: Format) -> chain::Chain {
    chain::walk(&chain::Node { path, declared: Some(format) }, open)
}

#[test]
fn chains_as_qemu_img_walks_them() {
    let Some(folder) = Folder::new("chain") else { return };
    let [base, mid, top] = ["base", "mid", "top"].map(|name| folder.path(name));
    create(&["-f", "qcow2", &base, "4M"]);
    create(&[
        "-f",
        "qcow2",
        "-b",
        "base",
        "-F",
        "qcow2",
        "-o",
        &format!("data_file={}", folder.path("data")),
        &mid,
    ]);
    create(&["-f", "qcow2", "-b", &mid, "-F", "qcow2", &top]);
    // qemu-img makes no overlay without a format any more: the extension gets a number that nobody knows.
    let mut bytes = fs::read(&top).unwrap();
    let at = bytes.windows(4).position(|window| window == [0xe2, 0x79, 0x2a, 0xca]).unwrap();
    bytes[at] = 0x11;
    fs::write(&top, bytes).unwrap();
    let walked = walk(&top, Format::Qcow2);
    assert_eq!(walked.end, chain::End::Complete, "{walked:?}");
    let theirs: Value =
        serde_json::from_slice(&run(&["info", "--backing-chain", "--output=json", &top])).unwrap();
    let theirs: Vec<_> = theirs.as_array().unwrap().iter().map(|image| image["filename"].clone()).collect();
    let ours: Vec<_> = walked.images().map(|link| Value::from(link.path.as_str())).collect();
    assert_eq!(ours, theirs);
    assert_eq!(walked.links[1].problems, [chain::Problem::FormatNotDeclared]);
    assert!(walked.links.iter().any(|link| link.path == folder.path("data")));
}

#[test]
fn vmdk_overlays_and_extents() {
    let Some(folder) = Folder::new("vmdk") else { return };
    let [base, top, flat, extent] =
        ["base.vmdk", "top.vmdk", "flat.vmdk", "flat-flat.vmdk"].map(|n| folder.path(n));
    create(&["-f", "vmdk", &base, "4M"]);
    create(&["-f", "vmdk", "-b", &base, "-F", "vmdk", &top]);
    create(&["-f", "vmdk", "-o", "subformat=monolithicFlat", &flat, "4M"]);
    for (start, under) in [(&top, &base), (&flat, &extent)] {
        let walked = walk(start, Format::Vmdk);
        let paths: Vec<_> = walked.links.iter().map(|link| &link.path).collect();
        assert_eq!((paths, walked.end), (vec![start, under], chain::End::Complete));
    }
}

#[test]
fn a_cycle_that_qemu_img_made() {
    let Some(folder) = Folder::new("cycle") else { return };
    let [one, two] = ["one", "two"].map(|name| folder.path(name));
    create(&["-f", "qcow2", &one, "4M"]);
    create(&["-f", "qcow2", "-b", &one, "-F", "qcow2", &two]);
    run(&["rebase", "-u", "-b", &two, "-F", "qcow2", &one]);
    assert_eq!(walk(&one, Format::Qcow2).links.last().unwrap().problems, [chain::Problem::Repeated(0)]);
}
