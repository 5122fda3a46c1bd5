//! Memory encryption that the processor has is switched on.
//!
//! ## Why
//! SEV keeps a guest's memory from the host and from other guests, and a guest's owner can't ask for it where the host does not
//! offer it. It costs nothing to offer.
//!
//! ## Where
//! `/proc/cpuinfo`: the flags `sev`, `sev_es`, `sev_snp`; for each that the processor has, the parameter of that name under
//! `/sys/module/kvm_amd/parameters`. Processors without these flags, Intel's among them, are not judged.
//!
//! ## Fix
//! `mem_encrypt=on kvm_amd.sev=1 kvm_amd.sev_es=1` (and `sev_snp=1`) on the kernel's command line; the firmware must offer it as
//! well (SMEE, and the RMP table for SEV-SNP). Reboot.
//!
//! ## Undo
//! Remove the words and reboot.
//!
//! ```fails
//! -- proc/cpuinfo --
//! processor	: 0
//! vendor_id	: AuthenticAMD
//! flags		: fpu svm sme sev sev_es
//! -- sys/module/kvm_amd/parameters dir --
//! -- sys/module/kvm_amd/parameters/sev --
//! Y
//! -- sys/module/kvm_amd/parameters/sev_es --
//! N
//! ```
//! ```passes
//! -- proc/cpuinfo --
//! processor	: 0
//! vendor_id	: AuthenticAMD
//! flags		: fpu svm sme sev sev_es
//! -- sys/module/kvm_amd/parameters dir --
//! -- sys/module/kvm_amd/parameters/sev --
//! Y
//! -- sys/module/kvm_amd/parameters/sev_es --
//! 1
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
};

use crate::{module, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Info,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "boot with mem_encrypt=on kvm_amd.sev=1 kvm_amd.sev_es=1, once the firmware offers it",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Memory encryption is offered where the processor has it",
        pt: "A criptografia de memória é oferecida onde o processador a tem",
        id: "Enkripsi memori ditawarkan bila prosesor memilikinya",
    },
    why: "Nobody can ask for an encrypted guest here, though the processor could run one.",
    references: &[
        "guide 1, AMD SEV",
        "libvirt docs/kbase/launch_security_sev.rst, Enabling SEV on the host",
        "Linux Documentation/virt/kvm/x86/amd-memory-encryption.rst",
    ],
};

/// Flags of the processor, and parameters of `kvm_amd` of the same names.
const FEATURES: [&str; 3] = ["sev", "sev_es", "sev_snp"];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let processor = evidence.text("proc/cpuinfo");
    let flags = processor.required()?.lines().find_map(|line| line.strip_prefix("flags")?.split_once(':'));
    let has =
        |feature: &str| flags.is_some_and(|(_, flags)| flags.split_whitespace().any(|flag| flag == feature));
    let mut tally = Tally::default();
    for feature in FEATURES.into_iter().filter(|feature| has(feature)) {
        let parameter = module::parameter(evidence, "kvm_amd", feature);
        let Some(value) = tally.see(parameter.known()) else { continue };
        let on = value.is_some_and(|value| matches!(*value, "Y" | "1"));
        let seen =
            value.map_or_else(|| format!("{feature} is not there"), |value| format!("{feature} = {value}"));
        tally.file(on, Cite::whole(parameter.key(), seen));
    }
    tally.verdict("the processor does not encrypt guests' memory")
}
