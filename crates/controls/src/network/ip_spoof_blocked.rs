//! The host drops packets from a guest's port whose source is not the guest's own IP address.
//!
//! ## Why
//! A guest that sends with another's IP address passes for it: firewalls that know hosts by address let it in, answers
//! of an attack go to the victim, and an abuse report names the wrong tenant.
//!
//! ## Where
//! The kernel's nftables rules (over netlink; ebtables-nft lives there too): ingress of the tap and prerouting of the bridge
//! family, walked with IPv4 and IPv6 packets with foreign sources from the tap of each running VM. ebtables-nft tests
//! addresses with modules that are not read back: there the filter bound to the tap (`/run/libvirt/nwfilter-binding`) counts, if
//! it pins them and its rules are in force.
//!
//! ## Fix
//! Attach a libvirt filter that has `no-ip-spoofing`, with the guest's address as parameter `IP`
//! (`network.nwfilter-attached`), and for IPv6 `no-ipv6-spoofing`; or write rules of your own for each port.
//!
//! ## Undo
//! Take the filter out of the XML again; delete the rules.
//!
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"nat","handle":2}}
//! {"chain":{"family":"bridge","table":"nat","name":"PREROUTING","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! ```
//! ```fails
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0800"}},{"payload":{"base":"network","offset":12,"length":4,"register":1}},{"cmp":{"register":1,"op":"!=","value":"0xc000020a"}},{"verdict":"drop"}]}}
//! ```
//! ```passes
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0800"}},{"payload":{"base":"network","offset":12,"length":4,"register":1}},{"cmp":{"register":1,"op":"!=","value":"0xc000020a"}},{"verdict":"drop"}]}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":3,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x86dd"}},{"verdict":"drop"}]}}
//! ```
use model::{
    control::{Control, Fix, Judged, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
};

use crate::tap::{self, Tap};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Interface(Rule {
        judge: |evidence, interface, _| tap::judged(evidence, interface, |tap| judge(evidence, tap)),
        fix: Fix::Advice(
            "attach the filter clean-traffic with the parameter IP, or pin source addresses in bridge prerouting",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A guest sends with its own IP address alone",
        pt: "Um convidado só envia com o próprio endereço IP",
        id: "Guest hanya mengirim dengan alamat IP-nya sendiri",
    },
    why: "A guest passes for another, and attacks go out in another's name.",
    references: &[
        "guide 2, Rede virtual: spoofing",
        "RFC 2827 (network ingress filtering)",
        "libvirt docs/formatnwfilter.rst, IPv4 and IPv6",
    ],
};

fn judge(evidence: &Evidence, tap: &Tap) -> Judged {
    let own = tap.mac()?;
    let frame = || tap.frame().source(own);
    let ipv4 = [("IPv4 with another source", frame().ipv4(None).network(12, &tap::FOREIGN))];
    let ipv6 = [(
        "IPv6 with another source",
        frame().kind(0x86dd).network(0, &[0x60]).network(8, &tap::FOREIGN_IPV6),
    )];
    let ipv4 = tap.none_but(evidence, &ipv4, |filter| filter.ip);
    let ipv6 = tap.none_but(evidence, &ipv6, |filter| filter.ip6);
    tap::worst(ipv4, ipv6)
}
