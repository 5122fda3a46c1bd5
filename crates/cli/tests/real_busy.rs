//! A busy host: forty VMs, some of which start and die while they are looked at.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that can't go on must stop and say so")]

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use model::finding::{Report, Status};
use testkit::libvirt::{self, Options, PrivateLibvirt};

const BALUARTE: &str = env!("CARGO_BIN_EXE_baluarte");
/// VMs that run all the time.
const STEADY: usize = 32;
/// VMs that are started and killed over and over.
const FICKLE: usize = 8;
/// Checks that are made meanwhile.
const CHECKS: usize = 12;

/// As little as QEMU runs with; the steady ones have their console on the network.
fn domain(name: &str, open: bool) -> String {
    let console = if open { "<graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>" } else { "" };
    format!(
        "<domain type='qemu'><name>{name}</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{console}
<controller type='usb' model='none'/><memballoon model='none'/></devices></domain>"
    )
}

/// Starts its VMs and kills them, in turn, until told to stop; how often.
fn flicker(libvirt: &PrivateLibvirt, names: &[String], stop: &AtomicBool) -> usize {
    let mut turns = 0;
    for name in names.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        libvirt.start_domain(name).unwrap();
        libvirt.destroy(name).unwrap();
        turns += 1;
    }
    turns
}

/// Statuses of one control by VM.
fn statuses<'a>(report: &'a Report, id: &str) -> BTreeMap<&'a str, Status> {
    let of = report.findings.iter().filter(|finding| finding.id == id);
    of.map(|finding| (finding.subject.name.as_str(), finding.status)).collect()
}

#[test]
fn forty_vms_are_judged_while_some_start_and_die() {
    if let Err(why) = libvirt::need() {
        println!("skipped: {why}");
        return;
    }
    let libvirt = PrivateLibvirt::start(&Options::default()).unwrap();
    let steady: Vec<String> = (0..STEADY).map(|number| format!("steady{number:02}")).collect();
    let fickle: Vec<String> = (0..FICKLE).map(|number| format!("fickle{number}")).collect();
    for name in &steady {
        libvirt.define(&domain(name, true)).unwrap();
        libvirt.start_domain(name).unwrap();
    }
    fickle.iter().for_each(|name| libvirt.define(&domain(name, false)).unwrap());
    let stop = AtomicBool::new(false);
    let (reports, turns) = thread::scope(|scope| {
        let flickering: Vec<_> = fickle
            .chunks(FICKLE / 2)
            .map(|names| {
                let (libvirt, stop) = (&libvirt, &stop);
                scope.spawn(move || flicker(libvirt, names, stop))
            })
            .collect();
        let reports: Vec<Report> = (0..CHECKS).map(|_| check(&libvirt)).collect();
        stop.store(true, Ordering::Relaxed);
        (reports, flickering.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>())
    });
    println!("{turns} starts and ends during {CHECKS} checks");
    assert!(turns > 0);
    for report in &reports {
        assert_eq!(report.host.vms, STEADY + FICKLE);
        // Every steady VM is judged as if nothing else went on.
        for id in ["console.vnc-listen-local", "console.vnc-auth-present"] {
            let of = statuses(report, id);
            assert!(steady.iter().all(|name| of.get(name.as_str()) == Some(&Status::Fail)), "{id}: {of:?}");
        }
        let seccomp = statuses(report, "confinement.seccomp-on");
        assert!(steady.iter().all(|name| seccomp.get(name.as_str()) == Some(&Status::Pass)), "{seccomp:?}");
        // A fickle one may be there or not; it is never found to be open, and nothing is made up of it.
        let of = statuses(report, "console.vnc-listen-local");
        assert!(fickle.iter().all(|name| of.get(name.as_str()) != Some(&Status::Fail)), "{of:?}");
    }
}

fn check(libvirt: &PrivateLibvirt) -> Report {
    let output = libvirt.exec(&[BALUARTE, "check", "--format", "json"]).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}
