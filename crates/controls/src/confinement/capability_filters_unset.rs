//! No switch of `/etc/libvirt/qemu.conf` that is meant for libvirt's own tests is used.
//!
//! ## Why
//! `capability_filters` makes libvirt believe that QEMU lacks a feature, sandboxing and `-blockdev` among them, and
//! `deprecation_behavior` makes a guest's start end in an abort. The file says of both that they are not for
//! production.
//!
//! ## Where
//! `capability_filters` and `deprecation_behavior` of `/etc/libvirt/qemu.conf` are not set, or to nothing (`[]`,
//! `"none"`).
//!
//! ## Fix
//! Comment the lines out, restart the daemon, and shut down and start the VMs.
//!
//! ## Undo
//! Put the former lines back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! capability_filters = [ "blockdev" ]
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! deprecation_behavior = "crash"
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! capability_filters = []
//! deprecation_behavior = "none"
//! ```
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{ask, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No test switches in qemu.conf",
        pt: "Nenhuma opção de teste no qemu.conf",
        id: "Tidak ada sakelar uji di qemu.conf",
    },
    why: "These switches make libvirt believe that QEMU lacks a feature, its sandbox among them.",
    references: &["libvirt src/qemu/qemu.conf.in, capability_filters and deprecation_behavior"],
};

/// Keys that say of themselves that they are not for production.
const KEYS: [&str; 2] = ["capability_filters", "deprecation_behavior"];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if mac::no_libvirt(evidence)? {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for key in KEYS {
        let setting = ask::setting(&evidence.qemu_conf, key)?;
        let fine = setting.list().is_none_or(|values| values.iter().all(|value| *value == "none"));
        (if fine { &mut right } else { &mut wrong }).push(setting.cite("nothing"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? else { return Ok(vec![]) };
    let file = evidence.qemu_conf.required()?;
    let mut splices: Vec<_> = KEYS.iter().flat_map(|key| file.unset(key)).collect();
    splices.sort_by_key(|splice| splice.span);
    Ok(ask::edit(format!("/{}", evidence.qemu_conf.key()), splices, Disposition::VmRestart))
}
