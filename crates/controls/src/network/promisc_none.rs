//! No guest's port and no guests' bridge is in promiscuous mode at somebody's wish.
//!
//! ## Why
//! A tap or bridge that somebody made promiscuous is being listened to on the host: a forgotten capture, or one that nobody was
//! to know of. It also hands the bridge frames that were for others.
//!
//! ## Where
//! The flag `IFF_PROMISC` of taps and of bridges with taps (over netlink). A bridge makes its ports promiscuous in a way
//! of its own, which does not set the flag, and passes.
//!
//! ## Fix
//! Find out who listens (`ss -0 -p`), then `ip link set dev vnet0 promisc off`.
//!
//! ## Undo
//! `ip link set dev vnet0 promisc on`.
//!
//! ```fails
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"bridge":{}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"promiscuous":true,"promiscuity":2,"master":"br0","tun":{"tap":true}}
//! ```
//! ```fails
//! -- netlink/link --
//! {"index":4,"name":"br0","kind":"bridge","up":true,"promiscuous":true,"bridge":{}}
//! {"index":9,"name":"vnet0","kind":"tun","up":true,"promiscuity":1,"master":"br0","tun":{"tap":true}}
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::tap::taps;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("find out who listens with `ss -0 -p`, then `ip link set dev NAME promisc off`"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Nobody listens on guests' ports",
        pt: "Ninguém escuta nas portas dos convidados",
        id: "Tidak ada yang menyadap port guest",
    },
    why: "Somebody on the host reads guests' traffic, or forgot to stop.",
    references: &["netdevice(7), IFF_PROMISC", "Linux net/bridge/br_if.c, br_manage_promisc"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for namespace in &evidence.namespaces {
        for link in taps(namespace)?.into_iter().flat_map(|(bridge, tap)| [bridge, tap]) {
            let (list, seen) =
                if link.promiscuous { (&mut wrong, "promiscuous") } else { (&mut right, "not promiscuous") };
            let cite = Cite::whole(namespace.links.key(), format!("{} is {seen}", link.name));
            // A bridge comes once for each of its taps.
            if list.last() != Some(&cite) {
                list.push(cite);
            }
        }
    }
    right.truncate(3);
    wrong.sort_by(|a, b| a.seen.cmp(&b.seen));
    wrong.dedup();
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("no bridge has a tap"));
    }
    Ok(Verdict::unless(wrong, right))
}
