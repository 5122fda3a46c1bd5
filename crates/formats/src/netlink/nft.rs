//! nftables as the kernel holds it: tables, chains, rules, sets and their elements.
//!
//! One object a line, under its kind: `{"chain":{"family":"bridge","table":"filter","name":"FORWARD","type":"filter",
//! "hook":"forward","priority":0,"policy":"drop"}}`. What iptables-nft and ebtables-nft put in is there as well; what
//! the older x_tables (`iptables-legacy`, `ebtables-legacy`) hold is not. Sources: `include/uapi/linux/netfilter/
//! nf_tables.h`, `net/netfilter/nf_tables_api.c` of the kernel; user data: `include/libnftnl/udata.h` of libnftnl.

mod data;
mod decode;
mod expression;
mod matching;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use data::Data;
pub use decode::{MAX_ELEMENTS, decode, generation, set_names};
pub use expression::{Base, Compare, Expression, Verdict};
pub use matching::{Match, Operand, Test};

use super::is_false;

/// `NFNL_SUBSYS_NFTABLES << 8`: the high half of every message type.
pub const SUBSYSTEM: u16 = 10 << 8;
/// `NFT_MSG_GETTABLE`, a request like those below, with the subsystem.
pub const GET_TABLE: u16 = SUBSYSTEM | 1;
/// `NFT_MSG_GETCHAIN`.
pub const GET_CHAIN: u16 = SUBSYSTEM | 4;
/// `NFT_MSG_GETRULE`.
pub const GET_RULE: u16 = SUBSYSTEM | 7;
/// `NFT_MSG_GETSET`.
pub const GET_SET: u16 = SUBSYSTEM | 10;
/// `NFT_MSG_GETSETELEM`: needs [`ELEMENTS_TABLE`] and [`ELEMENTS_SET`].
pub const GET_ELEMENTS: u16 = SUBSYSTEM | 13;
/// `NFT_MSG_GETGEN`: the number of the last change.
pub const GET_GENERATION: u16 = SUBSYSTEM | 16;
/// `NFTA_SET_ELEM_LIST_TABLE`.
pub const ELEMENTS_TABLE: u16 = 1;
/// `NFTA_SET_ELEM_LIST_SET`.
pub const ELEMENTS_SET: u16 = 2;

/// `NFPROTO_*`: which packets a table sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// IPv4 and IPv6.
    Inet,
    /// IPv4.
    Ip,
    /// IPv6.
    Ip6,
    /// ARP.
    Arp,
    /// Frames through a bridge.
    Bridge,
    /// Frames of one device, at its ingress or egress.
    Netdev,
}

impl Family {
    /// From `nfgen_family`.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Inet,
            2 => Self::Ip,
            3 => Self::Arp,
            5 => Self::Netdev,
            7 => Self::Bridge,
            10 => Self::Ip6,
            _ => return None,
        })
    }

    /// As `nfgen_family`.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Inet => 1,
            Self::Ip => 2,
            Self::Arp => 3,
            Self::Netdev => 5,
            Self::Bridge => 7,
            Self::Ip6 => 10,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inet => "inet",
            Self::Ip => "ip",
            Self::Ip6 => "ip6",
            Self::Arp => "arp",
            Self::Bridge => "bridge",
            Self::Netdev => "netdev",
        })
    }
}

/// One object of the ruleset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Object {
    /// A table.
    Table(Table),
    /// A chain.
    Chain(Chain),
    /// A rule; rules of a chain are in the order in which they are tried.
    Rule(Rule),
    /// A set or map.
    Set(Set),
    /// An element of a set or map.
    Element(Element),
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its family.
    pub family: Family,
    /// Its name.
    pub name: String,
    /// The kernel's number for it, unique while the machine runs.
    #[serde(default)]
    pub handle: u64,
    /// Switched off: none of its chains is called.
    #[serde(default, skip_serializing_if = "is_false")]
    pub dormant: bool,
    /// It belongs to one process, and dies with it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub owned: bool,
}

/// A chain. A base chain has a type, a hook, a priority and a policy; others are only jumped to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The family of its table.
    pub family: Family,
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// `filter`, `nat` or `route`; none for a chain that is only jumped to.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `prerouting`, `input`, `forward`, `output`, `postrouting`, `ingress`, `egress`; `hook-NUMBER` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hook: Option<String>,
    /// Chains of a hook are called from the lowest on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// What becomes of a packet that no rule decided: [`Verdict::Accept`] or [`Verdict::Drop`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Verdict>,
    /// Devices of a netdev chain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<String>,
    /// The kernel's number for it, unique in its table.
    #[serde(default)]
    pub handle: u64,
}

/// A rule: expressions, tried one after the other until one does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The family of its table.
    pub family: Family,
    /// Its table.
    pub table: String,
    /// Its chain.
    pub chain: String,
    /// The kernel's number for it, unique in its table.
    #[serde(default)]
    pub handle: u64,
    /// Handle of the rule before it; none for the first of a chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// Its comment, from its user data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What it tests and does.
    #[serde(default, rename = "expr")]
    pub expressions: Vec<Expression>,
}

/// A set or map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// The family of its table.
    pub family: Family,
    /// Its table.
    pub table: String,
    /// Its name; `__set0`, `__map0` … for one written inside a rule.
    pub name: String,
    /// `NFTA_SET_KEY_TYPE`: a number of nft's own; concatenations are six bits a part.
    #[serde(default, rename = "type")]
    pub kind: u32,
    /// Bytes in a key.
    #[serde(default)]
    pub key_length: u32,
    /// `anonymous`, `constant`, `interval`, `map`, `timeout`, `dynamic`, `object`, `concat`, `expr`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Elements it has room for; none for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// The kernel's number for it, unique in its table.
    #[serde(default)]
    pub handle: u64,
    /// Elements it has; more than there are [`Element`] objects if over [`MAX_ELEMENTS`].
    #[serde(default)]
    pub elements: u64,
}

/// An element of a set or map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// The family of its table.
    pub family: Family,
    /// The table of its set.
    pub table: String,
    /// Its set.
    pub set: String,
    /// Its key; none for the element that catches all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Data>,
    /// The last key of a range, in sets of concatenations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_end: Option<Data>,
    /// In other interval sets, this key is the first one *not* in the range before it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub interval_end: bool,
    /// What a map has for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// What a verdict map has for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Its comment, from its user data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[cfg(test)]
pub(super) mod tests;
