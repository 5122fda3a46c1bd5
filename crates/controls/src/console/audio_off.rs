//! A guest does not play sound on the host, nor hear it.
//!
//! ## Why
//! With host audio allowed, QEMU opens the host's sound server or card: one more parser and one more socket of the host
//! that a guest can reach, and a microphone if there is one. On a server nobody listens.
//!
//! ## Where
//! `vnc_allow_host_audio` and `nographics_allow_host_audio` of `/etc/libvirt/qemu.conf`; both are 0 where they are not set.
//!
//! ## Fix
//! Set both to 0, or remove them, and restart the daemon and the VMs.
//!
//! ## Undo
//! Put the former lines back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_allow_host_audio = 1
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! nographics_allow_host_audio = 1
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles { en: "No sound on the host", pt: "Nenhum som no host", id: "Tidak ada suara di host" },
    why: "A guest reaches the host's sound server, and a microphone if there is one.",
    references: &["libvirt src/qemu/qemu.conf.in, vnc_allow_host_audio and nographics_allow_host_audio"],
};

const KEYS: [&str; 2] = ["vnc_allow_host_audio", "nographics_allow_host_audio"];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if !evidence.has_libvirt() && evidence.qemu_conf.known()?.is_none() {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for key in KEYS {
        let setting = ask::setting(&evidence.qemu_conf, key)?;
        let list = if setting.int(0) == Some(0) { &mut right } else { &mut wrong };
        list.push(setting.cite("0"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let mut splices = vec![];
    let Some(file) = evidence.qemu_conf.known()? else { return Ok(vec![]) };
    for key in KEYS {
        if ask::setting(&evidence.qemu_conf, key)?.int(0) != Some(0) {
            let refused = |why: formats::Malformed| Missing {
                key: evidence.qemu_conf.key().clone(),
                why: why.to_string().into(),
            };
            splices.extend(file.set(key, &Value::Int(0)).map_err(refused)?);
        }
    }
    splices.sort_by_key(|splice| splice.span);
    Ok(ask::edit(format!("/{}", evidence.qemu_conf.key()), splices, Disposition::VmRestart))
}
