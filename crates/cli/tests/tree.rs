//! Directory trees: their links lead nowhere outside, and one with nothing in it is no clean host.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use host::store;
use model::recording::Body;
use testkit::scratch::Scratch;

const BALUARTE: &str = env!("CARGO_BIN_EXE_baluarte");

#[test]
fn a_tree_is_never_left_by_links() {
    let scratch = Scratch::new().unwrap();
    let (tree, outside) = (scratch.path().join("tree"), scratch.path().join("outside"));
    for directory in [tree.join("etc/libvirt"), tree.join("etc/ssh"), outside.clone()] {
        fs::create_dir_all(directory).unwrap();
    }
    fs::write(outside.join("conf"), "# from outside\n").unwrap();
    fs::write(tree.join("inside"), "# from inside\n").unwrap();
    symlink(outside.join("conf"), tree.join("etc/libvirt/qemu.conf")).unwrap();
    symlink("../../../outside/conf", tree.join("etc/libvirt/libvirtd.conf")).unwrap();
    symlink("../../../../../../../../../etc/passwd", tree.join("etc/group")).unwrap();
    symlink(&outside, tree.join("etc/sysctl.d")).unwrap();
    // An absolute link means what it means on that host.
    symlink("/inside", tree.join("etc/ssh/sshd_config")).unwrap();
    let file = scratch.path().join("tree.zst");
    let done =
        Command::new(BALUARTE).args(["collect", "--root"]).arg(&tree).arg("-o").arg(&file).status().unwrap();
    assert!(done.success());
    let recording = store::load(&file).unwrap();
    let bytes = |key: &str| recording.entries.get(key).and_then(|entry| entry.body.bytes());
    assert_eq!(bytes("etc/ssh/sshd_config"), Some(&b"# from inside\n"[..]));
    for (key, entry) in &recording.entries {
        let text = String::from_utf8_lossy(entry.body.bytes().unwrap_or_default()).into_owned();
        assert!(!text.contains("from outside") && !text.contains("root:"), "{key}: {text}");
    }
    assert!(matches!(recording.entries["etc/libvirt/qemu.conf"].body, Body::NotCollected(_)));
}

#[test]
fn an_empty_tree_is_not_evaluated_and_says_so() {
    let scratch = Scratch::new().unwrap();
    let check = |root: &Path| Command::new(BALUARTE).args(["check", "--root"]).arg(root).output().unwrap();
    let done = check(scratch.path());
    assert_eq!(done.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&done.stdout).contains("Nothing was evaluated"));
    assert_eq!(check(&scratch.path().join("missing")).status.code(), Some(2));
}
