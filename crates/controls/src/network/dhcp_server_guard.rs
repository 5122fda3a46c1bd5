//! A guest cannot answer DHCP for the others.
//!
//! ## Why
//! The first answer to a DHCP question wins, and it says who the gateway and the name server are. A guest that answers is both
//! for every machine that asks on that network.
//!
//! ## Where
//! The kernel's nftables rules (over netlink): ingress of the tap and prerouting of the bridge family, walked with UDP from
//! port 67 and, for DHCPv6, from port 547, from the tap of each running VM. libvirt's own filters do not stop it.
//!
//! ## Fix
//! Drop it at the port: `nft add rule bridge TABLE PREROUTING iifname vnet0 udp sport '{ 67, 547 }' drop`. Where a guest is
//! the DHCP server, grant an exception for it.
//!
//! ## Undo
//! Delete the rule.
//!
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"nat","handle":2}}
//! {"chain":{"family":"bridge","table":"nat","name":"PREROUTING","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! ```
//! ```fails
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":6,"length":6,"register":1}},{"cmp":{"register":1,"op":"!=","value":"0x5254003a9107"}},{"verdict":"drop"}]}}
//! ```
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"nat","handle":2}}
//! {"chain":{"family":"bridge","table":"nat","name":"PREROUTING","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"chain":{"family":"bridge","table":"nat","name":"libvirt-I-vnet0","handle":2}}
//! {"chain":{"family":"bridge","table":"nat","name":"I-vnet0-mac","handle":3}}
//! {"chain":{"family":"bridge","table":"nat","name":"I-vnet0-ipv4-ip","handle":4}}
//! {"rule":{"family":"bridge","table":"nat","chain":"PREROUTING","handle":10,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"counter":{"packets":0,"bytes":0}},{"verdict":{"jump":"libvirt-I-vnet0"}}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"libvirt-I-vnet0","handle":11,"expr":[{"counter":{"packets":0,"bytes":0}},{"verdict":{"jump":"I-vnet0-mac"}}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"libvirt-I-vnet0","handle":12,"expr":[{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0800"}},{"counter":{"packets":0,"bytes":0}},{"verdict":{"jump":"I-vnet0-ipv4-ip"}}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"libvirt-I-vnet0","handle":13,"expr":[{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0800"}},{"counter":{"packets":0,"bytes":0}},{"verdict":"accept"}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"libvirt-I-vnet0","handle":16,"expr":[{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0806"}},{"counter":{"packets":0,"bytes":0}},{"verdict":"accept"}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"libvirt-I-vnet0","handle":17,"expr":[{"counter":{"packets":0,"bytes":0}},{"verdict":"drop"}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"I-vnet0-mac","handle":18,"expr":[{"payload":{"base":"link","offset":6,"length":6,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x5254003a9107"}},{"counter":{"packets":0,"bytes":0}},{"verdict":"return"}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"I-vnet0-mac","handle":19,"expr":[{"counter":{"packets":0,"bytes":0}},{"verdict":"drop"}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"I-vnet0-ipv4-ip","handle":20,"expr":[{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0800"}},{"other":"match"},{"counter":{"packets":0,"bytes":0}},{"verdict":"return"}]}}
//! {"rule":{"family":"bridge","table":"nat","chain":"I-vnet0-ipv4-ip","handle":21,"expr":[{"counter":{"packets":0,"bytes":0}},{"verdict":"drop"}]}}
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
        fix: Fix::Advice("drop UDP from ports 67 and 547 that comes from taps, in bridge prerouting"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Guests do not serve DHCP",
        pt: "Convidados não servem DHCP",
        id: "Guest tidak melayani DHCP",
    },
    why: "A guest that answers is gateway and name server for whoever asks.",
    references: &["RFC 2131, 7 (security considerations)", "RFC 7610 (DHCPv6-Shield)"],
};

fn judge(evidence: &Evidence, tap: &Tap) -> Judged {
    let own = tap.mac()?;
    let frames = [
        ("a DHCP answer", tap.frame().source(own).ipv4(Some(17)).transport(0, &67_u16.to_be_bytes())),
        ("a DHCPv6 answer", tap.frame().source(own).ipv6(17).transport(0, &547_u16.to_be_bytes())),
    ];
    tap.none_but(evidence, &frames, |filter| filter.dhcp)
}
