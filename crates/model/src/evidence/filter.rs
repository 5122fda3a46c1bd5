//! libvirt's networks, network filters, and what it has bound them to.

use std::collections::BTreeMap;

use formats::libvirt::{
    binding::Binding,
    network::Network,
    nwfilter::{self, Expanded, Filter},
};

use super::Reader;
use crate::fact::Fact;

/// Files of a directory by their names without `.xml`, each parsed or with the reason why not.
pub type Named<T> = Fact<BTreeMap<String, Fact<T>>>;

/// What libvirt knows of networks and filters.
#[derive(Debug)]
pub struct Filtering {
    /// `/etc/libvirt/qemu/networks`.
    pub networks: Named<Network>,
    /// `/run/libvirt/nwfilter-binding`, by the tap's name.
    pub bindings: Named<Binding>,
    /// `/etc/libvirt/nwfilter`: what each filter holds a guest to, the filters it refers to included.
    pub filters: Named<Protection>,
}

/// What a filter holds a guest to in the frames it sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Its own MAC address.
    pub mac: bool,
    /// Its own IPv4 addresses.
    pub ip: bool,
    /// Its own IPv6 addresses.
    pub ip6: bool,
    /// Its own MAC and IPv4 addresses inside ARP.
    pub arp: bool,
    /// Not answering DHCP.
    pub dhcp: bool,
}

impl Protection {
    /// True for what `clean-traffic` holds a guest to.
    #[must_use]
    pub fn whole(self) -> bool {
        self.mac && self.ip && self.arp
    }
}

pub(super) fn derive(reader: &Reader) -> Filtering {
    let filters = named(reader, "etc/libvirt/nwfilter", Filter::parse);
    Filtering {
        networks: named(reader, "etc/libvirt/qemu/networks", Network::parse),
        bindings: named(reader, "run/libvirt/nwfilter-binding", Binding::parse),
        filters: filters.map(|filters| protections(&filters)),
    }
}

fn named<T>(reader: &Reader, directory: &str, parse: fn(&[u8]) -> Result<T, formats::Malformed>) -> Named<T> {
    reader.names(directory).map(|names| {
        let stems = names.iter().filter_map(|name| name.strip_suffix(".xml"));
        stems
            .map(|stem| (stem.to_owned(), reader.bytes(&format!("{directory}/{stem}.xml")).and_then(parse)))
            .collect()
    })
}

fn protections(filters: &BTreeMap<String, Fact<Filter>>) -> BTreeMap<String, Fact<Protection>> {
    let expanded = |filter: &Filter| {
        let found = nwfilter::expand(filter, |name| filters.get(name).and_then(Fact::ok));
        found.map(|rules| protection(&rules))
    };
    filters.iter().map(|(name, filter)| (name.clone(), filter.as_ref().and_then(expanded))).collect()
}

/// A chain holds a guest to an address where a rule lets the guest's own go on and another drops the rest, or one drops
/// all that is not its own (`match='no'`). The variables are those of libvirt `docs/formatnwfilter.rst`.
fn protection(rules: &[Expanded]) -> Protection {
    let drops = |chain: &str| {
        let mut same = rules.iter().filter(|one| one.filter.chain_name() == chain);
        same.any(|one| is(one, &["drop"]) && from_guest(one))
    };
    let holds = |attribute: &str, variable: &str| {
        rules.iter().filter(|one| from_guest(one)).any(|one| {
            one.rule.protocols.iter().any(|protocol| {
                let said = protocol.attribute(attribute).and_then(|value| value.strip_prefix(variable));
                let own = said.is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
                let inverted = protocol.attribute("match") == Some("no");
                own && if inverted {
                    is(one, &["drop", "reject"])
                } else {
                    is(one, &["return", "accept"]) && drops(one.filter.chain_name())
                }
            })
        })
    };
    let (mac, ip) = ("$MAC", "$IP");
    Protection {
        mac: holds("srcmacaddr", mac),
        ip: holds("srcipaddr", ip),
        ip6: holds("srcipaddr", "$IPV6"),
        arp: holds("arpsrcmacaddr", mac) && holds("arpsrcipaddr", ip),
        dhcp: rules.iter().filter(|one| from_guest(one) && is(one, &["drop"])).any(|one| {
            one.rule.protocols.iter().any(|protocol| protocol.attribute("srcportstart") == Some("67"))
        }),
    }
}

fn is(one: &Expanded, actions: &[&str]) -> bool {
    one.rule.action.as_ref().is_some_and(|action| actions.contains(&&*action.value))
}

/// `out` is what the guest sends.
fn from_guest(one: &Expanded) -> bool {
    one.rule.direction.as_ref().is_some_and(|direction| matches!(&*direction.value, "out" | "inout"))
}
