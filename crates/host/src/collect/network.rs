//! Links, bridges and their ports, filter rules, sysctls per network namespace that owns a bridge, listening sockets.

use crate::{
    recorder::{Recorder, reason},
    run::Probe,
    source::{Namespace, Query},
};
use model::recording::{Body, Entry};

/// Sysctls of a network namespace that controls ask for, below `proc/sys/`.
const SYSCTLS: [&str; 14] = [
    "net/bridge/bridge-nf-call-iptables",
    "net/bridge/bridge-nf-call-ip6tables",
    "net/bridge/bridge-nf-call-arptables",
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/rp_filter",
    "net/ipv4/conf/all/accept_redirects",
    "net/ipv4/conf/all/send_redirects",
    "net/ipv4/conf/all/accept_source_route",
    "net/ipv4/conf/all/log_martians",
    "net/ipv4/conf/default/rp_filter",
    "net/ipv6/conf/all/forwarding",
    "net/ipv6/conf/all/accept_ra",
    "net/ipv6/conf/all/accept_redirects",
    "net/ipv6/conf/default/accept_ra",
];

fn sysctls() -> Vec<String> {
    SYSCTLS.iter().map(|name| format!("proc/sys/{name}")).collect()
}

pub(super) fn links(recorder: &mut Recorder) {
    recorder.netlink(Query::Links);
    for key in sysctls() {
        recorder.file(&key);
    }
    recorder.file("proc/net/packet");
    recorder.file("proc/net/route");
}

/// nftables over netlink (iptables-nft and ebtables-nft live there too); that the legacy tables are in use is told by these
/// files, which name the tables that were ever loaded.
pub(super) fn rules(recorder: &mut Recorder) {
    recorder.netlink(Query::Nft);
    for key in ["proc/net/ip_tables_names", "proc/net/ip6_tables_names", "proc/net/arp_tables_names"] {
        recorder.file(key);
    }
}

/// Leads to one probe for each network namespace other than the host's own.
pub(super) fn namespaces(recorder: &mut Recorder) -> Vec<Probe> {
    match recorder.source.namespaces() {
        Ok(found) => found
            .into_iter()
            .map(|namespace| {
                Probe::new(
                    format!("network/namespace/{}", namespace.inode),
                    move |recorder: &mut Recorder| {
                        inside(recorder, &namespace);
                    },
                )
            })
            .collect(),
        Err(error) => {
            let entry = recorder.refused("netns", &error);
            recorder.keep("netns", entry);
            vec![]
        }
    }
}

fn inside(recorder: &mut Recorder, namespace: &Namespace) {
    let prefix = format!("netns/{}", namespace.inode);
    recorder.keep(&format!("{prefix}/path"), Entry { stat: None, body: Body::Text(namespace.path.clone()) });
    let links = ask(recorder, namespace, Query::Links);
    let owns_bridge = links.is_some_and(|links| links.windows(8).any(|part| part == b"\"bridge\""));
    if !owns_bridge {
        return;
    }
    ask(recorder, namespace, Query::Nft);
    match recorder.source.read_in(namespace, &sysctls()) {
        Ok(values) => {
            for (path, value) in values {
                let key = format!("{prefix}/{path}");
                let entry = match value {
                    Ok(bytes) => Entry { stat: None, body: Body::of(bytes) },
                    Err(error) => recorder.refused(&key, &error),
                };
                recorder.keep(&key, entry);
            }
        }
        Err(error) => {
            for path in sysctls() {
                let body = Body::Unreadable(reason(&error));
                recorder.keep(&format!("{prefix}/{path}"), Entry { stat: None, body });
            }
        }
    }
}

fn ask(recorder: &mut Recorder, namespace: &Namespace, query: Query) -> Option<Vec<u8>> {
    let key = format!("netns/{}/{}", namespace.inode, query.key());
    let entry = match recorder.source.netlink(query, Some(namespace)) {
        Ok(bytes) => Entry { stat: None, body: Body::of(bytes) },
        Err(error) => recorder.refused(&key, &error),
    };
    recorder.keep(&key, entry).body.bytes().map(<[u8]>::to_vec)
}
