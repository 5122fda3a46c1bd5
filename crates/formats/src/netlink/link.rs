//! Network interfaces as the kernel holds them: bridges, their ports, VLANs, taps, virtual functions.
//!
//! One interface a line: `{"index":4,"name":"vnet0","kind":"tun","up":true,"master":"br0","port":{"isolated":true}}`.
//! What an older kernel does not report is left out, so that absence is not mistaken for a value. Sources:
//! `include/uapi/linux/if_link.h`, `if_bridge.h` and `if_tun.h`, `net/core/rtnetlink.c`, `net/bridge/br_netlink.c`.

mod decode;

use serde::{Deserialize, Serialize};

pub use decode::decode;

use super::is_false;

/// `RTM_NEWLINK`: an answer.
pub const NEW_LINK: u16 = 16;
/// `RTM_GETLINK`: the request.
pub const GET_LINK: u16 = 18;
/// `IFLA_EXT_MASK`, an attribute of the request: what else to report.
pub const EXT_MASK: u16 = 29;
/// `RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS`: virtual functions, without their counters.
pub const VIRTUAL_FUNCTIONS: u32 = 1 | 8;

/// An interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its number, unique in its network namespace.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Other names it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_names: Vec<String>,
    /// The driver's kind: `bridge`, `vlan`, `veth`, `tun` (taps too), `macvlan`, `macvtap` …; none for hardware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `IFF_UP`.
    #[serde(default)]
    pub up: bool,
    /// `IFF_PROMISC`: set by an administrator; a bridge makes its ports promiscuous without this flag.
    #[serde(default, skip_serializing_if = "is_false")]
    pub promiscuous: bool,
    /// How many want it promiscuous, bridges and packet sockets too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promiscuity: Option<u32>,
    /// Hardware address, as in `52:54:00:12:34:56`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// Largest payload of a frame, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtu: Option<u32>,
    /// The bridge, bond or the like it is a port of; `if-NUMBER` if that is in another namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master: Option<String>,
    /// What it sits on: a VLAN's device, a veth's peer; `if-NUMBER` if that is in another namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The other end is in another network namespace, with this number here (`IFLA_LINK_NETNSID`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_namespace: Option<i32>,
    /// VLAN number of a `vlan` interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vlan: Option<u16>,
    /// Mode of a `macvlan` or `macvtap`: `private`, `vepa`, `bridge`, `passthru`, `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macvlan_mode: Option<String>,
    /// Of a `tun`: who may open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tun: Option<Tun>,
    /// Of a `bridge`: its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge: Option<Bridge>,
    /// Of a bridge's port: its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
    /// Its virtual functions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<VirtualFunction>,
}

/// `IFLA_TUN_*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tun {
    /// User who may attach to it; none for any with `CAP_NET_ADMIN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<u32>,
    /// Group whose members may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// It is a tap (frames), not a tun (packets).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap: Option<bool>,
    /// It stays when its owner goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent: Option<bool>,
}

/// `IFLA_BR_*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridge {
    /// 0 off, 1 the kernel's own spanning tree, 2 a program's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stp_state: Option<u32>,
    /// Frames are kept to their port's VLANs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vlan_filtering: Option<bool>,
    /// VLAN of untagged frames on new ports; 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vlan_default_pvid: Option<u16>,
    /// Frames go through iptables for this bridge, even where the global switch is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nf_call_iptables: Option<bool>,
    /// The same for ip6tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nf_call_ip6tables: Option<bool>,
    /// The same for arptables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nf_call_arptables: Option<bool>,
    /// Addresses are not learned from link-local frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_linklocal_learn: Option<bool>,
    /// Addresses it learns, at most; 0 for no limit. Since kernel 6.7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fdb_max_learned: Option<u32>,
    /// Addresses it has learned. Since kernel 6.7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fdb_learned: Option<u32>,
    /// Link-local groups 01:80:c2:00:00:0X that are forwarded, a bit each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_fwd_mask: Option<u16>,
    /// Multicast goes only where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multicast_snooping: Option<bool>,
}

/// `IFLA_BRPORT_*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Spanning tree: `disabled`, `listening`, `learning`, `forwarding`, `blocking`; `state-NUMBER` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Source addresses are learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning: Option<bool>,
    /// Frames to unknown addresses go out here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unicast_flood: Option<bool>,
    /// Multicast nobody asked for goes out here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcast_flood: Option<bool>,
    /// Broadcasts go out here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bcast_flood: Option<bool>,
    /// No frames to or from other isolated ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolated: Option<bool>,
    /// Frames may go back out of the port they came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hairpin: Option<bool>,
    /// `IFLA_BRPORT_GUARD`: the port is shut if a spanning tree message comes in; acts only with spanning tree on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bpdu_guard: Option<bool>,
    /// `IFLA_BRPORT_PROTECT`: never the way to the root of the spanning tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_block: Option<bool>,
    /// ARP is answered for neighbours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxyarp: Option<bool>,
    /// ARP and neighbour discovery are not flooded here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neigh_suppress: Option<bool>,
    /// Only frames from addresses in the table come in. Since kernel 5.18.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Link-local groups forwarded from here, a bit each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_fwd_mask: Option<u16>,
}

/// `IFLA_VF_*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualFunction {
    /// Its number.
    pub number: u32,
    /// Its hardware address; `00:00:00:00:00:00` if the host has set none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// VLAN its frames are put in; 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vlan: Option<u32>,
    /// Frames with another source address are dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoofchk: Option<bool>,
    /// It may ask for promiscuous mode and other addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<bool>,
    /// `auto`, `enable`, `disable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_state: Option<String>,
}

#[cfg(test)]
pub(super) mod tests;
