//! A guest cannot announce itself as a router of IPv6.
//!
//! ## Why
//! Every machine on a network takes a router advertisement for true: one packet, and all of them have this guest as their way
//! out and their name server, also those that nobody meant to use IPv6 at all.
//!
//! ## Where
//! The kernel's nftables rules (over netlink): ingress of the tap and prerouting of the bridge family, walked with ICMPv6 of
//! type 134 (router advertisement) and 137 (redirect) from the tap of each running VM.
//!
//! ## Fix
//! Drop it at the port: `nft add rule bridge TABLE PREROUTING iifname vnet0 icmpv6 type '{ 134, 137 }' drop`; or attach
//! `clean-traffic`, which drops all IPv6. Where a guest is the router, grant an exception for it.
//!
//! ## Undo
//! Delete the rule; take the filter out of the XML.
//!
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"nat","handle":2}}
//! {"chain":{"family":"bridge","table":"nat","name":"PREROUTING","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! ```
//! ```fails
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"meta":{"key":"l4proto","register":1}},{"cmp":{"register":1,"op":"==","value":"0x3a"}},{"payload":{"base":"transport","offset":0,"length":1,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x86"}},{"verdict":"drop"}]}}
//! ```
//! ```passes
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"meta":{"key":"l4proto","register":1}},{"cmp":{"register":1,"op":"==","value":"0x3a"}},{"payload":{"base":"transport","offset":0,"length":1,"register":1}},{"cmp":{"register":1,"op":">=","value":"0x86"}},{"verdict":"drop"}]}}
//! ```
use model::{
    control::{Control, Fix, Judged, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
};

use crate::tap::{self, Tap};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Interface(Rule {
        judge: |evidence, interface, _| tap::judged(evidence, interface, |tap| judge(evidence, tap)),
        fix: Fix::Advice("drop ICMPv6 of types 134 and 137 that comes from taps, in bridge prerouting"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Guests do not announce routers",
        pt: "Convidados não anunciam roteadores",
        id: "Guest tidak mengumumkan router",
    },
    why: "One packet, and the guest is the way out for every machine on the network.",
    references: &["RFC 6105 (IPv6 Router Advertisement Guard)", "RFC 4861, 4.2 and 4.5"],
};

fn judge(evidence: &Evidence, tap: &Tap) -> Judged {
    let own = tap.mac()?;
    let frames = [
        ("a router advertisement", tap.frame().source(own).ipv6(58).transport(0, &[134])),
        ("a redirect", tap.frame().source(own).ipv6(58).transport(0, &[137])),
    ];
    tap.none_of(evidence, &frames)
}
