//! The host routes IPv4 only where something on it needs that.
//!
//! ## Why
//! A host that forwards is a router, between its guests' networks and the one it is managed by, whether anybody meant it or
//! not. A host whose guests are all on bridges needs none of it.
//!
//! ## Where
//! `/proc/sys/net/ipv4/ip_forward`. It may be on where a libvirt network forwards by `nat`, `route` or `open`
//! (`/etc/libvirt/qemu/networks`), or where the kernel translates addresses (nftables over netlink: a base chain at postrouting
//! of type nat that has rules), as for containers.
//!
//! ## Fix
//! Set `net.ipv4.ip_forward = 0` in `/etc/sysctl.d` and now, if this host is not meant to route.
//!
//! ## Undo
//! Set it to 1 again.
//!
//! ```fails
//! -- proc/sys/net/ipv4/ip_forward --
//! 1
//! ```
//! ```passes
//! -- proc/sys/net/ipv4/ip_forward --
//! 1
//! -- etc/libvirt/qemu/networks/default.xml mode=0600 --
//! <network><name>default</name><forward mode='nat'/><bridge name='virbr0'/></network>
//! ```
use formats::netlink::nft::Family;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("set `net.ipv4.ip_forward = 0`, if this host is not meant to route"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The host routes only if it has to",
        pt: "O host só roteia se for preciso",
        id: "Host hanya merutekan bila perlu",
    },
    why: "The host is a router between its guests and its own network, and nobody meant it to be.",
    references: &[
        "guide 2, Rede virtual: NAT e roteamento",
        "Linux Documentation/networking/ip-sysctl.rst, ip_forward",
        "libvirt docs/formatnetwork.rst, forward",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let value = evidence.text("proc/sys/net/ipv4/ip_forward");
    let said = *value.required()?;
    if said == "0" {
        return Ok(Verdict::Pass(vec![Cite::whole(value.key(), "ip_forward = 0")]));
    }
    let networks = evidence.filtering.networks.known()?;
    for (name, network) in networks.into_iter().flatten() {
        if let Some(mode @ ("nat" | "route" | "open")) =
            network.known()?.and_then(|network| network.forward_mode())
        {
            return Ok(Verdict::Pass(vec![Cite::whole(
                network.key(),
                format!("network {name} forwards by {mode}"),
            )]));
        }
    }
    if let Some(namespace) = evidence.namespaces.first() {
        let rules = namespace.ruleset.required()?;
        let mut chains = rules
            .base_chains(Family::Ip, "postrouting")
            .chain(rules.base_chains(Family::Inet, "postrouting"));
        let translates = chains
            .find(|(declared, chain)| declared.kind.as_deref() == Some("nat") && chain.last().is_some());
        if let Some((declared, _)) = translates {
            let seen =
                format!("{} {} {} translates addresses", declared.family, declared.table, declared.name);
            return Ok(Verdict::Pass(vec![Cite::whole(namespace.rules.key(), seen)]));
        }
    }
    Ok(Verdict::Fail(vec![Cite::whole(
        value.key(),
        format!("ip_forward = {said}, and nothing here needs it"),
    )]))
}
