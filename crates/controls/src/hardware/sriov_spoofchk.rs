//! A network card's virtual functions can't forge addresses.
//!
//! ## Why
//! A guest with a virtual function of its own sends past every bridge, filter and firewall of the host: the card alone can hold
//! it to its address. Trusted, the function may also listen to what is meant for others.
//!
//! ## Where
//! The virtual functions of every network interface (over netlink, `IFLA_VFINFO_LIST`): `spoofchk` on, `trust` off. A card that
//! doesn't say whether it checks is taken as one that does not.
//!
//! ## Fix
//! `ip link set dev PF vf N spoofchk on trust off`, and for each boot by what makes the functions (a udev rule, Neutron's SR-IOV
//! agent). A guest that must use several addresses (a router, a bond) needs an exception.
//!
//! ## Undo
//! `ip link set dev PF vf N spoofchk off` and `trust on`, where they were so.
//!
//! ```fails
//! -- netlink/link --
//! {"index":2,"name":"eno1","up":true,"functions":[{"number":0,"mac":"52:54:00:3a:91:07","spoofchk":false,"trust":false}]}
//! ```
//! ```fails
//! -- netlink/link --
//! {"index":2,"name":"eno1","up":true,"functions":[{"number":0,"spoofchk":true,"trust":true}]}
//! ```
//! ```fails
//! -- netlink/link --
//! {"index":2,"name":"eno1","up":true,"functions":[{"number":0,"mac":"52:54:00:3a:91:07"}]}
//! ```
//! ```passes
//! -- netlink/link --
//! {"index":2,"name":"eno1","up":true,"functions":[{"number":0,"spoofchk":true,"trust":false},{"number":1,"spoofchk":true}]}
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
};

use crate::tally::Tally;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "`ip link set dev PF vf N spoofchk on trust off` for each, and the same at each boot",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Virtual functions can't forge addresses",
        pt: "Funções virtuais não podem forjar endereços",
        id: "Fungsi virtual tidak dapat memalsukan alamat",
    },
    why: "The guest sends past every filter of the host, and nothing holds it to its address.",
    references: &[
        "guide 2, Rede virtual: SR-IOV",
        "NIST SP 800-125B, 4 (MAC spoofing)",
        "ip-link(8), vf spoofchk, trust",
        "Linux net/core/rtnetlink.c, rtnl_fill_vfinfo",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let mut tally = Tally::default();
    for namespace in &evidence.namespaces {
        for link in tally.see(namespace.links.required()).into_iter().flatten() {
            for function in &link.functions {
                let checked = function.spoofchk == Some(true);
                let trusted = function.trust == Some(true);
                let seen = match (checked, trusted) {
                    (true, false) => "can't forge its address",
                    (false, _) => "may forge its address: spoofchk is not on",
                    (true, true) => "is trusted",
                };
                let seen = format!("{} function {} {seen}", link.name, function.number);
                tally.file(checked && !trusted, Cite::whole(namespace.links.key(), seen));
            }
        }
    }
    tally.verdict("no network card has virtual functions")
}
