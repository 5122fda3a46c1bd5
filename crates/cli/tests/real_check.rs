//! `baluarte check` beside a real libvirtd and real QEMU processes, in namespaces of their own: one VM neglected, one the
//! same put right.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that can't go on must stop and say so"
)]

use std::collections::BTreeSet;

use model::finding::{Finding, Mark, Report, Status};
use testkit::{
    domains,
    libvirt::{self, Options, PrivateLibvirt},
    scratch::Scratch,
};

const BALUARTE: &str = env!("CARGO_BIN_EXE_baluarte");

/// What the neglected VM fails, listed by hand: control, and whether it is critical.
const NEGLECTED: [(&str, bool); 8] = [
    ("console.vnc-listen-local", true),
    ("console.vnc-auth-present", true),
    ("confinement.seclabel-none", true),
    ("storage.image-perms", true),
    ("emulator.no-cmdline-passthrough", false),
    ("emulator.legacy-devices", false),
    ("network.nwfilter-attached", false),
    ("emulator.tcg-not-boundary", false),
];

struct Host {
    libvirt: PrivateLibvirt,
    scratch: Scratch,
}

/// A private libvirtd with both VMs running; `None`, with the reason printed, where this machine can't.
fn host(options: &Options) -> Option<Host> {
    if let Err(why) = libvirt::need() {
        println!("skipped: {why}");
        return None;
    }
    let libvirt = PrivateLibvirt::start(options).unwrap();
    libvirt.add_bridge(domains::BRIDGE).unwrap();
    let scratch = Scratch::new().unwrap();
    let open = scratch.image("open.img", "raw", 16, 0o644).unwrap();
    let private = scratch.image("private.qcow2", "qcow2", 16, 0o600).unwrap();
    libvirt.define(&domains::neglected("neglected", &open)).unwrap();
    libvirt.define(&domains::put_right("righted", &private)).unwrap();
    for name in ["neglected", "righted"] {
        libvirt.start_domain(name).unwrap();
    }
    Some(Host { libvirt, scratch })
}

impl Host {
    /// Runs `baluarte` inside and gives its exit code and output.
    fn baluarte(&self, arguments: &[&str]) -> (i32, String) {
        let command: Vec<&str> = [BALUARTE].iter().chain(arguments).copied().collect();
        let output = self.libvirt.exec(&command).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|code| code != 2), "{arguments:?}: {errors}");
        (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
    }

    fn report(&self, arguments: &[&str]) -> Report {
        let arguments: Vec<&str> = ["check", "--format", "json"].iter().chain(arguments).copied().collect();
        serde_json::from_str(&self.baluarte(&arguments).1).unwrap()
    }
}

/// The failures that concern a VM, its disks, images and interfaces.
fn failures<'a>(report: &'a Report, name: &str) -> Vec<&'a Finding> {
    let vm = report.findings.iter().find(|finding| finding.subject.name == name).unwrap();
    let uuid = &vm.subject.id;
    let about = |finding: &&Finding| finding.subject.vms.contains(uuid) && finding.status == Status::Fail;
    report.findings.iter().filter(about).collect()
}

#[test]
fn the_neglected_vm_fails_and_the_one_put_right_does_not() {
    let Some(host) = host(&Options::default()) else { return };
    let report = host.report(&[]);
    assert_eq!(report.host.vms, 2);
    let neglected = failures(&report, "neglected");
    let righted: BTreeSet<&str> = failures(&report, "righted").iter().map(|finding| &*finding.id).collect();
    for (id, critical) in NEGLECTED {
        let found = neglected.iter().find(|finding| finding.id == id);
        let found = found.unwrap_or_else(|| panic!("{id} is not found: {neglected:#?}"));
        assert_eq!(found.severity.word() == "critical", critical, "{id}");
        // Both run under emulation, which is no boundary: this machine offers nothing else.
        assert_eq!(righted.contains(id), id == "emulator.tcg-not-boundary", "{id}: {righted:?}");
    }
    let severe = |finding: &&&Finding| finding.severity.word() == "critical";
    let righted = failures(&report, "righted");
    assert_eq!(righted.iter().filter(severe).count(), 0, "{righted:#?}");
    // A wrong byte is pointed at.
    let vnc = neglected.iter().find(|finding| finding.id == "console.vnc-listen-local").unwrap();
    let place = vnc.place.as_ref().unwrap();
    assert!(place.file.as_deref().is_some_and(|file| file.ends_with("/neglected.xml")), "{place:?}");
    assert!(place.xpath.as_deref().is_some_and(|xpath| xpath.contains("/devices/graphics")), "{place:?}");
    let xml = host.libvirt.namespace().read(place.file.as_deref().unwrap()).unwrap();
    let [start, end] = place.bytes.unwrap();
    assert_eq!(xml.get(start as usize..end as usize).unwrap(), b"0.0.0.0");
}

#[test]
fn a_recording_is_judged_as_the_host_was() {
    let Some(host) = host(&Options::default()) else { return };
    let file = host.scratch.path().join("host.zst");
    let file = file.to_str().unwrap();
    let live = host.baluarte(&["check", "--record", file, "--format", "json"]);
    let again = host.baluarte(&["check", "--evidence", file, "--format", "json"]);
    assert_eq!(live, again);
    // No secret of the run is in it, and nobody else may read it.
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn drift_and_pending_restart_are_told_apart() {
    let Some(host) = host(&Options::default()) else { return };
    // Configured right, running wrong.
    let xml = host.libvirt.virsh(&["dumpxml", "--inactive", "neglected"]).unwrap();
    host.libvirt.define(&xml.replace("0.0.0.0", "127.0.0.1")).unwrap();
    // Configured wrong, running right.
    let xml = host.libvirt.virsh(&["dumpxml", "--inactive", "righted"]).unwrap();
    let open = "<graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>";
    let start = xml.find("<graphics").unwrap();
    let end = xml.find("</graphics>").unwrap() + "</graphics>".len();
    host.libvirt.define(&format!("{}{open}{}", &xml[..start], &xml[end..])).unwrap();
    let report = host.report(&["--only", "console.vnc-listen-local"]);
    let marks = |name: &str| failures(&report, name)[0].marks.clone();
    assert_eq!(marks("neglected"), [Mark::PendingRestart]);
    assert_eq!(marks("righted"), [Mark::Drift]);
}

#[test]
fn what_dies_during_a_check_is_no_pass() {
    let Some(host) = host(&Options::default()) else { return };
    let pid = host.libvirt.qemu_pid("neglected").unwrap().to_string();
    std::fs::remove_file(host.scratch.path().join("open.img")).unwrap();
    // libvirt has not noticed yet: the status file still names the process.
    let script = format!(
        "kill -STOP $(cat /run/libvirt/libvirtd.pid /run/libvirtd.pid 2>/dev/null) 2>/dev/null; kill -KILL {pid}; sleep 0.2; {BALUARTE} check --vm neglected --format json"
    );
    let output = host.libvirt.exec(&["sh", "-c", &script]).unwrap();
    let report: Report = serde_json::from_slice(&output.stdout).unwrap();
    let status = |id: &str| {
        report
            .findings
            .iter()
            .filter(|finding| finding.id == id)
            .map(|finding| finding.status)
            .collect::<Vec<_>>()
    };
    assert_ne!(status("confinement.seccomp-on"), [Status::Pass]);
    assert_ne!(status("storage.image-perms"), [Status::Pass]);
}

#[test]
fn an_open_daemon_is_seen_by_its_sockets() {
    let Some(host) = host(&Options::open_tcp()) else { return };
    let report = host.report(&["--only", "management.no-plain-tcp"]);
    let failing: Vec<_> = report.findings.iter().filter(|finding| finding.status == Status::Fail).collect();
    assert_eq!(failing.len(), 1, "{report:#?}");
    assert!(failing[0].found.contains(":16509"), "{failing:#?}");
}
