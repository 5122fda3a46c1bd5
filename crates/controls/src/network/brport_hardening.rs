//! A guest's port of a bridge does not take part in what is the bridge's business.
//!
//! ## Why
//! A guest that sends spanning tree messages becomes the root of the network and all traffic goes through it; one whose
//! frames come back to its own port (hairpin) talks past the rules between ports; where the bridge answers ARP for others at
//! that port, it answers with what a guest told it.
//!
//! ## Where
//! The flags of every tap that is a port of a bridge (over netlink): `hairpin` and `proxyarp` are off; where the bridge
//! runs spanning tree (`stp_state`), `bpdu_guard` and `root_block` are on; where the port does not learn, `unicast_flood` is off,
//! since the table is complete.
//!
//! ## Fix
//! `bridge link set dev vnet0 hairpin off guard on root_block on`, and `flood off` where learning is off. libvirt makes the
//! port anew at every start: do it in a hook.
//!
//! ## Undo
//! Set the flags back.
//!
//! ```fails
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"stp_state":0}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true},"port":{"hairpin":true}}
//! ```
//! ```fails
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"stp_state":1}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true},"port":{"bpdu_guard":false,"root_block":true}}
//! ```
//! ```fails
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"stp_state":0}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true},"port":{"learning":false,"unicast_flood":true}}
//! ```
//! ```passes
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"stp_state":1}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true},"port":{"bpdu_guard":true,"root_block":true,"learning":true,"unicast_flood":true}}
//! ```
use formats::netlink::link::{Link, Port};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::tap::taps;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "`bridge link set dev TAP hairpin off guard on root_block on` at each start, in a hook",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Guests' bridge ports are hardened",
        pt: "As portas de bridge dos convidados são protegidas",
        id: "Port bridge milik guest diperkeras",
    },
    why: "A guest becomes the root of the spanning tree, or talks past the rules between ports.",
    references: &["bridge(8), bridge link set", "Linux include/uapi/linux/if_link.h, IFLA_BRPORT_*"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for namespace in &evidence.namespaces {
        for (bridge, tap) in taps(namespace)? {
            let faults = tap.port.as_ref().map(|port| faults(bridge, port)).unwrap_or_default();
            let key = namespace.links.key();
            if faults.is_empty() {
                right.push(Cite::whole(key, format!("{} is as it should be", tap.name)));
            } else {
                wrong.push(Cite::whole(key, format!("{}: {}", tap.name, faults.join(", "))));
            }
        }
    }
    right.truncate(3);
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("no bridge has a tap"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn faults(bridge: &Link, port: &Port) -> Vec<&'static str> {
    let spanning = bridge.bridge.as_ref().and_then(|own| own.stp_state).is_some_and(|state| state != 0);
    let all = [
        (port.hairpin == Some(true), "hairpin is on"),
        (port.proxyarp == Some(true), "proxyarp is on"),
        (spanning && port.bpdu_guard != Some(true), "bpdu_guard is off under spanning tree"),
        (spanning && port.root_block != Some(true), "root_block is off under spanning tree"),
        (
            port.learning == Some(false) && port.unicast_flood == Some(true),
            "it does not learn, and is flooded",
        ),
    ];
    all.into_iter().filter_map(|(wrong, what)| wrong.then_some(what)).collect()
}
