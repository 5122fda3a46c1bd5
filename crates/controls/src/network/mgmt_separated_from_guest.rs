//! The network that the host itself is managed by is not the one its guests are on.
//!
//! ## Why
//! Guests in one bridge with the host's own address see its broadcasts and its neighbours, may answer ARP for its gateway, and
//! reach sshd and libvirt without a router or firewall between. A guest broken into is then one step from the host.
//!
//! ## Where
//! The default routes of the host (`/proc/net/route`) and the bridges with taps (over netlink): no default route goes out by
//! such a bridge, or by an interface that is a port of one. Not applicable where no bridge has a tap, or there is no
//! default route.
//!
//! ## Fix
//! Give the guests' bridge an interface, or a VLAN, of its own, without an address of the host on it.
//!
//! ## Undo
//! Put the host's address back on the bridge.
//!
//! ```fails
//! -- proc/net/route --
//! Iface Destination Gateway  Flags RefCnt Use Metric Mask  MTU Window IRTT
//! br0 00000000 010200C0 0003 0 0 0 00000000 0 0 0
//! ```
//! ```fails
//! -- proc/net/route --
//! Iface Destination Gateway  Flags RefCnt Use Metric Mask  MTU Window IRTT
//! eno1 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
//! eno2 00000000 010200C0 0003 0 0 100 00000000 0 0 0
//! ```
use std::collections::BTreeSet;

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
        fix: Fix::Advice(
            "give the guests' bridge an interface or a VLAN of its own, without an address of the host",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Management and guests have separate networks",
        pt: "Gerenciamento e convidados têm redes separadas",
        id: "Manajemen dan guest memakai jaringan terpisah",
    },
    why: "A guest that is broken into is on the host's own network, one step from sshd and libvirt.",
    references: &[
        "guide 2, Rede virtual",
        "NIST SP 800-125B, 2 (network segmentation)",
        "Linux net/ipv4/fib_trie.c, fib_route_seq_show",
    ],
};

const ROUTES: &str = "proc/net/route";

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let Some(namespace) = evidence.namespaces.first() else {
        return Ok(Verdict::NotApplicable("no network namespace"));
    };
    let bridges: BTreeSet<&str> =
        taps(namespace)?.into_iter().map(|(bridge, _)| bridge.name.as_str()).collect();
    if bridges.is_empty() {
        return Ok(Verdict::NotApplicable("no bridge has a tap"));
    }
    let table = evidence.text(ROUTES);
    let (mut wrong, mut right) = (vec![], vec![]);
    for line in table.required()?.lines().skip(1) {
        let mut fields = line.split_whitespace();
        let (Some(device), Some("00000000"), Some("00000000")) =
            (fields.next(), fields.next(), fields.nth(5))
        else {
            continue;
        };
        let master = namespace.link(device).and_then(|link| link.master.as_deref());
        let shared = [Some(device), master].into_iter().flatten().find(|name| bridges.contains(name));
        match shared {
            Some(bridge) => wrong.push(Cite::whole(
                table.key(),
                format!("the default route goes by {device}; guests are on {bridge}"),
            )),
            None => right.push(Cite::whole(
                table.key(),
                format!("the default route goes by {device}, without guests"),
            )),
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("there is no default route"));
    }
    Ok(Verdict::unless(wrong, right))
}
