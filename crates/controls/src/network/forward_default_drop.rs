//! What no rule allows, the host does not route.
//!
//! ## Why
//! Where packets that no rule names are let through, every network that the host knows reaches every other: guests the
//! management network, and one tenant's network the next one's, from the day somebody adds an address.
//!
//! ## Where
//! The kernel's nftables rules (over netlink; iptables-nft lives there too): base chains at the forward hook of families
//! `inet`, `ip` and `ip6`, with policy drop or with a last rule that drops or rejects everything. IPv6 counts where it is
//! forwarded (`/proc/sys/net/ipv6/conf/all/forwarding`). Not applicable where the host forwards neither and has no such chain.
//!
//! ## Fix
//! Allow what your networks need, then `nft chain inet filter forward '{ policy drop; }'`, and in the configuration that your
//! distribution loads. libvirt's own rules for its networks stay in force beside it; a chain that drops needs rules
//! that accept their traffic.
//!
//! ## Undo
//! Set the policy to accept again.
//!
//! ```fails
//! -- proc/sys/net/ipv4/ip_forward --
//! 1
//! -- netlink/nft --
//! {"chain":{"family":"ip","table":"filter","name":"FORWARD","type":"filter","hook":"forward","priority":0,"policy":"accept","handle":1}}
//! ```
//! ```fails
//! -- proc/sys/net/ipv4/ip_forward --
//! 1
//! -- proc/sys/net/ipv6/conf/all/forwarding --
//! 1
//! -- netlink/nft --
//! {"chain":{"family":"ip","table":"filter","name":"FORWARD","type":"filter","hook":"forward","priority":0,"policy":"drop","handle":1}}
//! ```
//! ```passes
//! -- proc/sys/net/ipv4/ip_forward --
//! 1
//! -- netlink/nft --
//! {"chain":{"family":"inet","table":"firewalld","name":"filter_FORWARD","type":"filter","hook":"forward","priority":10,"policy":"accept","handle":1}}
//! {"rule":{"family":"inet","table":"firewalld","chain":"filter_FORWARD","handle":2,"expr":[{"other":"reject"}]}}
//! ```
use formats::netlink::nft::{Family, Verdict as Decides};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Namespace},
    fact::Missing,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("allow what your networks need in the forward chain, then set its policy to drop"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Forwarding is denied unless allowed",
        pt: "O encaminhamento é negado, salvo permissão",
        id: "Penerusan ditolak kecuali diizinkan",
    },
    why: "Every network that the host knows reaches every other one.",
    references: &[
        "guide 2, Rede virtual: ebtables -P FORWARD DROP",
        "nft(8), CHAINS",
        "Linux Documentation/networking/ip-sysctl.rst, ip_forward",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let Some(namespace) = evidence.namespaces.first() else {
        return Ok(Verdict::NotApplicable("no network namespace"));
    };
    let (mut wrong, mut right) = (vec![], vec![]);
    for (family, key, old) in [
        (Family::Ip, "proc/sys/net/ipv4/ip_forward", "proc/net/ip_tables_names"),
        (Family::Ip6, "proc/sys/net/ipv6/conf/all/forwarding", "proc/net/ip6_tables_names"),
    ] {
        let value = evidence.text(key);
        let forwards = value.known()?.is_some_and(|value| *value != "0");
        match closed(namespace, family)? {
            Some(seen) => right.push(Cite::whole(namespace.rules.key(), seen)),
            None if forwards => {
                // Rules of iptables-legacy are not among those of nftables.
                let tables = evidence.text(old);
                if tables.ok().is_some_and(|names| names.lines().any(|name| name == "filter")) {
                    return Err(Missing {
                        key: tables.key().clone(),
                        why: "iptables-legacy is in use: its rules can't be read".into(),
                    });
                }
                wrong.push(Cite::whole(
                    value.key(),
                    format!("{family} is forwarded, and no forward chain drops by default"),
                ));
            }
            None => {}
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("the host forwards nothing"));
    }
    Ok(Verdict::unless(wrong, right))
}

/// The chain that drops what no rule allows.
fn closed(namespace: &Namespace, family: Family) -> Result<Option<String>, Missing> {
    let rules = namespace.ruleset.required()?;
    let chains = rules.base_chains(Family::Inet, "forward").chain(rules.base_chains(family, "forward"));
    for (declared, chain) in chains {
        let name = format!("{} {} {}", declared.family, declared.table, declared.name);
        if declared.policy == Some(Decides::Drop) {
            return Ok(Some(format!("{name}: policy drop")));
        }
        if chain.last().is_some_and(|last| {
            last.tests.is_empty() && (last.verdict == Some(Decides::Drop) || last.rejects)
        }) {
            return Ok(Some(format!("{name}: the last rule drops what is left")));
        }
    }
    Ok(None)
}
