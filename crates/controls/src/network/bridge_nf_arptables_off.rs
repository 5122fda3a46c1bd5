//! ARP frames that a bridge forwards between guests do not pass through the host's arptables.
//!
//! ## Why
//! With `bridge-nf-call-arptables` on, ARP between two guests runs through rules that were written for the host's own
//! ARP, and a rule there that drops silently cuts guests off from each other. ARP of guests is filtered in the bridge
//! family, on the port it comes from, which does not depend on this switch.
//!
//! ## Where
//! `/proc/sys/net/bridge/bridge-nf-call-arptables` in every network namespace that owns a bridge (the switch is per
//! namespace since Linux 5.3, and a new namespace starts with 1), and the switch of each bridge itself
//! (`nf_call_arptables`, read over netlink): either one is enough. After the next boot: sysctl.d(5), last file wins.
//! Not applicable where `br_netfilter` is not loaded.
//!
//! ## Fix
//! Write `net.bridge.bridge-nf-call-arptables = 0` to `/etc/sysctl.d/60-baluarte.conf` and set it now. Where Docker,
//! Kubernetes or Neutron's hybrid driver needs it on, grant an exception instead.
//!
//! ## Undo
//! Remove the line and set the sysctl to what it was. Nothing else changes.
//!
//! ## Guides
//! Guide 2 writes the keys to `/etc/sysctl.conf`, which systemd-sysctl no longer reads on every distribution, and before
//! `br_netfilter` is loaded the keys do not exist: use sysctl.d, and load the module first.
//!
//! ```fails
//! -- proc/sys/net/bridge/bridge-nf-call-arptables --
//! 1
//! ```
//! ```fails
//! -- etc/sysctl.d/60-baluarte.conf --
//! net.bridge.bridge-nf-call-arptables = 1
//! ```
//! ```fails
//! -- netns/4026532999/netlink/link --
//! {"index":2,"name":"br-tenant","kind":"bridge","up":true,"bridge":{}}
//! -- netns/4026532999/proc/sys/net/bridge/bridge-nf-call-arptables --
//! 1
//! ```
use model::control::{Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};

use crate::bridge_netfilter::{judge, remedy};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule {
        judge: |evidence, (), reading| judge(evidence, "arptables", reading),
        fix: Fix::Remedy(|evidence, ()| remedy(evidence, "arptables")),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Bridged ARP bypasses arptables",
        pt: "ARP em ponte não passa pelo arptables",
        id: "ARP pada bridge tidak melewati arptables",
    },
    why: "ARP rules written for the host decide about ARP between guests.",
    references: &[
        "guide 2, Rede virtual: iptables em bridges, net.bridge.bridge-nf-call-arptables",
        "Linux Documentation/networking/ip-sysctl.rst, bridge-nf-call-arptables",
        "sysctl.d(5)",
    ],
};
