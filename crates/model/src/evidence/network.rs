//! Network namespaces with their links and filter rules, and listening sockets with their holders.

use std::{collections::BTreeMap, net::IpAddr};

use formats::netlink::{link::Link, nft};

use super::{Process, Reader, Ruleset};
use crate::fact::Fact;

/// A network namespace.
#[derive(Debug)]
pub struct Namespace {
    /// Its inode; `None` for the host's own.
    pub inode: Option<u64>,
    /// What stands before its keys: empty for the host's own, else `netns/INODE/`.
    pub prefix: String,
    /// Its links, bridges and bridge ports.
    pub links: Fact<Vec<Link>>,
    /// Its nftables objects (iptables-nft and ebtables-nft live there too).
    pub rules: Fact<Vec<nft::Object>>,
    /// The same by chain.
    pub ruleset: Fact<Ruleset>,
    by_name: BTreeMap<String, usize>,
}

impl Namespace {
    /// The link with this name.
    #[must_use]
    pub fn link(&self, name: &str) -> Option<&Link> {
        self.links.ok()?.get(*self.by_name.get(name)?)
    }

    /// Its bridges.
    pub fn bridges(&self) -> impl Iterator<Item = &Link> {
        self.links.ok().into_iter().flatten().filter(|link| link.bridge.is_some())
    }
}

/// A listening socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// `tcp`, `tcp6`, `udp` or `udp6`.
    pub protocol: &'static str,
    /// The address; unspecified for every one.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// The socket's inode.
    pub inode: u64,
    /// Who holds it, where that could be seen.
    pub pids: Vec<u32>,
}

impl Listener {
    /// True where only this host can reach it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self.address {
            IpAddr::V4(address) => address.is_loopback(),
            IpAddr::V6(address) => {
                address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
            }
        }
    }
}

pub(super) fn namespaces(reader: &Reader) -> Vec<Namespace> {
    let own = [(None, String::new())];
    let below = reader.recording.entries.range("netns/".to_owned().."netns0".to_owned());
    let inode = |key: &String| key.strip_prefix("netns/")?.split_once('/')?.0.parse::<u64>().ok();
    let others: std::collections::BTreeSet<u64> = below.filter_map(|(key, _)| inode(key)).collect();
    let others = others.into_iter().map(|inode| (Some(inode), format!("netns/{inode}/")));
    own.into_iter()
        .chain(others)
        .map(|(inode, prefix)| {
            let links: Fact<Vec<Link>> = reader.lines(&format!("{prefix}netlink/link"));
            let rules: Fact<Vec<nft::Object>> = reader.lines(&format!("{prefix}netlink/nft"));
            let names = links.ok().into_iter().flatten().enumerate();
            let by_name = names.map(|(index, link)| (link.name.clone(), index)).collect();
            let ruleset = rules.as_ref().map(|rules| Ruleset::of(rules));
            Namespace { inode, prefix, links, rules, ruleset, by_name }
        })
        .collect()
}

pub(super) fn listeners(reader: &Reader, processes: &BTreeMap<u32, Process>) -> Fact<Vec<Listener>> {
    let mut found = vec![];
    for (protocol, key) in [
        ("tcp", "proc/net/tcp"),
        ("tcp6", "proc/net/tcp6"),
        ("udp", "proc/net/udp"),
        ("udp6", "proc/net/udp6"),
    ] {
        match reader.bytes(key).and_then(formats::kernel::socket::inet) {
            Fact::Known(sockets, _) => found.extend(sockets.into_iter().map(|socket| {
                Listener {
                    protocol,
                    address: socket.local.value.ip(),
                    port: socket.local.value.port(),
                    inode: socket.inode,
                    pids: processes
                        .values()
                        .filter(|process| process.sockets.contains(&socket.inode))
                        .map(|process| process.pid)
                        .collect(),
                }
            })),
            // A kernel without IPv6 has no such table.
            Fact::Absent(_) => {}
            Fact::Unreadable(key, why) => return Fact::Unreadable(key, why),
            Fact::NotCollected(key, why) => return Fact::NotCollected(key, why),
        }
    }
    Fact::Known(found, "proc/net/tcp".into())
}
