//! The lab itself: what is handed in, what comes back, and what happens when the VM doesn't behave.
#![allow(clippy::panic, reason = "a test that can't go on must stop and say so")]
mod wall;
use lab::{End, Iommu, Mac, Outcome, Request};
use std::time::Duration;

/// Runs a request where the lab is built.
fn run(request: &Request) -> Option<Outcome> {
    let bench = wall::bench(request.mac)?;
    match bench.lab.run(request) {
        Ok(outcome) => Some(outcome),
        Err(why) => panic!("{why:#}"),
    }
}

#[test]
fn exit_code_output_and_logs_come_back() {
    let script = "echo out; echo err >&2; touch /etc/libvirt/x; exit 7";
    let Some(outcome) = run(&Request::script(script)) else { return };
    assert_eq!((outcome.code, outcome.end), (7, End::Done));
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("out\n", "err\n"));
    assert!(
        outcome.audit.contains("key=\"libvirt-config\""),
        "the watch of /etc/libvirt is in the audit log"
    );
    assert!(outcome.kernel.contains("Linux version"), "{}", outcome.kernel);
}

#[test]
fn files_and_folders_are_handed_in() {
    let Some(root) = std::env::var_os("CARGO_MANIFEST_DIR").map(std::path::PathBuf::from) else { return };
    let request = Request::script("ls; test -x guest/initramfs/init; ls guest/root/etc | head -1")
        .with(root.join("guest/configure"))
        .with(root.join("guest"));
    let Some(outcome) = run(&request) else { return };
    assert!(outcome.stdout.starts_with("configure\nguest\nrun.sh\naudit"), "{}", outcome.stdout);
}

#[test]
fn clones_of_a_snapshot_share_nothing() {
    let first =
        std::thread::spawn(|| run(&Request::script("echo mine >/root/mark; sync; sleep 3; cat /root/mark")));
    let second = run(&Request::script("sleep 2; ls /root/mark; echo other >/root/mark"));
    let (Ok(Some(first)), Some(second)) = (first.join(), second) else { return };
    assert_eq!(first.stdout, "mine\n");
    assert!(second.stderr.contains("No such file"), "{}", second.stderr);
}

#[test]
fn a_panic_loses_nothing() {
    let script = "echo before; touch /etc/libvirt/x; sleep 1; echo c >/proc/sysrq-trigger; sleep 60";
    let Some(outcome) = run(&Request::script(script)) else { return };
    assert_eq!((outcome.code, outcome.end), (125, End::Panic));
    assert_eq!(outcome.stdout, "before\n");
    assert!(outcome.console.contains("sysrq triggered crash"), "{}", outcome.console);
    assert!(outcome.audit.contains("key=\"libvirt-config\""));
}

#[test]
fn a_power_cut_is_told_from_an_end() {
    let Some(outcome) = run(&Request::script("echo o >/proc/sysrq-trigger; sleep 60")) else { return };
    assert_eq!((outcome.code, outcome.end), (125, End::Panic));
}

#[test]
fn a_script_that_hangs_ends_at_its_limit() {
    let request =
        Request { limit: Duration::from_secs(2), ..Request::script("echo begun; sleep 1000; echo done") };
    let Some(outcome) = run(&request) else { return };
    assert_eq!((outcome.code, outcome.end), (124, End::Done));
    assert_eq!(outcome.stdout, "begun\n");
}

#[test]
fn a_vm_that_hangs_is_ended() {
    // Stopped from inside: nothing in it runs any more, so that only the host's clock is left.
    let script = "echo begun; kill -STOP $(pgrep -f lab-agent) 2>/dev/null; echo 0 >/proc/sys/kernel/sysrq; sleep 1000";
    let request = Request { limit: Duration::from_secs(2), ..Request::script(script) };
    let Some(outcome) = run(&request) else { return };
    assert_eq!((outcome.code, outcome.end), (124, End::Silence));
    assert_eq!(outcome.stdout, "begun\n");
}

#[test]
fn nothing_is_left_running() {
    let Some(_) = run(&Request::script("true")) else { return };
    let ours = std::process::id().to_string();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let status = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = status.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        assert_ne!(parent, Some(ours.as_str()), "{status}");
    }
}

#[test]
fn apparmor_has_the_other_snapshot() {
    let script = "cat /sys/kernel/security/lsm; virsh -q list --name";
    let Some(outcome) = run(&Request::script(script).on(Mac::Apparmor)) else { return };
    assert!(outcome.stdout.contains("apparmor") && !outcome.stdout.contains("selinux"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("shop") && outcome.stdout.contains("bank"));
}

#[test]
fn a_cold_boot_has_what_was_asked_for() {
    let asked = Request {
        mac: Mac::None,
        iommu: Iommu::None,
        cold: true,
        ..Request::script("cat /sys/kernel/security/lsm; ls /sys/class/iommu /dev/tpm0")
    };
    let Some(outcome) = run(&asked) else { return };
    assert!(
        !outcome.stdout.contains("selinux") && !outcome.stdout.contains("apparmor"),
        "{}",
        outcome.stdout
    );
    assert!(!outcome.stdout.contains("dmar") && outcome.stderr.contains("/dev/tpm0"), "{}", outcome.stderr);
}
