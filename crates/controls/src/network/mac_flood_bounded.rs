//! No guest can fill a bridge's forwarding table, or take another's place in it.
//!
//! ## Why
//! A bridge learns an entry from every new source address. A guest that makes up addresses fills the table until the
//! bridge sends everybody's frames to every port; with one made-up frame it takes over the entry of the gateway. Frames to
//! 01:80:c2:00:00:0e (LLDP) are learned from before any rule sees them, so that rules alone do not stop it.
//!
//! ## Where
//! Every bridge with taps (over netlink). It passes where the bridge learns a bounded number (`fdb_max_learned`, since
//! Linux 6.7), where the tap does not learn (`learning off`, as with `macTableManager='libvirt'`), or where foreign source
//! addresses from the tap are dropped in ingress or bridge prerouting and the bridge has `no_linklocal_learn` on.
//!
//! ## Fix
//! In a libvirt network write `<bridge macTableManager='libvirt'/>`; on a bridge of your own
//! `ip link set br0 type bridge no_linklocal_learn 1` with a filter at each port, or `bridge link set dev vnet0 learning off`
//! with a static entry for each guest.
//!
//! ## Undo
//! Switch learning on again; restart the network.
//!
//! ```fails
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"no_linklocal_learn":false}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true},"port":{"learning":true}}
//! ```
//! ```fails
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"no_linklocal_learn":true,"fdb_max_learned":0}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true},"port":{"learning":true}}
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"nat","handle":2}}
//! ```
//! ```passes
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"no_linklocal_learn":true}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true},"port":{"learning":true}}
//! ```
//! ```passes
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{"fdb_max_learned":64}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"master":"br0","tun":{"tap":true},"port":{"learning":true}}
//! ```
use formats::netlink::link::Link;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Namespace},
    fact::Missing,
};

use crate::{
    frame::{Fate, Frame, fate},
    tap::taps,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "write `macTableManager='libvirt'` in the network, or set no_linklocal_learn and drop foreign source addresses",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Forwarding tables can't be flooded",
        pt: "As tabelas de encaminhamento não podem ser inundadas",
        id: "Tabel penerusan tidak bisa dibanjiri",
    },
    why: "The bridge sends everybody's frames to this guest, or to all.",
    references: &[
        "guide 2, Rede virtual: MAC flooding",
        "Linux net/bridge/br_input.c, br_handle_frame; net/bridge/br_fdb.c",
        "libvirt docs/formatnetwork.rst, macTableManager",
    ],
};

/// A source address that is no guest's: administered locally, and not by libvirt.
const MADE_UP: [u8; 6] = [0x02, 0xba, 0x1a, 0x27, 0xe0, 0x01];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right, mut missing) = (vec![], vec![], None);
    for namespace in &evidence.namespaces {
        for (bridge, tap) in taps(namespace)? {
            match bounded(namespace, bridge, tap) {
                Ok(Ok(seen)) => right.push(Cite::whole(namespace.links.key(), seen)),
                Ok(Err(seen)) => wrong.push(Cite::whole(namespace.links.key(), seen)),
                Err(why) => missing = Some(why),
            }
        }
    }
    right.truncate(3);
    match missing {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ if wrong.is_empty() && right.is_empty() => Ok(Verdict::NotApplicable("no bridge has a tap")),
        _ => Ok(Verdict::unless(wrong, right)),
    }
}

/// What bounds the entries that a tap makes, or what is open.
fn bounded(namespace: &Namespace, bridge: &Link, tap: &Link) -> Result<Result<String, String>, Missing> {
    let own = bridge.bridge.as_ref();
    if let Some(most) = own.and_then(|own| own.fdb_max_learned).filter(|most| *most > 0) {
        return Ok(Ok(format!("{} learns {most} addresses at most", bridge.name)));
    }
    if tap.port.as_ref().and_then(|port| port.learning) == Some(false) {
        return Ok(Ok(format!("{} does not learn from {}", bridge.name, tap.name)));
    }
    if own.and_then(|own| own.no_linklocal_learn) != Some(true) {
        return Ok(Err(format!(
            "{} learns from {} without bound, from link-local frames too",
            bridge.name, tap.name
        )));
    }
    let rules = &namespace.ruleset;
    match fate(rules.required()?, &Frame::from(&tap.name, Some(tap)).source(MADE_UP)) {
        Fate::Dropped(rule) => Ok(Ok(format!("a made-up source address from {}: {rule}", tap.name))),
        Fate::Passes => Ok(Err(format!("{} learns made-up addresses from {}", bridge.name, tap.name))),
        Fate::Obscure(rule) => {
            let why =
                format!("{rule} decides about a made-up address from {}, and is not understood", tap.name);
            Err(Missing { key: rules.key().clone(), why: why.into() })
        }
    }
}
