//! `baluarte check` as nobody: it works, and says what it could not read. As root it drops to uid 65534 with setpriv.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the lints spare tests, but not the functions they share"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
};

use model::{
    finding::{Report, Status},
    recording::Privilege,
};
use testkit::scratch::Scratch;

/// The command where anybody may run it, and how to run it as nobody.
struct Nobody {
    scratch: Scratch,
    root: bool,
}

impl Nobody {
    fn new() -> Option<Self> {
        let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        if root && let Err(why) = testkit::need(&["setpriv"]) {
            println!("skipped: {why}");
            return None;
        }
        let scratch = Scratch::new().unwrap();
        fs::copy(env!("CARGO_BIN_EXE_baluarte"), scratch.path().join("baluarte")).unwrap();
        Some(Self { scratch, root })
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let program = self.scratch.path().join("baluarte");
        let mut command = if self.root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // As on a terminal: there the styles stay, and all that a stranger wrote would too.
        command.env("CLICOLOR_FORCE", "1").args(arguments).current_dir("/").output().unwrap()
    }

    fn report(&self, arguments: &[&str]) -> Report {
        let output = self.run(&[&["check", "--format", "json"], arguments].concat());
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{:?}: {errors}", output.status);
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn private(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o0)).unwrap();
}

#[test]
fn this_machine_as_nobody() {
    let Some(nobody) = Nobody::new() else { return };
    let report = nobody.report(&[]);
    assert_eq!(report.host.privilege, Privilege::User);
    assert!(!report.findings.is_empty());
    let audit = report.unread.iter().find(|unread| unread.what == "/netlink/audit-status");
    assert!(audit.is_some_and(|unread| unread.why.contains("not permitted")), "{:?}", report.unread);
    let answered = report.findings.iter().find(|finding| finding.id == "audit.daemon-enabled").unwrap();
    assert_eq!(answered.status, Status::Unknown, "{answered:?}");
    let text = String::from_utf8(nobody.run(&["check"]).stdout).unwrap();
    assert!(text.contains("could not be") && text.contains("Run it as root"), "{text}");
}

#[test]
fn a_tree_that_is_half_unreadable() {
    let Some(nobody) = Nobody::new() else { return };
    let tree = nobody.scratch.path().join("tree");
    let xml = "<domain type='kvm'><name>a</name><uuid>5f3b1a52-7c1e-4d0e-9a55-0d7f3c1c2a10</uuid></domain>";
    private(&tree.join("etc/libvirt/qemu.conf"), "vnc_tls = 1\n");
    private(&tree.join("etc/libvirt/qemu/a.xml"), xml);
    private(&tree.join("usr/sbin/libvirtd"), "");
    private(&tree.join("etc/baluarte/exceptions.toml"), "");
    let report = nobody.report(&["--root", tree.to_str().unwrap()]);
    for path in ["/etc/libvirt/qemu.conf", "/etc/libvirt/qemu/a.xml", "/etc/baluarte/exceptions.toml"] {
        let told = report.unread.iter().find(|unread| unread.what == path);
        assert!(told.is_some_and(|unread| unread.why.contains("denied")), "{path}: {:?}", report.unread);
    }
    assert_eq!(report.host.vms, 1, "a VM whose file can't be read is still a VM");
    let passed: Vec<_> =
        report.findings.iter().filter(|one| one.subject.name == "a" && one.status == Status::Pass).collect();
    assert!(passed.is_empty(), "{passed:?}");
    // A directory nobody may enter is no empty host.
    let locked = nobody.scratch.path().join("locked");
    fs::create_dir_all(locked.join("etc")).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
    if nobody.root {
        let output = nobody.run(&["check", "--root", locked.to_str().unwrap()]);
        assert_ne!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn what_cannot_be_written_or_read_is_an_error_with_its_path() {
    let Some(nobody) = Nobody::new() else { return };
    for arguments in [
        ["check", "--record", "/proc/host.zst"],
        ["collect", "--output", "/proc/host.zst"],
        ["check", "--evidence", "/nowhere/host.zst"],
        ["check", "--root", "/nowhere/tree"],
        ["check", "--root", "/etc/passwd"],
    ] {
        let output = nobody.run(&arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(arguments[2]), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_report_holds_no_control_characters_of_strangers() {
    let Some(nobody) = Nobody::new() else { return };
    let tree = nobody.scratch.path().join("tree");
    let escape = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
    for (path, text) in [
        ("etc/hostname", format!("host{escape}\n")),
        (
            "etc/libvirt/qemu.conf",
            format!("vnc_listen = \"0.0.0.0{escape}\"\nseccomp_sandbox = 0 # {escape}\n"),
        ),
        ("usr/sbin/libvirtd", String::new()),
        ("etc/libvirt/libvirtd.conf", format!("listen_tcp = 1 # {escape}\n{escape}\n")),
        (
            "etc/libvirt/qemu/a.xml",
            "<domain type='kvm'><name>a\u{9b}31m\u{202e}</name><uuid>x</uuid><devices><graphics type='vnc' listen='0.0.0.0\u{9b}31m'/></devices></domain>"
                .to_owned(),
        ),
        ("etc/libvirt/qemu/b.xml", format!("<domain {escape}")),
    ] {
        fs::create_dir_all(tree.join(path).parent().unwrap()).unwrap();
        fs::write(tree.join(path), text).unwrap();
    }
    let strange = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for arguments in [["--all"].as_slice(), &[]] {
        let arguments = [&["check", "--root", tree.to_str().unwrap()], arguments].concat();
        let output = nobody.run(&arguments);
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("seccomp") && text.contains("0.0.0.0"), "{text}");
        let text = without_styles(&text);
        let found = text.lines().find(|line| line.contains(strange));
        assert_eq!(found, None, "{arguments:?}");
    }
}

/// The text without the styles that Baluarte itself sets (`ESC [ … m`, ECMA-48).
fn without_styles(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    let after = |part: &str| match part.split_once('m') {
        Some((digits, rest)) if digits.chars().all(|c| c.is_ascii_digit() || c == ';') => rest.to_owned(),
        _ => format!("\u{1b}{part}"),
    };
    parts.fold(first, |all, part| all + &after(part))
}
