//! Frames that a bridge forwards between guests do not pass through the host's iptables.
//!
//! ## Why
//! With `bridge-nf-call-iptables` on, every IPv4 frame that crosses a bridge enters the host's own IP firewall and its
//! one connection tracking table. One guest can then fill that table for all of them and for the host, and rules
//! written for the host's traffic decide about traffic that is not the host's. Filtering of guests belongs in the
//! bridge family, which does not depend on this switch.
//!
//! ## Where
//! `/proc/sys/net/bridge/bridge-nf-call-iptables` in every network namespace that owns a bridge (the switch is per
//! namespace since Linux 5.3, and a new namespace starts with 1), and the switch of each bridge itself
//! (`nf_call_iptables`, read over netlink): either one is enough. After the next boot: sysctl.d(5), last file wins.
//! Not applicable where `br_netfilter` is not loaded.
//!
//! ## Fix
//! Write `net.bridge.bridge-nf-call-iptables = 0` to `/etc/sysctl.d/60-baluarte.conf` and set it now. Where Docker,
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
//! -- proc/sys/net/bridge/bridge-nf-call-iptables --
//! 1
//! ```
//! ```fails
//! -- etc/sysctl.d/60-baluarte.conf --
//! net.bridge.bridge-nf-call-iptables = 1
//! ```
//! ```fails
//! -- netns/4026532999/netlink/link --
//! {"index":2,"name":"br-tenant","kind":"bridge","up":true,"bridge":{}}
//! -- netns/4026532999/proc/sys/net/bridge/bridge-nf-call-iptables --
//! 1
//! ```
use model::control::{Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};

use crate::bridge_netfilter::{judge, remedy};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule {
        judge: |evidence, (), reading| judge(evidence, "iptables", reading),
        fix: Fix::Remedy(|evidence, ()| remedy(evidence, "iptables")),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Bridged frames bypass iptables",
        pt: "Quadros em ponte não passam pelo iptables",
        id: "Frame pada bridge tidak melewati iptables",
    },
    why: "One guest can fill the host's connection tracking table, and the host's IP rules decide about guests' frames.",
    references: &[
        "guide 2, Rede virtual: iptables em bridges",
        "Linux Documentation/networking/ip-sysctl.rst, bridge-nf-call-iptables",
        "sysctl.d(5)",
    ],
};
