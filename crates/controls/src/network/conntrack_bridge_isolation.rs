//! Bridged frames of guests are not in the host's connection tracking table.
//!
//! ## Why
//! The table is one for the whole network namespace. A guest that opens connections fills it for the host and for all other
//! guests, whose new connections are then dropped; and equal addresses of two tenants are one connection to it.
//!
//! ## Where
//! In every network namespace with a bridge: `bridge-nf-call-iptables` and `bridge-nf-call-ip6tables` (`/proc/sys/net/bridge` and
//! each bridge's own switch), since what goes to iptables is tracked; and bridge rules that use `ct` (nftables over netlink). It
//! passes where neither is so.
//!
//! ## Fix
//! Switch both off (`network.bridge-nf-iptables-off`, `network.bridge-nf-ip6tables-off`), and filter bridged frames
//! without state. Where a driver needs tracking, give each port a zone of its own, and grant an exception.
//!
//! ## Undo
//! Switch them on again.
//!
//! ```fails
//! -- proc/sys/net/bridge/bridge-nf-call-iptables --
//! 1
//! ```
//! ```fails
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"forward","priority":0,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"other":"ct"},{"verdict":"accept"}]}}
//! ```
use formats::netlink::nft::{Expression, Family, Object};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::bridge_netfilter;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "switch bridge-nf-call-iptables and -ip6tables off, and filter bridged frames without state",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Bridged frames are not tracked",
        pt: "Quadros em ponte não são rastreados",
        id: "Frame pada bridge tidak dilacak",
    },
    why: "One guest fills the table, and nobody on the host makes a new connection.",
    references: &[
        "guide 2, Rede virtual: conntrack, contexto global",
        "Linux Documentation/networking/nf_conntrack-sysctl.rst, nf_conntrack_max",
    ],
};

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    let mut bridges = false;
    for namespace in &evidence.namespaces {
        namespace.links.known()?;
        if namespace.bridges().next().is_none() {
            continue;
        }
        bridges = true;
        for object in namespace.rules.required()? {
            let Object::Rule(rule) = object else { continue };
            let tracks =
                rule.expressions.iter().any(|one| matches!(one, Expression::Other(name) if name == "ct"));
            if rule.family == Family::Bridge && tracks {
                let seen = format!(
                    "bridge {} {}: rule {} uses connection tracking",
                    rule.table, rule.chain, rule.handle
                );
                wrong.push(Cite::whole(namespace.rules.key(), seen));
            }
        }
        right.push(Cite::whole(namespace.rules.key(), "no bridge rule uses connection tracking"));
    }
    if !bridges {
        return Ok(Verdict::NotApplicable("there is no bridge"));
    }
    for tables in ["iptables", "ip6tables"] {
        match bridge_netfilter::judge(evidence, tables, reading)? {
            Verdict::Fail(seen) => wrong.extend(seen),
            Verdict::Pass(seen) => right.extend(seen),
            Verdict::NotApplicable(_) => {}
        }
    }
    Ok(Verdict::unless(wrong, right))
}
