//! The host places the memory of its processes at random.
//!
//! ## Why
//! A bug in a device model is worth little to a guest that doesn't know where QEMU's code and heap are. With the
//! placement fixed the same attack works on every start and every host.
//!
//! ## Where
//! In effect: `/proc/sys/kernel/randomize_va_space` is 2 (1 leaves the heap in place), and no running QEMU has
//! `ADDR_NO_RANDOMIZE` (0x0040000) in `/proc/PID/personality`. Configured: `kernel.randomize_va_space` in sysctl.d(5), the last
//! file in order of name; where none sets it the kernel's default is 2, or 0 with `norandmaps` on its command line.
//!
//! ## Fix
//! Write `kernel.randomize_va_space = 2` to `/etc/sysctl.d/60-baluarte.conf` and set it now. A VM that runs keeps its
//! places until it is restarted.
//!
//! ## Undo
//! Remove the line and set the sysctl to what it was.
//!
//! ```fails
//! -- proc/sys/kernel/randomize_va_space --
//! 0
//! ```
//! ```fails
//! -- proc/sys/kernel/randomize_va_space --
//! 1
//! ```
//! ```fails
//! -- etc/sysctl.d/60-baluarte.conf --
//! kernel.randomize_va_space = 1
//! ```
//! ```fails
//! -- proc/4242/personality --
//! 00040000
//! ```
//! ```fails
//! -- etc/sysctl.d/60-baluarte.conf --
//! vm.swappiness = 10
//! -- proc/cmdline --
//! root=/dev/vda1 norandmaps
//! ```
//! ```passes
//! -- etc/sysctl.d/60-baluarte.conf --
//! vm.swappiness = 10
//! ```
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::{Fact, Missing},
    finding::Disposition,
};

use crate::{sysctl, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Address space is randomized",
        pt: "O espaço de endereços é aleatório",
        id: "Ruang alamat diacak",
    },
    why: "With QEMU's memory at known places the same attack on a device works every time.",
    references: &[
        "guide 1, compiler hardening: ASLR",
        "Linux Documentation/admin-guide/sysctl/kernel.rst, randomize_va_space",
        "personality(2), ADDR_NO_RANDOMIZE",
    ],
};

const NAME: &str = "kernel.randomize_va_space";
const NOW: &str = "proc/sys/kernel/randomize_va_space";
/// `ADDR_NO_RANDOMIZE` of Linux include/uapi/linux/personality.h.
const FIXED: u32 = 0x0004_0000;

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    match reading {
        Reading::Effective => effective(evidence),
        Reading::Configured => configured(evidence),
    }
}

fn effective(evidence: &Evidence) -> Judged {
    let mut tally = Tally::default();
    let now = evidence.text(NOW);
    if let Some(value) = tally.see(now.required()) {
        tally.file(*value == "2", Cite::whole(now.key(), format!("{NAME} = {value}")));
    }
    for pid in evidence.vms.iter().filter_map(|vm| vm.pid) {
        let personality = evidence.text(&format!("proc/{pid}/personality"));
        let bits = personality.and_then(|text| u32::from_str_radix(text, 16));
        // A VM that ended meanwhile has no memory to place.
        if tally.see(bits.known()).flatten().is_some_and(|bits| bits & FIXED != 0) {
            tally.wrong.push(Cite::whole(bits.key(), "this QEMU runs with ADDR_NO_RANDOMIZE"));
        }
    }
    tally.verdict("the kernel has no such setting")
}

fn configured(evidence: &Evidence) -> Judged {
    if let Some((value, cite)) = sysctl::configured(evidence, NAME)? {
        let cite = vec![cite];
        return Ok(if value == "2" { Verdict::Pass(cite) } else { Verdict::Fail(cite) });
    }
    let key = evidence.cmdline.key();
    if let Some(argument) = evidence.cmdline.required()?.get("norandmaps") {
        return Ok(Verdict::Fail(vec![Cite::bytes(
            key,
            argument.span,
            "norandmaps, and no file of sysctl.d sets it",
        )]));
    }
    let seen = format!("{NAME} is set in no file; the kernel's default is 2");
    Ok(Verdict::Pass(vec![Cite::whole(&"etc/sysctl.d".into(), seen)]))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let mut changes = vec![];
    if let Verdict::Fail(_) = configured(evidence)? {
        changes.extend(sysctl::persist(evidence, &[(NAME, "2")])?);
    }
    if let Fact::Known(value, _) = evidence.text(NOW)
        && value != "2"
    {
        let action = Action::Sysctl { name: NAME.to_owned(), value: "2".to_owned(), namespace: None };
        changes.push(Change::new(action, Disposition::Live));
    }
    Ok(changes)
}
