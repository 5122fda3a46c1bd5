//! Frames that a bridge forwards between guests do not pass through the host's ip6tables.
//!
//! ## Why
//! With `bridge-nf-call-ip6tables` on, every IPv6 frame that crosses a bridge enters the host's own IP firewall and its
//! one connection tracking table: neighbour discovery between two guests becomes the host's business, one guest can fill
//! the table for all, and a rule written for the host decides about a guest. Filtering of guests belongs in the bridge
//! family, which does not depend on this switch.
//!
//! ## Where
//! `/proc/sys/net/bridge/bridge-nf-call-ip6tables` in every network namespace that owns a bridge (the switch is per
//! namespace since Linux 5.3, and a new namespace starts with 1), and the switch of each bridge itself
//! (`nf_call_ip6tables`, read over netlink): either one is enough. After the next boot: sysctl.d(5), last file wins.
//! Not applicable where `br_netfilter` is not loaded.
//!
//! ## Fix
//! Write `net.bridge.bridge-nf-call-ip6tables = 0` to `/etc/sysctl.d/60-baluarte.conf` and set it now. Where Docker,
//! Kubernetes or Neutron's hybrid driver needs it on, grant an exception instead: they break without it.
//!
//! ## Undo
//! Remove the line and set the sysctl to what it was. Nothing else changes.
//!
//! ## Guides
//! Guide 2 writes the keys to `/etc/sysctl.conf`, which systemd-sysctl no longer reads on every distribution, and before
//! `br_netfilter` is loaded the keys do not exist: use sysctl.d, and load the module first.
//!
//! ```fails
//! -- proc/sys/net/bridge/bridge-nf-call-ip6tables --
//! 1
//! ```
//! ```fails
//! -- etc/sysctl.d/60-baluarte.conf --
//! net.bridge.bridge-nf-call-ip6tables = 1
//! ```
//! ```fails
//! -- netns/4026532999/netlink/link --
//! {"index":2,"name":"br-tenant","kind":"bridge","up":true,"bridge":{}}
//! -- netns/4026532999/proc/sys/net/bridge/bridge-nf-call-ip6tables --
//! 1
//! ```
use model::control::{Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};

use crate::bridge_netfilter::{judge, remedy};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule {
        judge: |evidence, (), reading| judge(evidence, "ip6tables", reading),
        fix: Fix::Remedy(|evidence, ()| remedy(evidence, "ip6tables")),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Bridged IPv6 frames bypass ip6tables",
        pt: "Quadros IPv6 em ponte não passam pelo ip6tables",
        id: "Frame IPv6 pada bridge tidak melewati ip6tables",
    },
    why: "One guest can fill the host's connection tracking table, and the host's IPv6 rules decide about guests' frames.",
    references: &[
        "guide 2, Rede virtual: iptables em bridges, net.bridge.bridge-nf-call-ip6tables",
        "Linux Documentation/networking/ip-sysctl.rst, bridge-nf-call-ip6tables",
        "sysctl.d(5)",
    ],
};
