//! QEMU runs under its seccomp filter, in every thread.
//!
//! ## Why
//! A guest that breaks out of a device model has QEMU's system calls. The filter takes away the ones QEMU never needs
//! once it runs: executing programs, gaining privileges, obsolete calls. It is what stands between a broken device and
//! the whole of the kernel's surface.
//!
//! ## Where
//! In effect: `Seccomp: 2` in `/proc/PID/status` and of every thread in `/proc/PID/task`. Configured: `seccomp_sandbox`
//! of `/etc/libvirt/qemu.conf` (default 1; 0 and -1 turn it off).
//!
//! ## Fix
//! Set `seccomp_sandbox = 1` in `/etc/libvirt/qemu.conf`, restart the daemon, and shut down and start the VMs.
//!
//! ## Undo
//! Put the former line back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! seccomp_sandbox = 0
//! ```
//! ```fails
//! -- proc/4242/status --
//! Name: qemu-system-x86
//! Uid: 64055 64055 64055 64055
//! Gid: 64055 64055 64055 64055
//! Groups: 107 64055
//! Threads: 2
//! CapInh: 0000000000000000
//! CapPrm: 0000000000000000
//! CapEff: 0000000000000000
//! CapBnd: 000001ffffffffff
//! CapAmb: 0000000000000000
//! NoNewPrivs: 1
//! Seccomp: 0
//! PPid: 1
//! ```
use formats::{conf::libvirt::Value, kernel::process::Seccomp};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
    finding::Disposition,
};

use crate::{ask, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "QEMU runs under seccomp",
        pt: "O QEMU roda sob seccomp",
        id: "QEMU berjalan di bawah seccomp",
    },
    why: "A guest that breaks out of a device model may otherwise make any system call as QEMU's user.",
    references: &[
        "QEMU docs/system/security.rst, Isolation mechanisms",
        "libvirt src/qemu/qemu.conf.in, seccomp_sandbox",
        "Linux Documentation/userspace-api/seccomp_filter.rst",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    if reading == Reading::Configured {
        let setting = ask::setting(&evidence.qemu_conf, "seccomp_sandbox")?;
        let cite = vec![setting.cite("1")];
        return Ok(if setting.int(1).is_some_and(|value| value > 0) {
            Verdict::Pass(cite)
        } else {
            Verdict::Fail(cite)
        });
    }
    let Some(threads) = mac::threads(evidence, vm)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    let (mut wrong, mut right) = (vec![], vec![]);
    for status in threads {
        let mode = status.required()?.seccomp.as_ref();
        let missing = || Missing { key: status.key().clone(), why: "the kernel has no seccomp".into() };
        let mode = mode.ok_or_else(missing)?;
        let (seen, list) = match mode.value {
            Seccomp::Filter => ("Seccomp: 2 (filter)", &mut right),
            Seccomp::Strict => ("Seccomp: 1 (strict)", &mut right),
            Seccomp::Off => ("Seccomp: 0 (off)", &mut wrong),
        };
        list.push(Cite::bytes(status.key(), mode.span, seen));
    }
    // One thread says it as well as fifty.
    right.truncate(1);
    wrong.truncate(3);
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, vm, Reading::Configured)? else { return Ok(vec![]) };
    ask::set(&evidence.qemu_conf, "seccomp_sandbox", &Value::Int(1), Disposition::VmRestart)
}
