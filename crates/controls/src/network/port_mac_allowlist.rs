//! The host drops every frame from a guest's port whose source is not the guest's own MAC address.
//!
//! ## Why
//! A bridge learns from the source address of each frame where to send the answer. A guest that sends one frame with its
//! neighbour's address, or the gateway's, gets their frames from then on. This is dropped at the port and before the bridge
//! learns, or it is not dropped at all: a rule in the forward chain comes too late.
//!
//! ## Where
//! The kernel's nftables rules (over netlink; ebtables-nft lives there too): ingress of the tap and prerouting of the bridge
//! family, walked with a frame from the tap of each running VM with an address one bit away from its own, and with one
//! of another vendor. Whoever made the rules, libvirt or anybody else.
//!
//! ## Fix
//! Attach a libvirt filter that has `no-mac-spoofing` (`network.nwfilter-attached`), or write a rule of your own for
//! each port: `nft add rule bridge TABLE PREROUTING iifname vnet0 ether saddr != 52:54:00:3a:91:07 drop`.
//!
//! ## Undo
//! Delete the rule; take the filter out of the XML.
//!
//! ## Guides
//! Guide 2's ebtables lines lack `-A FORWARD`, name the prefix `54:52:00` where QEMU's is `52:54:00`, and stand in a chain that
//! comes after the bridge has learned.
//!
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"nat","handle":2}}
//! {"chain":{"family":"bridge","table":"nat","name":"PREROUTING","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! ```
//! ```fails
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"filter","name":"FORWARD","type":"filter","hook":"forward","priority":-200,"policy":"drop","handle":1}}
//! {"rule":{"family":"bridge","table":"filter","chain":"FORWARD","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":6,"length":6,"register":1}},{"cmp":{"register":1,"op":"!=","value":"0x5254003a9107"}},{"verdict":"drop"}]}}
//! ```
//! ```passes
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"set":{"family":"bridge","table":"own","name":"guests","key_length":24,"handle":3,"elements":1}}
//! {"element":{"family":"bridge","table":"own","set":"guests","key":"0x766e65743000000000000000000000005254003a91070000"}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"payload":{"base":"link","offset":6,"length":6,"register":2}},{"lookup":{"set":"guests","register":1,"inverted":true}},{"verdict":"drop"}]}}
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
        judge: |evidence, interface, _| tap::judged(evidence, interface, |tap| foreign(evidence, tap)),
        fix: Fix::Advice(
            "attach the filter clean-traffic to the interface, or drop foreign source addresses in bridge prerouting",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A port sends with its guest's address alone",
        pt: "Cada porta só envia com o endereço MAC do seu convidado",
        id: "Setiap port hanya mengirim dengan alamat MAC guest-nya",
    },
    why: "One frame with another's source address, and the bridge sends that one's traffic to this guest.",
    references: &[
        "guide 2, Rede virtual: ebtables",
        "Linux net/bridge/br_input.c, br_handle_frame and br_handle_frame_finish",
        "nft(8), bridge address family",
    ],
};

/// Judges frames with other source addresses than the guest's.
pub(crate) fn foreign(evidence: &Evidence, tap: &Tap) -> Judged {
    let own = tap.mac()?;
    let [a, b, c, d, e, f] = own;
    let frames = [
        ("a source address one bit away", tap.frame().source([a, b, c, d, e, f ^ 1])),
        ("a source address of another vendor", tap.frame().source([a ^ 4, b ^ 0x80, c, d, e, f])),
    ];
    tap.none_of(evidence, &frames)
}
