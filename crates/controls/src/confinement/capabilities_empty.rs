//! QEMU holds no capability, in any of its threads.
//!
//! ## Why
//! A capability is a piece of root: `CAP_DAC_OVERRIDE` opens every file, `CAP_SYS_RAWIO` every device, `CAP_NET_ADMIN`
//! changes the bridge. Whoever breaks out of QEMU has what its threads have.
//!
//! ## Where
//! `CapPrm`, `CapEff` and `CapAmb` in `/proc/PID/status` and of every thread in `/proc/PID/task`. `CapBnd` is only a
//! limit and is not judged. libvirt drops them all since 6.0 unless QEMU runs as root, and gives `CAP_SYS_RAWIO` back
//! for a disk with `rawio='yes'`.
//!
//! ## Fix
//! Let QEMU run as its own user (`confinement.qemu-user-nonroot`), take `rawio='yes'` out of the VM's XML, and shut
//! down and start the VM.
//!
//! ## Undo
//! Put the former user or `rawio` back and restart the VM.
//!
//! ```fails
//! -- proc/4242/status --
//! Name: qemu-system-x86
//! Uid: 0 0 0 0
//! Gid: 0 0 0 0
//! Groups: 0
//! Threads: 2
//! CapInh: 0000000000000000
//! CapPrm: 000001ffffffffff
//! CapEff: 000001ffffffffff
//! CapBnd: 000001ffffffffff
//! CapAmb: 0000000000000000
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
//! CapPrm: 0000000000020000
//! CapEff: 0000000000000000
//! CapBnd: 000001ffffffffff
//! CapAmb: 0000000000000000
//! PPid: 1
//! ```
use formats::kernel::capability;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

use crate::mac;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("Run QEMU as its own user, without rawio='yes', and restart the VM."),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "QEMU holds no capabilities",
        pt: "O QEMU não tem capabilities",
        id: "QEMU tidak memiliki capability",
    },
    why: "A capability is a piece of root, and a guest that breaks out of QEMU gets it.",
    references: &[
        "guide 1, mandatory access controls",
        "libvirt docs/drvqemu.rst, Linux process capabilities",
        "capabilities(7)",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, _: Reading) -> Judged {
    let Some(threads) = mac::threads(evidence, vm)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    let (mut wrong, mut right) = (vec![], vec![]);
    for status in threads {
        let sets = &status.required()?.capabilities;
        let held = sets.value.permitted | sets.value.effective | sets.value.ambient.unwrap_or(0);
        if held != 0 {
            wrong.push(Cite::bytes(status.key(), sets.span, format!("holds {}", short(held))));
        } else if right.is_empty() {
            right.push(Cite::bytes(status.key(), sets.span, "holds no capability"));
        }
    }
    wrong.truncate(3);
    Ok(Verdict::unless(wrong, right))
}

/// The first names of a set, and how many more.
fn short(held: u64) -> String {
    let names = capability::names(held);
    let shown = names.get(..4).unwrap_or(&names).join(", ");
    let more = names.len().saturating_sub(4);
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
