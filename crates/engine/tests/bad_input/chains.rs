//! Backing chains: cyclic, too deep, leading out by protocol, into system paths, to files that are gone or no files.

use model::{
    evidence::Evidence,
    finding::{Report, Status},
    recording::{Body, Entry, Stat},
};
use testkit::memory;

use super::{Memory, base, bytes_of, check, is_told, no_new_pass, unread, with};

const IMAGE: &str = "var/lib/libvirt/images/web1.qcow2";

/// The base host whose image has this text as its backing file's name.
fn backed(name: &str) -> Memory {
    // A format that lets the walk go on to what the file itself names.
    let image = testkit::images::qcow2("backing=NAME format=qcow2").unwrap();
    let at = image.windows(4).position(|part| part == b"NAME").unwrap();
    let mut image = image;
    image[at..at + 4].fill(0);
    image[at..at + name.len()].copy_from_slice(name.as_bytes());
    image[16..20].copy_from_slice(&u32::try_from(name.len()).unwrap().to_be_bytes());
    with(&base(), IMAGE, image)
}

fn lay(machine: &mut Memory, text: &str) {
    memory::lay_over(machine, text).unwrap();
}

/// Every file that the collector looked at is one of these.
fn reads_only(machine: &Memory, forbidden: &[&str]) {
    let recording = memory::record(machine);
    for key in forbidden {
        let touched = recording.entries.get(*key);
        assert!(touched.is_none(), "{key} was touched: {touched:?}");
    }
}

#[test]
fn names_that_lead_out_are_never_opened_and_told() {
    for name in [
        "json:{\"driver\":\"file\",\"filename\":\"/etc/shadow\"}",
        "http://192.0.2.1/base.qcow2",
        "nbd:unix:/run/nbd.sock",
        "fat:rw:/etc",
        "/dev/mem",
        "/var/../dev/./mem",
        "../../../../dev/mem",
        "/proc/kcore",
        "base.qcow2\0/etc/shadow",
        "\0",
    ] {
        let mut machine = backed(name);
        lay(&mut machine, "-- dev/mem --\nsecret of the kernel\n-- proc/kcore --\nsecret of the kernel\n");
        reads_only(&machine, &["dev/mem", "proc/kcore", "etc/shadow"]);
        let why = is_told(name, &check(&machine), &format!("/{IMAGE}"));
        assert!(!why.is_empty(), "{name}");
    }
}

#[test]
fn a_backing_file_that_holds_secrets_leaves_nothing_of_them() {
    for name in ["/etc/shadow", "../../../../etc/shadow"] {
        let mut machine = backed(name);
        lay(
            &mut machine,
            "-- etc/shadow mode=0640 --\nroot:$y$j9T$SALTSALT$HASHHASHHASH:19000:0:99999:7:::\n",
        );
        let json = serde_json::to_string(&memory::record(&machine)).unwrap();
        assert!(!json.contains("HASHHASH"), "the recording holds /etc/shadow");
        no_new_pass(name, &check(&machine));
    }
}

#[test]
fn an_image_of_one_name_is_no_other_file() {
    // A disk may name any file: the facts that other probes read under that name must stay theirs.
    for path in [
        "/etc/libvirt/qemu.conf",
        "/etc/libvirt/libvirtd.conf",
        "/etc/passwd",
        "/etc/libvirt/qemu/web1.xml",
        "/netlink/nft",
        "/netlink/audit-status",
        "/etc/libvirt/qemu/x/../../qemu.conf",
    ] {
        let mut machine = base();
        for key in memory::VM {
            let text = String::from_utf8(bytes_of(&machine, key)).unwrap();
            machine = with(&machine, key, text.replace("/var/lib/libvirt/images/web1.qcow2", path));
        }
        let key = path.trim_start_matches('/');
        let (before, after) = (memory::record(&base()), memory::record(&machine));
        for key in [
            "etc/libvirt/qemu.conf",
            "etc/libvirt/libvirtd.conf",
            "etc/passwd",
            "netlink/nft",
            "netlink/audit-status",
        ] {
            assert_eq!(before.entries[key].body, after.entries[key].body, "{path}: {key} was overwritten");
        }
        let report = check(&machine);
        assert_eq!(report.host.vms, 1, "{path}: the VM is lost");
        // The image is another subject; of all others nothing changes for the better.
        let of_image = |id: &str| id.contains(path) || id.ends_with("/vda");
        let before = super::with_status(super::intact(), Status::Pass);
        let new: Vec<_> = super::with_status(&report, Status::Pass)
            .into_iter()
            .filter(|one| !before.contains(one) && !of_image(&one.1))
            .collect();
        assert!(new.is_empty(), "{key}: {new:?}");
    }
}

#[test]
fn an_image_beside_the_domains_hides_none_of_them() {
    let mut machine = base();
    for key in memory::VM {
        let text = String::from_utf8(bytes_of(&machine, key)).unwrap();
        machine = with(
            &machine,
            key,
            text.replace("/var/lib/libvirt/images/web1.qcow2", "/etc/libvirt/qemu/web1.qcow2"),
        );
    }
    let image = machine.entries[IMAGE].clone();
    machine.entries.insert("etc/libvirt/qemu/web1.qcow2".to_owned(), image);
    let report = check(&machine);
    assert_eq!(report.host.vms, 1, "the directory's list was overwritten by its inode");
}

#[test]
fn cycles_and_depth_end_and_are_told() {
    for name in [IMAGE.rsplit('/').next().unwrap(), "/var/lib/libvirt/images/../images/web1.qcow2"] {
        is_told(name, &check(&backed(name)), &format!("/{IMAGE}"));
    }
    let mut machine = backed("0.qcow2");
    lay(&mut machine, "-- var/lib/libvirt/images/0.qcow2 qcow2 --\nbacking=web1.qcow2 format=qcow2\n");
    is_told("a cycle of two", &check(&machine), &format!("/{IMAGE}"));
    let mut machine = backed("0.qcow2");
    let links: String = (0..200)
        .map(|n| {
            format!("-- var/lib/libvirt/images/{n}.qcow2 qcow2 --\nbacking={}.qcow2 format=qcow2\n", n + 1)
        })
        .collect();
    lay(&mut machine, &links);
    lay(&mut machine, "-- var/lib/libvirt/images/200.qcow2 qcow2 --\n");
    let why = is_told("200 deep", &check(&machine), &format!("/{IMAGE}"));
    assert!(why.contains("64"), "{why}");
}

#[test]
fn an_image_that_vanishes_or_is_no_file() {
    let mut machine = base();
    machine.entries.insert(IMAGE.to_owned(), Entry { stat: None, body: Body::Absent });
    no_new_pass("gone", &check(&machine));
    for mode in [0o010_600, 0o140_600, 0o020_600, 0o040_700] {
        let mut machine = base();
        let stat = Some(Stat { mode, ..Stat::default() });
        machine.entries.insert(IMAGE.to_owned(), Entry { stat, body: Body::StatOnly });
        is_told(&format!("mode {mode:o}"), &check(&machine), &format!("/{IMAGE}"));
    }
}

#[test]
fn headers_of_every_length_and_with_every_field_at_its_worst() {
    let whole = bytes_of(&base(), IMAGE);
    for length in (0..112).chain([113, 511, 4096]) {
        no_new_pass(&format!("cut at {length}"), &check(&with(&base(), IMAGE, &whole[..length])));
    }
    for at in (4..104).step_by(4) {
        let mut image = whole.clone();
        image[at..at + 4].fill(0xff);
        let report = check(&with(&base(), IMAGE, image));
        no_new_pass(&format!("field at {at}"), &report);
    }
    let mut image = whole;
    image[4..8].copy_from_slice(&99_u32.to_be_bytes());
    is_told("version 99", &check(&with(&base(), IMAGE, image)), &format!("/{IMAGE}"));
}

#[test]
fn a_chain_that_is_fine_is_not_told() {
    let mut machine = backed("base.img");
    lay(&mut machine, "-- var/lib/libvirt/images/base.img mode=0600 qcow2 --\n");
    let report: Report = check(&machine);
    assert_eq!(unread(&report, &format!("/{IMAGE}")), None);
    assert_eq!(Evidence::of(memory::record(&machine)).images[0].chain.ok().unwrap().links.len(), 2);
}
