//! A guest can't stop the host with code on huge pages.
//!
//! ## Why
//! On many Intel processors a guest that changes the size of a page it executes stops the whole machine (iTLB multihit,
//! CVE-2018-12207). KVM's answer is not to execute from huge pages, and a parameter switches that off.
//!
//! ## Where
//! `/sys/module/kvm/parameters/nx_huge_pages` is not `N` or `never`, unless
//! `/sys/devices/system/cpu/vulnerabilities/itlb_multihit` says `Not affected`. After the next boot: `options kvm
//! nx_huge_pages` in modprobe.d(5).
//!
//! ## Fix
//! `echo auto > /sys/module/kvm/parameters/nx_huge_pages`, and correct the option in `/etc/modprobe.d`.
//!
//! ## Undo
//! Write `off`, and put the option back.
//!
//! ```fails
//! -- sys/module/kvm/parameters/nx_huge_pages --
//! N
//! -- sys/devices/system/cpu/vulnerabilities/itlb_multihit --
//! KVM: Vulnerable
//! ```
//! ```fails
//! -- etc/modprobe.d/kvm.conf --
//! options kvm nx_huge_pages=off
//! -- sys/devices/system/cpu/vulnerabilities/itlb_multihit --
//! KVM: Mitigation: Split huge pages
//! ```
//! ```passes
//! -- sys/module/kvm/parameters/nx_huge_pages --
//! N
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
        en: "Huge pages are not executable where that is dangerous",
        pt: "Páginas enormes não são executáveis onde isso é perigoso",
        id: "Halaman besar tidak dapat dieksekusi bila berbahaya",
    },
    why: "A guest can stop the whole machine.",
    references: &[
        "Linux Documentation/admin-guide/hw-vuln/multihit.rst",
        "Linux arch/x86/kvm/mmu/mmu.c, nx_huge_pages",
    ],
};

const WANTED: Wanted = Wanted {
    module: "kvm",
    name: "nx_huge_pages",
    good: &["Y", "y", "1", "on", "force", "auto"],
    value: "auto",
};

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    let state = evidence.text("sys/devices/system/cpu/vulnerabilities/itlb_multihit");
    match state.known()? {
        // Kernels before 5.4 know neither the weakness nor the parameter.
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
