//! QEMU can gain no privilege by running a program.
//!
//! ## Why
//! With `no_new_privs` set, set-user-ID programs and file capabilities give a process nothing. Without it, a guest that
//! breaks out of QEMU has `sudo`, `mount` and each of their past and future holes to try.
//!
//! ## Where
//! `NoNewPrivs: 1` in `/proc/PID/status` and of every thread in `/proc/PID/task`. libvirt has no key for it: QEMU sets
//! it with its sandbox, `-sandbox on,elevateprivileges=deny`.
//!
//! ## Fix
//! Set `seccomp_sandbox = 1` in `/etc/libvirt/qemu.conf`, take `elevateprivileges` out of any raw arguments in the VM's
//! XML, restart the daemon, and shut down and start the VM.
//!
//! ## Undo
//! Put the former line back and restart in the same order.
//!
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
//! NoNewPrivs: 0
//! Seccomp: 2
//! PPid: 1
//! ```
//! ```fails
//! -- proc/4242/task/4243/status --
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
//! NoNewPrivs: 0
//! Seccomp: 2
//! PPid: 1
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
};

use crate::mac;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice(
            "Set seccomp_sandbox = 1 in /etc/libvirt/qemu.conf, restart the daemon, and restart the VM.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "QEMU can gain no privileges",
        pt: "O QEMU não pode ganhar privilégios",
        id: "QEMU tidak dapat memperoleh hak lebih",
    },
    why: "Without it, set-user-ID programs give a broken QEMU their rights.",
    references: &[
        "Linux Documentation/userspace-api/no_new_privs.rst",
        "QEMU qemu-options.hx, -sandbox elevateprivileges",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, _: Reading) -> Judged {
    let Some(threads) = mac::threads(evidence, vm)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    let (mut wrong, mut right) = (vec![], vec![]);
    for status in threads {
        let said = status.required()?.no_new_privileges.as_ref();
        let missing =
            || Missing { key: status.key().clone(), why: "the kernel does not say NoNewPrivs".into() };
        let on = said.ok_or_else(missing)?;
        if !on.value {
            wrong.push(Cite::bytes(status.key(), on.span, "NoNewPrivs: 0"));
        } else if right.is_empty() {
            right.push(Cite::bytes(status.key(), on.span, "NoNewPrivs: 1"));
        }
    }
    wrong.truncate(3);
    Ok(Verdict::unless(wrong, right))
}
