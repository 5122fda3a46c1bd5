//! The host drops ARP from a guest's port that does not say the guest's own MAC and IP address.
//!
//! ## Why
//! ARP believes whoever answers. A guest that says it has the gateway's IP address gets all traffic that leaves the network,
//! reads it, and passes it on; no other guest notices.
//!
//! ## Where
//! The kernel's nftables rules (over netlink; ebtables-nft lives there too): ingress of the tap and prerouting of the bridge
//! family, walked with ARP from the tap of each running VM whose sender's MAC address, or whose sender's IP address, is another's.
//! ebtables-nft tests these with modules that are not read back: there the filter bound to the tap
//! (`/run/libvirt/nwfilter-binding`) counts, if it pins both and its rules are in force.
//!
//! ## Fix
//! Attach a libvirt filter that has `no-arp-spoofing`, with the guest's address as parameter `IP`
//! (`network.nwfilter-attached`), or write rules of your own for each port.
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
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":6,"length":6,"register":1}},{"cmp":{"register":1,"op":"!=","value":"0x5254003a9107"}},{"verdict":"drop"}]}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":3,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0806"}},{"payload":{"base":"network","offset":8,"length":6,"register":1}},{"cmp":{"register":1,"op":"!=","value":"0x5254003a9107"}},{"verdict":"drop"}]}}
//! ```
//! ```passes
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0806"}},{"payload":{"base":"network","offset":8,"length":10,"register":1}},{"cmp":{"register":1,"op":"!=","value":"0x5254003a9107c000020a"}},{"verdict":"drop"}]}}
//! ```
//! ```unknown
//! -- run/libvirt/nwfilter-binding/vnet0.xml absent --
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
            "attach the filter clean-traffic with the parameter IP, or pin ARP's sender addresses in bridge prerouting",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A guest's ARP says its own address alone",
        pt: "O ARP de um convidado só anuncia o próprio endereço",
        id: "ARP dari guest hanya menyebut alamatnya sendiri",
    },
    why: "A guest that answers for the gateway reads and changes everybody's traffic.",
    references: &[
        "guide 2, Rede virtual: ARP spoofing",
        "RFC 826",
        "libvirt docs/formatnwfilter.rst, ARP/RARP",
    ],
};

fn judge(evidence: &Evidence, tap: &Tap) -> Judged {
    let [a, b, c, d, e, f] = tap.mac()?;
    let arp = || tap.frame().source([a, b, c, d, e, f]).kind(0x0806);
    let frames = [
        ("ARP with another MAC address", arp().network(8, &[a, b, c, d, e, f ^ 1])),
        ("ARP with another IP address", arp().network(8, &[a, b, c, d, e, f]).network(14, &tap::FOREIGN)),
    ];
    tap.none_but(evidence, &frames, |filter| filter.arp)
}
