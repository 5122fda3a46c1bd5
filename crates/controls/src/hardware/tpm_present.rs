//! The host has a TPM 2.0.
//!
//! ## Why
//! Firmware that was changed below the operating system shows itself nowhere but in measurements, and measurements are
//! worth something only where they can't be rewritten: in a TPM.
//!
//! ## Where
//! `/sys/class/tpm/tpm0/tpm_version_major` is 2. Not asked of a host that is a VM itself (`hypervisor` among the flags of
//! `/proc/cpuinfo`) and has none.
//!
//! ## Fix
//! Switch the TPM on in the firmware (Intel PTT, AMD fTPM, or a module on the board) and choose version 2.0.
//!
//! ## Undo
//! Switch it off in the firmware.
//!
//! ```fails
//! -- sys/class/tpm/tpm0/tpm_version_major absent --
//! ```
//! ```fails
//! -- sys/class/tpm/tpm0/tpm_version_major --
//! 1
//! ```
//! ```n/a
//! -- sys/class/tpm/tpm0/tpm_version_major absent --
//! -- proc/cpuinfo --
//! processor : 0
//! flags : fpu vme vmx hypervisor
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Advice("switch the TPM on in the firmware, in version 2.0") }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles { en: "The host has a TPM 2.0", pt: "O host tem um TPM 2.0", id: "Host memiliki TPM 2.0" },
    why: "Firmware that a guest has changed through a device shows itself nowhere else.",
    references: &["guide 1, PCI passthrough: trusted boot", "Linux Documentation/ABI/stable/sysfs-class-tpm"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let version = evidence.text("sys/class/tpm/tpm0/tpm_version_major");
    let key = version.key();
    if let Some(version) = version.known()? {
        let cite = vec![Cite::whole(key, format!("TPM version {version}"))];
        return Ok(if *version == "2" { Verdict::Pass(cite) } else { Verdict::Fail(cite) });
    }
    let processor = evidence.text("proc/cpuinfo");
    let guest =
        processor.known()?.is_some_and(|text| text.split_ascii_whitespace().any(|word| word == "hypervisor"));
    if guest {
        return Ok(Verdict::NotApplicable("the host is a VM itself"));
    }
    Ok(Verdict::Fail(vec![Cite::whole(key, "there is no TPM")]))
}
