//! libvirt starts no VM unconfined, whatever its XML asks for.
//!
//! ## Why
//! One element in a VM's XML, `<seclabel type='none'/>`, takes its label away. Whoever may define a VM may write it,
//! and a template copied from a forum brings it along. With `security_require_confined` libvirt refuses to start such a
//! VM.
//!
//! ## Where
//! `security_default_confined` (default 1) and `security_require_confined` (default 0) of `/etc/libvirt/qemu.conf`,
//! each has to be 1. The daemon reads them when it starts.
//!
//! ## Fix
//! Set both to 1 and restart the daemon. VMs that are unconfined on purpose will no longer start: see
//! `confinement.seclabel-none` for which these are.
//!
//! ## Undo
//! Put the former lines back and restart the daemon.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! security_require_confined = 0
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! #security_require_confined = 1
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! security_default_confined = 0
//! security_require_confined = 1
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{ask, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt refuses unconfined VMs",
        pt: "O libvirt recusa VMs sem confinamento",
        id: "libvirt menolak VM tanpa pembatasan",
    },
    why: "One element in a VM's XML takes its label away, unless libvirt refuses to start it.",
    references: &[
        "libvirt src/qemu/qemu.conf.in, security_default_confined and security_require_confined",
        "guide 1, mandatory access controls",
    ],
};

/// The two keys and libvirt's defaults of them.
const KEYS: [(&str, i64); 2] = [("security_default_confined", 1), ("security_require_confined", 0)];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if mac::no_libvirt(evidence)? {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for (name, default) in KEYS {
        let setting = ask::setting(&evidence.qemu_conf, name)?;
        let cite = setting.cite(&default.to_string());
        if setting.int(default) == Some(1) { right.push(cite) } else { wrong.push(cite) }
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let mut wanted = vec![];
    for (name, default) in KEYS {
        if ask::setting(&evidence.qemu_conf, name)?.int(default) != Some(1) {
            wanted.push((name, Value::Int(1)));
        }
    }
    if wanted.is_empty() {
        return Ok(vec![]);
    }
    ask::set_all(&evidence.qemu_conf, &wanted, Disposition::DaemonRestart)
}
