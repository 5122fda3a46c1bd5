//! The firmware starts nothing that is not signed.
//!
//! ## Why
//! What starts before the kernel stands below every wall in this list. With Secure Boot a loader or kernel that somebody
//! exchanged doesn't start.
//!
//! ## Where
//! The firmware's variables in `/sys/firmware/efi/efivars`: `SecureBoot` is 1 and `SetupMode` is 0 (the fifth byte of each; the first four
//! are attributes). Not asked of a host that was started by a BIOS.
//!
//! ## Fix
//! Switch Secure Boot on in the firmware, with its factory keys or your own; the distribution's shim is signed. Modules that
//! are built on the host (DKMS) then need a key of their own (`mokutil --import`).
//!
//! ## Undo
//! Switch it off in the firmware.
//!
//! ```fails
//! -- sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c hex --
//! 0600000000
//! ```
//! ```fails
//! -- sys/firmware/efi/efivars/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c hex --
//! 0600000001
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::tally::Tally;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Advice("switch Secure Boot on in the firmware") }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The host boots with Secure Boot",
        pt: "O host inicia com Secure Boot",
        id: "Host boot dengan Secure Boot",
    },
    why: "A loader or kernel that somebody exchanged starts below every other wall.",
    references: &[
        "UEFI Specification 2.10, 3.3 Globally Defined Variables",
        "Linux Documentation/filesystems/efivarfs.rst",
    ],
};

/// The namespace of UEFI's own variables (`EFI_GLOBAL_VARIABLE`).
const GLOBAL: &str = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if evidence.names("sys/firmware/efi").known()?.is_none() {
        return Ok(Verdict::NotApplicable("the host was started by a BIOS"));
    }
    let mut tally = Tally::default();
    for (name, wanted) in [("SecureBoot", 1), ("SetupMode", 0)] {
        let variable = evidence.bytes(&format!("sys/firmware/efi/efivars/{name}-{GLOBAL}"));
        let Some(bytes) = tally.see(variable.known()) else { continue };
        // Firmware that has no such variable has no Secure Boot.
        let value = bytes.and_then(|bytes| bytes.get(4)).copied();
        let seen = value.map_or_else(|| format!("{name} is not there"), |value| format!("{name} = {value}"));
        tally.file(value == Some(wanted), Cite::whole(variable.key(), seen));
    }
    tally.verdict("the firmware has no variables")
}
