//! The host's firewall drops what no rule lets in.
//!
//! ## Why
//! Every daemon that starts is reachable at once where the firewall accepts by default: libvirt's ports, migration, VNC of
//! every VM. With `drop` by default a port is open because somebody opened it.
//!
//! ## Where
//! The nftables rules that the kernel holds, iptables-nft's among them, in the host's own network namespace. For IPv4 and
//! IPv6 each there is a filter chain on `input`, and where the host forwards IPv4 one on `forward`, whose policy is `drop` or
//! whose last rule drops or rejects everything. Rules of iptables-legacy can't be read over netlink: where they are
//! (`/proc/net/ip_tables_names`) and nftables does not drop, the answer is unknown.
//!
//! ## Fix
//! Let SSH and what you need in first, then set the policy: `nft chain inet baluarte_host input '{ policy drop; }'`.
//! Have an undo at hand that runs by itself, for a mistake locks you out.
//!
//! ## Undo
//! `nft chain inet baluarte_host input '{ policy accept; }'`, or delete the table.
//!
//! ## Guides
//! Guide 1 asks for a default policy of iptables. The host may have nftables alone, and both may be there: what counts is
//! what the kernel does.
//!
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"inet","name":"filter","handle":1}}
//! {"chain":{"family":"inet","table":"filter","name":"input","type":"filter","hook":"input","priority":0,"policy":"accept","handle":1}}
//! ```
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"ip","name":"filter","handle":1}}
//! {"chain":{"family":"ip","table":"filter","name":"INPUT","type":"filter","hook":"input","priority":0,"policy":"drop","handle":1}}
//! ```
//! ```fails
//! -- proc/sys/net/ipv4/ip_forward --
//! 1
//! -- netlink/nft --
//! {"table":{"family":"inet","name":"filter","handle":1}}
//! {"chain":{"family":"inet","table":"filter","name":"input","type":"filter","hook":"input","priority":0,"policy":"drop","handle":1}}
//! ```
//! ```unknown
//! -- proc/net/ip_tables_names --
//! filter
//! -- proc/net/ip6_tables_names --
//! filter
//! -- netlink/nft --
//! ```
//! As firewalld does it:
//! ```passes
//! -- netlink/nft --
//! {"table":{"family":"inet","name":"firewalld","handle":1}}
//! {"chain":{"family":"inet","table":"firewalld","name":"filter_INPUT","type":"filter","hook":"input","priority":10,"policy":"accept","handle":1}}
//! {"rule":{"family":"inet","table":"firewalld","chain":"filter_INPUT","handle":2,"expr":[{"other":"ct"},{"verdict":"accept"}]}}
//! {"rule":{"family":"inet","table":"firewalld","chain":"filter_INPUT","handle":3,"expr":[{"other":"reject"}]}}
//! ```
use formats::netlink::nft::Family;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::packet_filter::{chains, drops, legacy};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("let in what you need, then set the policy of the input and forward chains to drop"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The host's firewall drops by default",
        pt: "O firewall do host descarta por padrão",
        id: "Firewall host menolak secara bawaan",
    },
    why: "Every daemon that starts is reachable at once.",
    references: &[
        "guide 1, iptables: default policy",
        "nft(8), Chains",
        "Linux net/netfilter/nf_tables_core.c, nft_do_chain",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let Some(own) = evidence.namespaces.iter().find(|namespace| namespace.inode.is_none()) else {
        return Ok(Verdict::NotApplicable("there is no network namespace"));
    };
    let objects = own.rules.required()?;
    let forwards = evidence.text("proc/sys/net/ipv4/ip_forward").known()?.is_some_and(|value| *value == "1");
    let has_ipv6 = evidence.bytes("proc/net/tcp6").known()?.is_some();
    let (mut wrong, mut right) = (vec![], vec![]);
    for (hook, family, asked) in
        [("input", Family::Ip, true), ("input", Family::Ip6, has_ipv6), ("forward", Family::Ip, forwards)]
    {
        if !asked {
            continue;
        }
        let name = if family == Family::Ip { "IPv4" } else { "IPv6" };
        match chains(objects, hook, family).find(|chain| drops(objects, chain)) {
            Some(chain) => {
                let seen =
                    format!("{name} {hook}: {} {} {} drops the rest", chain.family, chain.table, chain.name);
                right.push(Cite::whole(own.rules.key(), seen));
            }
            None => {
                legacy(evidence, family)?;
                wrong.push(Cite::whole(
                    own.rules.key(),
                    format!("{name} {hook}: nothing drops what no rule lets in"),
                ));
            }
        }
    }
    Ok(Verdict::unless(wrong, right))
}
