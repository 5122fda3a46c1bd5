//! Real directory trees that want to lead out, hang, or overwhelm: links, loops, FIFOs, sockets, device nodes, huge
//! directories, files that grow.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "the lints spare tests, but not the functions they share"
)]

use std::{
    fs,
    io::Write as _,
    os::unix::{fs::PermissionsExt as _, fs::symlink, net::UnixListener},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use host::{
    collect::{self, Options},
    source::{Directory, Source},
};
use model::recording::{Body, Outcome, Recording};
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

/// A tree that removes itself, with a secret beside it that no path inside may reach.
struct Tree {
    place: PathBuf,
    root: PathBuf,
}

const SECRET: &str = "hunter2 of the machine itself";

impl Tree {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let place = std::env::temp_dir().join(format!("baluarte-tree-{}-{number}", std::process::id()));
        let root = place.join("root");
        for directory in [
            "etc/libvirt/qemu/networks",
            "run/libvirt/qemu",
            "proc/sys/net",
            "var/lib/libvirt/images",
            "etc/sysctl.d",
        ] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        fs::write(place.join("secret"), SECRET).unwrap();
        Self { place, root }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn source(&self) -> Directory {
        Directory::tree(self.root.to_str().unwrap()).unwrap()
    }

    /// Collects, in bounded time, and with every probe at its end.
    fn record(&self) -> Recording {
        let start = Instant::now();
        let source: Arc<dyn Source> = Arc::new(self.source());
        let recording = collect::collect(&source, &Options::default(), |_, _| ());
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
        let lost: Vec<_> =
            recording.probes.iter().filter(|(_, outcome)| **outcome != Outcome::Done).collect();
        assert!(lost.is_empty(), "{lost:?}");
        let json = serde_json::to_string(&recording).unwrap();
        assert!(!json.contains("hunter2"), "the recording holds what is outside the tree");
        recording
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.place);
    }
}

fn node(path: &Path, kind: FileType, major: u32, minor: u32) -> bool {
    mknodat(CWD, path, kind, Mode::from_raw_mode(0o600), makedev(major, minor)).is_ok()
}

fn unreadable(recording: &Recording, key: &str) -> String {
    match &recording.entries[key].body {
        Body::Unreadable(why) => why.clone(),
        body => panic!("/{key} is {body:?}"),
    }
}

#[test]
fn links_never_lead_out() {
    let tree = Tree::new();
    let outside = tree.place.join("secret");
    let up = format!("{}{}", "../".repeat(40), outside.to_str().unwrap().trim_start_matches('/'));
    symlink(&outside, tree.at("etc/libvirt/qemu.conf")).unwrap();
    symlink(&up, tree.at("etc/libvirt/libvirtd.conf")).unwrap();
    symlink("../../../secret", tree.at("etc/libvirt/network.conf")).unwrap();
    symlink(&tree.place, tree.at("etc/ssh")).unwrap();
    symlink("/proc/self/root", tree.at("etc/sasl2")).unwrap();
    symlink("/proc/self/cwd", tree.at("etc/audit")).unwrap();
    let recording = tree.record();
    for key in ["etc/libvirt/qemu.conf", "etc/libvirt/libvirtd.conf", "etc/libvirt/network.conf"] {
        assert!(matches!(recording.entries[key].body, Body::NotCollected(_)), "{:?}", recording.entries[key]);
    }
    let source = tree.source();
    for path in [
        "etc/ssh/secret",
        "../secret",
        "../../../../etc/shadow",
        "etc/../../secret",
        "etc/sasl2/etc/passwd",
        "/../secret",
    ] {
        assert!(source.read(path, 100).is_err() && source.stat(path).is_err(), "{path}");
        assert!(source.link(path).is_err() && source.read_at(path, 0, 10).is_err(), "{path}");
    }
    assert!(source.names("..").unwrap().contains(&"etc".to_owned()), "above the root is the root");
    // Inside the tree an absolute link is a good link.
    fs::write(tree.at("etc/real.conf"), "vnc_tls = 1\n").unwrap();
    symlink("/etc/real.conf", tree.at("etc/libvirt/lxc.conf")).unwrap();
    assert_eq!(source.read("etc/libvirt/lxc.conf", 100).unwrap().bytes, b"vnc_tls = 1\n");
}

#[test]
fn loops_end() {
    let tree = Tree::new();
    symlink("libvirtd.conf", tree.at("etc/libvirt/qemu.conf")).unwrap();
    symlink("qemu.conf", tree.at("etc/libvirt/libvirtd.conf")).unwrap();
    symlink(".", tree.at("etc/libvirt/qemu/self")).unwrap();
    symlink("passwd", tree.at("etc/passwd")).unwrap();
    symlink("../..", tree.at("etc/libvirt/secrets")).unwrap();
    let recording = tree.record();
    for key in ["etc/libvirt/qemu.conf", "etc/libvirt/libvirtd.conf", "etc/passwd"] {
        assert!(unreadable(&recording, key).contains("too many levels"), "{key}");
    }
}

#[test]
fn what_is_no_file_is_never_opened() {
    let tree = Tree::new();
    let xml = tree.at("etc/libvirt/qemu/web1.xml");
    assert!(node(&tree.at("etc/libvirt/qemu.conf"), FileType::Fifo, 0, 0));
    assert!(node(&xml, FileType::Fifo, 0, 0));
    let _socket = UnixListener::bind(tree.at("etc/libvirt/libvirtd.conf")).unwrap();
    fs::create_dir(tree.at("etc/passwd")).unwrap();
    let recording = tree.record();
    for (key, word) in [
        ("etc/libvirt/qemu.conf", "FIFO"),
        ("etc/libvirt/qemu/web1.xml", "FIFO"),
        ("etc/libvirt/libvirtd.conf", "socket"),
        ("etc/passwd", "directory"),
    ] {
        let why = unreadable(&recording, key);
        assert!(why.contains(&word.to_lowercase()), "{key}: {why}");
    }
}

#[test]
fn an_image_that_is_a_fifo_or_leads_to_one() {
    let tree = Tree::new();
    let disk = |name: &str| {
        format!(
            "<disk type='file'><driver name='qemu' type='raw'/><source file='/var/lib/libvirt/images/{name}'/><target dev='{name}'/></disk>"
        )
    };
    let disks: String =
        ["fifo", "link", "loop", "gone", "out", "directory"].iter().map(|name| disk(name)).collect();
    let xml = format!(
        "<domain type='kvm'><name>a</name><uuid>5f3b1a52-7c1e-4d0e-9a55-0d7f3c1c2a10</uuid><devices>{disks}</devices></domain>"
    );
    fs::write(tree.at("etc/libvirt/qemu/a.xml"), xml).unwrap();
    let images = "var/lib/libvirt/images";
    assert!(node(&tree.at(&format!("{images}/fifo")), FileType::Fifo, 0, 0));
    symlink("fifo", tree.at(&format!("{images}/link"))).unwrap();
    symlink("loop", tree.at(&format!("{images}/loop"))).unwrap();
    symlink(tree.place.join("secret"), tree.at(&format!("{images}/out"))).unwrap();
    fs::create_dir(tree.at(&format!("{images}/directory"))).unwrap();
    let recording = tree.record();
    for name in ["fifo", "link", "loop", "directory"] {
        unreadable(&recording, &format!("{images}/{name}"));
    }
    assert_eq!(recording.entries[&format!("{images}/gone")].body, Body::Absent);
}

#[test]
fn device_nodes_of_a_tree_are_not_devices_of_this_machine() {
    let tree = Tree::new();
    let made = [
        ("etc/libvirt/qemu.conf", FileType::BlockDevice, 7, 0),
        ("etc/libvirt/libvirtd.conf", FileType::CharacterDevice, 1, 5),
        ("etc/passwd", FileType::CharacterDevice, 5, 0),
    ];
    if !made.iter().all(|(path, kind, major, minor)| node(&tree.at(path), *kind, *major, *minor)) {
        println!("skipped: making device nodes needs root");
        return;
    }
    let recording = tree.record();
    for (key, ..) in made {
        assert!(unreadable(&recording, key).contains("device"), "{key}");
    }
}

#[test]
fn files_in_place_of_directories_and_back() {
    let tree = Tree::new();
    fs::remove_dir_all(tree.at("etc/libvirt/qemu")).unwrap();
    fs::write(tree.at("etc/libvirt/qemu"), "no directory").unwrap();
    fs::remove_dir(tree.at("etc/sysctl.d")).unwrap();
    fs::write(tree.at("etc/sysctl.d"), "no directory").unwrap();
    let recording = tree.record();
    for key in ["etc/libvirt/qemu", "etc/sysctl.d"] {
        assert!(unreadable(&recording, key).contains("not a directory"), "{key}");
    }
    assert_eq!(recording.entries["etc/libvirt/qemu/networks"].body, Body::Absent);
}

#[test]
fn huge_directories_are_listed_whole_or_refused() {
    let tree = Tree::new();
    for number in 0..10_000 {
        fs::write(tree.at(&format!("etc/sysctl.d/{number:05}.conf")), "").unwrap();
    }
    let names = tree.source().names("etc/sysctl.d").unwrap();
    assert_eq!(names.len(), 10_000);
    assert!(names.is_sorted());
    assert_eq!(tree.record().entries.keys().filter(|key| key.starts_with("etc/sysctl.d/")).count(), 10_000);
}

#[test]
fn a_file_that_grows_is_read_to_the_limit_and_no_further() {
    let tree = Tree::new();
    let path = tree.at("etc/libvirt/qemu.conf");
    fs::write(&path, "").unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn({
        let (stop, path) = (Arc::clone(&stop), path);
        move || {
            let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
            let mut written = 0;
            while !stop.load(Ordering::Relaxed) && written < 64 << 20 {
                file.write_all(&[b'#'; 65_536]).unwrap();
                written += 65_536;
            }
        }
    });
    let source = tree.source();
    for _ in 0..50 {
        let content = source.read("etc/libvirt/qemu.conf", 1 << 20).unwrap();
        assert!(content.bytes.len() <= 1 << 20);
        assert!(!content.truncated || content.bytes.len() == 1 << 20);
    }
    stop.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    fs::OpenOptions::new()
        .write(true)
        .open(tree.at("etc/libvirt/qemu.conf"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    assert!(unreadable(&tree.record(), "etc/libvirt/qemu.conf").contains("larger than"));
}

#[test]
fn unreadable_files_are_said_to_be() {
    let tree = Tree::new();
    fs::write(tree.at("etc/libvirt/qemu.conf"), "vnc_tls = 1\n").unwrap();
    fs::set_permissions(tree.at("etc/libvirt/qemu.conf"), fs::Permissions::from_mode(0o0)).unwrap();
    if fs::read(tree.at("etc/libvirt/qemu.conf")).is_ok() {
        println!("skipped: root reads everything; the test of the command drops to another user");
        return;
    }
    assert!(unreadable(&tree.record(), "etc/libvirt/qemu.conf").contains("denied"));
}
