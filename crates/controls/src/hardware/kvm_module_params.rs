//! KVM's switches for debugging and for odd guests are off.
//!
//! ## Why
//! `ignore_msrs` hides from administrators what a guest tries, `enable_vmware_backdoor` and `force_emulation_prefix` let a guest reach
//! KVM's instruction emulator, the part of it with most holes, and `allow_unsafe_mappings` lets it keep pages it gave back.
//!
//! ## Where
//! `/sys/module/kvm/parameters`: each of the four is `N` or 0, or not there.
//!
//! ## Fix
//! Remove `options kvm …` with these names from `/etc/modprobe.d` and `kvm.…=` from the kernel's command line; reload the module
//! while no VM runs, or reboot.
//!
//! ## Undo
//! Put the options back.
//!
//! ```fails
//! -- sys/module/kvm/parameters/ignore_msrs --
//! Y
//! ```
//! ```fails
//! -- sys/module/kvm/parameters/enable_vmware_backdoor --
//! Y
//! ```
//! ```fails
//! -- sys/module/kvm/parameters/force_emulation_prefix --
//! 1
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
};

use crate::{module, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "remove the option from /etc/modprobe.d and the kernel's command line, and reload kvm",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "KVM runs without debugging switches",
        pt: "O KVM roda sem opções de depuração",
        id: "KVM berjalan tanpa opsi debug",
    },
    why: "They bring a guest closer to the weakest parts of KVM, or hide what it tries.",
    references: &[
        "Linux Documentation/admin-guide/kernel-parameters.txt, kvm.*",
        "Linux arch/x86/kvm/x86.c, force_emulation_prefix, enable_vmware_backdoor",
    ],
};

const SWITCHES: [&str; 4] =
    ["ignore_msrs", "enable_vmware_backdoor", "force_emulation_prefix", "allow_unsafe_mappings"];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let mut tally = Tally::default();
    for name in SWITCHES {
        let value = module::parameter(evidence, "kvm", name);
        if let Some(Some(now)) = tally.see(value.known()) {
            tally.file(matches!(*now, "N" | "0"), Cite::whole(value.key(), format!("{name} = {now}")));
        }
    }
    tally.verdict("KVM is not loaded, or has no such switches")
}
