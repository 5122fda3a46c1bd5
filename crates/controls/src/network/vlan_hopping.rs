//! A guest cannot put frames into a VLAN by tagging them itself.
//!
//! ## Why
//! The tag in a frame says which network it belongs to, and a bridge without VLAN filtering passes a guest's tag on as it came. Where
//! the uplink is a trunk, the guest is then in every network of that trunk; with two tags it gets past a switch that takes
//! off the outer one.
//!
//! ## Where
//! `vlan_filtering` of the bridge that the tap of each running VM is in (over netlink); where that is off, the kernel's nftables
//! rules: ingress of the tap and prerouting of the bridge family, walked with 802.1Q and 802.1ad frames from the tap.
//!
//! ## Fix
//! `ip link set br0 type bridge vlan_filtering 1` and one untagged VLAN for each tap; or attach a libvirt filter that ends
//! with `no-other-l2-traffic`, as `clean-traffic` does. Leave the trunk's native VLAN unused.
//!
//! ## Undo
//! Switch VLAN filtering off again; take the filter out of the XML.
//!
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"nat","handle":2}}
//! {"chain":{"family":"bridge","table":"nat","name":"PREROUTING","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! ```
//! ```fails
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x8100"}},{"verdict":"drop"}]}}
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
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
            "switch VLAN filtering on in the bridge, or drop tagged frames from taps in bridge prerouting",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A guest cannot tag its own frames",
        pt: "Um convidado não pode marcar os próprios quadros com VLAN",
        id: "Guest tidak bisa menandai frame-nya dengan VLAN",
    },
    why: "The guest is in every network that the uplink carries.",
    references: &[
        "guide 2, Rede virtual: VLAN 802.1q",
        "NIST SP 800-125B, network segmentation",
        "Linux Documentation/networking/bridge.rst, VLAN",
    ],
};

fn judge(evidence: &Evidence, tap: &Tap) -> Judged {
    if let Some(bridge) =
        tap.bridge().filter(|bridge| bridge.bridge.as_ref().and_then(|own| own.vlan_filtering) == Some(true))
    {
        let seen = format!("{} keeps {} to its VLANs", bridge.name, tap.name);
        return Ok(Verdict::Pass(vec![Cite::whole(tap.links(), seen)]));
    }
    let own = tap.mac()?;
    let frames = [
        ("an 802.1Q frame", tap.frame().source(own).kind(0x8100)),
        ("an 802.1ad frame", tap.frame().source(own).kind(0x88a8)),
    ];
    tap.none_of(evidence, &frames)
}
