//! Where guests have no network filter, libvirt at least holds them to their MAC addresses.
//!
//! ## Why
//! `mac_filter` is QEMU's driver's own, old and simple: it drops frames of a guest with another's source address. It is off where it is
//! not set, and many believe that libvirt does this by itself.
//!
//! ## Where
//! `mac_filter` of `/etc/libvirt/qemu.conf` (default 0), or a `filterref` on every interface of every VM's inactive XML
//! (`/etc/libvirt/qemu`) that is on a bridge of this host. Not applicable where there is no such interface.
//!
//! ## Fix
//! Attach a network filter (`network.nwfilter-attached`), which does more; or set `mac_filter = 1`, with ebtables installed.
//!
//! ## Undo
//! Put the former line back and restart the daemon.
//!
//! ```fails vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/></interface>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! user = "libvirt-qemu"
//! ```
//! ```passes vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/></interface>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! mac_filter = 1
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::{ask, tap};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "attach a network filter to every interface, or set `mac_filter = 1` in /etc/libvirt/qemu.conf",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "MAC addresses are held by filter or driver",
        pt: "Endereços MAC são fixados por filtro ou driver",
        id: "Alamat MAC dijaga oleh filter atau driver",
    },
    why: "A guest sends with any source address, and nothing stops it.",
    references: &["guide 2, Rede virtual: ebtables", "libvirt src/qemu/qemu.conf.in, mac_filter"],
};

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    let setting = ask::setting(&evidence.qemu_conf, "mac_filter")?;
    if setting.int(0) == Some(1) {
        return Ok(Verdict::Pass(vec![setting.cite("0")]));
    }
    let (mut wrong, mut right, mut missing) = (vec![], vec![], None);
    for interface in &evidence.interfaces {
        match interface.view(evidence, reading) {
            Ok(Some((view, found))) if tap::elsewhere(evidence, found).is_none() => match &found.filterref {
                Some(filter) => right.push(Cite::bytes(&view.key, filter.at.open, "a network filter")),
                None => wrong.push(Cite::bytes(&view.key, found.at.open, "no network filter")),
            },
            Ok(_) => {}
            Err(why) => missing = Some(why),
        }
    }
    right.truncate(3);
    wrong.truncate(3);
    match missing {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ if wrong.is_empty() && right.is_empty() => {
            Ok(Verdict::NotApplicable("no interface is on a bridge of this host"))
        }
        _ => {
            wrong.extend((!wrong.is_empty()).then(|| setting.cite("0")));
            Ok(Verdict::unless(wrong, right))
        }
    }
}
