//! A bridge joins its guests to one VLAN, not to two.
//!
//! ## Why
//! A bridge passes on whatever comes in on one port to all others. With the sub-interfaces of two VLANs in one bridge the two
//! networks are one; with a VLAN and its own parent in one bridge, frames of that VLAN come in twice and go out where they
//! must not.
//!
//! ## Where
//! The ports of every bridge with taps (over netlink): VLAN interfaces with their numbers, and what else is no tap. One VLAN
//! number at most, and no VLAN beside its parent. A bridge with `vlan_filtering` keeps its ports apart by itself, and passes.
//!
//! ## Fix
//! Make one bridge for each VLAN, with one sub-interface in it: `ip link add link eno2 name eno2.10 type vlan id 10`,
//! `ip link set eno2.10 master br10`. Or switch `vlan_filtering` on and give each port its VLAN.
//!
//! ## Undo
//! Put the interface back into the former bridge.
//!
//! ## Guides
//! Guide 2 uses `vconfig add`: today that is `ip link add … type vlan`.
//!
//! ```fails
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"vlan_filtering":false}}
//! {"index":5,"name":"eno2.10","kind":"vlan","up":true,"master":"br0","parent":"eno2","vlan":10}
//! {"index":6,"name":"eno2.20","kind":"vlan","up":true,"master":"br0","parent":"eno2","vlan":20}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true}}
//! ```
//! ```fails
//! -- netlink/link --
//! {"index":3,"name":"eno2","up":true,"master":"br0"}
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{}}
//! {"index":5,"name":"eno2.10","kind":"vlan","up":true,"master":"br0","parent":"eno2","vlan":10}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true}}
//! ```
//! ```passes
//! -- netlink/link --
//! {"index":4,"name":"br10","kind":"bridge","up":true,"bridge":{"vlan_filtering":false}}
//! {"index":5,"name":"eno2.10","kind":"vlan","up":true,"master":"br10","parent":"eno2","vlan":10}
//! {"index":6,"name":"eno3.10","kind":"vlan","up":true,"master":"br10","parent":"eno3","vlan":10}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br10","tun":{"tap":true}}
//! ```
use std::collections::{BTreeMap, BTreeSet};

use formats::netlink::link::Link;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::tap::taps;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("make one bridge for each VLAN, or switch vlan_filtering on"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "One bridge for each VLAN",
        pt: "Uma bridge para cada VLAN",
        id: "Satu bridge untuk setiap VLAN",
    },
    why: "Two networks that were to be apart are one.",
    references: &[
        "guide 2, Rede virtual: VLAN 802.1q, uma bridge por VLAN",
        "Linux Documentation/networking/bridge.rst",
        "ip-link(8), VLAN type",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for namespace in &evidence.namespaces {
        let bridges: BTreeMap<&str, &Link> =
            taps(namespace)?.into_iter().map(|(bridge, _)| (bridge.name.as_str(), bridge)).collect();
        let mut ports: BTreeMap<&str, Vec<&Link>> = BTreeMap::new();
        for link in namespace.links.ok().into_iter().flatten() {
            if let Some(bridge) = link.master.as_deref().filter(|master| bridges.contains_key(master)) {
                ports.entry(bridge).or_default().push(link);
            }
        }
        for (name, bridge) in bridges {
            let filters = bridge.bridge.as_ref().and_then(|own| own.vlan_filtering) == Some(true);
            let fault = fault(ports.get(name).map_or(&[][..], Vec::as_slice)).filter(|_| !filters);
            let (list, seen) = match fault {
                Some(fault) => (&mut wrong, fault),
                None if filters => (&mut right, "VLAN filtering is on".to_owned()),
                None => (&mut right, "one network".to_owned()),
            };
            list.push(Cite::whole(namespace.links.key(), format!("{name}: {seen}")));
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("no bridge has a tap"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn fault(ports: &[&Link]) -> Option<String> {
    let vlans: BTreeSet<u16> = ports.iter().filter_map(|port| port.vlan).collect();
    if vlans.len() > 1 {
        let numbers: Vec<String> = vlans.iter().map(u16::to_string).collect();
        return Some(format!("it joins the VLANs {}", numbers.join(" and ")));
    }
    let names: BTreeSet<&str> = ports.iter().map(|port| port.name.as_str()).collect();
    let with_parent = |port: &&&Link| {
        port.vlan.is_some() && port.parent.as_deref().is_some_and(|parent| names.contains(parent))
    };
    ports.iter().find(with_parent).map(|port| {
        format!("it joins {} and its parent {}", port.name, port.parent.as_deref().unwrap_or_default())
    })
}
