//! The first-level cache is flushed before a guest runs, where the processor needs it.
//!
//! ## Why
//! On processors with L1TF a guest reads whatever lies in the cache it shares with the host, whosever it is (CVE-2018-3646).
//! KVM flushes it at each entry that could matter, and a parameter switches that off.
//!
//! ## Where
//! `/sys/module/kvm_intel/parameters/vmentry_l1d_flush` is not `never`, unless
//! `/sys/devices/system/cpu/vulnerabilities/l1tf` says `Not affected`. After the next boot: `options kvm_intel
//! vmentry_l1d_flush` in modprobe.d(5).
//!
//! ## Fix
//! `echo cond > /sys/module/kvm_intel/parameters/vmentry_l1d_flush`, and correct the option in `/etc/modprobe.d`.
//!
//! ## Undo
//! Write `never`, and put the option back.
//!
//! ```fails
//! -- sys/module/kvm_intel/parameters/vmentry_l1d_flush --
//! never
//! -- sys/devices/system/cpu/vulnerabilities/l1tf --
//! Mitigation: PTE Inversion; VMX: vulnerable
//! ```
//! ```fails
//! -- etc/modprobe.d/kvm.conf --
//! options kvm_intel nested=0 vmentry_l1d_flush=never
//! -- sys/devices/system/cpu/vulnerabilities/l1tf --
//! Mitigation: PTE Inversion; VMX: conditional cache flushes, SMT disabled
//! ```
//! ```passes
//! -- sys/module/kvm_intel/parameters/vmentry_l1d_flush --
//! never
//! ```
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::module::{self, Wanted};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The L1 cache is flushed before a guest runs",
        pt: "O cache L1 é limpo antes de a VM executar",
        id: "Cache L1 dibersihkan sebelum VM berjalan",
    },
    why: "A guest reads what the host and other guests left in the cache.",
    references: &[
        "Linux Documentation/admin-guide/hw-vuln/l1tf.rst",
        "Linux arch/x86/kvm/vmx/vmx.c, vmentry_l1d_flush",
    ],
};

const WANTED: Wanted = Wanted {
    module: "kvm_intel",
    name: "vmentry_l1d_flush",
    good: &["cond", "always", "auto", "not required", "EPT disabled"],
    value: "cond",
};

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    let state = evidence.text("sys/devices/system/cpu/vulnerabilities/l1tf");
    match state.known()? {
        None => Ok(Verdict::NotApplicable("the kernel does not know this weakness")),
        Some(state_now) if *state_now == "Not affected" => {
            Ok(Verdict::Pass(vec![Cite::whole(state.key(), "the processor is not affected")]))
        }
        Some(_) => module::judge(evidence, &WANTED, reading),
    }
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    module::remedy(evidence, &WANTED)
}
