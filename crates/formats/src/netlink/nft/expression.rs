//! The expressions of a rule: small instructions that load registers, compare them and act.

use serde::{Deserialize, Serialize};

use super::{super::View, data::Data, is_false};
use crate::Malformed;

/// One instruction. Registers are numbered as in `enum nft_registers`: 1 to 4 of 16 bytes each, and 8 to 23, each the
/// four bytes of a quarter of one of those; 8 is where 1 starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expression {
    /// Loads what is known of the packet: its interface, mark, protocol …
    Meta {
        /// Its name as nft writes it: `iifname`, `oifname`, `ibrname`, `l4proto` …; `meta-NUMBER` if unknown.
        key: String,
        /// Register loaded; 0 if the packet's value is set instead.
        #[serde(default)]
        register: u32,
    },
    /// Loads bytes of the packet.
    Payload {
        /// From which header on.
        base: Base,
        /// First byte.
        offset: u32,
        /// Number of bytes.
        length: u32,
        /// Register loaded; 0 if the packet is written instead.
        #[serde(default)]
        register: u32,
    },
    /// `(register & mask) ^ xor`, or a shift, where `mask` is none.
    Bitwise {
        /// Register read.
        #[serde(default)]
        register: u32,
        /// Register loaded.
        #[serde(default)]
        to: u32,
        /// Bits kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mask: Option<Data>,
        /// Bits turned over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        xor: Option<Data>,
    },
    /// Goes on if the comparison holds.
    Cmp {
        /// Register read.
        #[serde(default)]
        register: u32,
        /// How.
        #[serde(rename = "op")]
        operator: Compare,
        /// With what; its length is how much of the register is read.
        value: Data,
    },
    /// Goes on if the value is in a set (not in it, if `inverted`); loads what a map has for it, or acts on its verdict.
    Lookup {
        /// The set's name.
        set: String,
        /// Register read.
        #[serde(default)]
        register: u32,
        /// Register loaded from a map; 0 for the verdict of a verdict map; none for a plain set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<u32>,
        /// Goes on if it is *not* there.
        #[serde(default, skip_serializing_if = "is_false")]
        inverted: bool,
    },
    /// Loads a constant.
    Immediate {
        /// Register loaded.
        #[serde(default)]
        register: u32,
        /// With what.
        value: Data,
    },
    /// Decides, whatever the packet.
    Verdict(Verdict),
    /// Counts.
    Counter {
        /// Packets so far.
        packets: u64,
        /// Bytes so far.
        bytes: u64,
    },
    /// Any other, by its name in the kernel: `ct`, `reject`, `limit`, `log`, `nat`, `match`, `target` …
    Other(String),
}

/// What is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The packet goes on to the next hook or base chain.
    Accept,
    /// It is thrown away.
    Drop,
    /// The next rule.
    Continue,
    /// No more of this rule; the next.
    Break,
    /// Back to the calling chain; in a base chain, its policy.
    Return,
    /// To a chain, and back.
    Jump(String),
    /// To a chain, and not back.
    Goto(String),
    /// Any other, by its number: 2 stolen, 3 to user space (the queue in the high half).
    Other(i32),
}

/// Where `offset` counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// The Ethernet header: destination at 0, source at 6, type at 12.
    Link,
    /// The IP or ARP header.
    Network,
    /// The TCP, UDP or ICMP header.
    Transport,
    /// What is in a tunnel.
    Inner,
    /// Any other.
    Other,
}

/// `enum nft_cmp_ops`. Other than for equality, bytes are compared from the first on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compare {
    /// `==`
    #[serde(rename = "==")]
    Equal,
    /// `!=`
    #[serde(rename = "!=")]
    NotEqual,
    /// `<`
    #[serde(rename = "<")]
    Less,
    /// `<=`
    #[serde(rename = "<=")]
    LessOrEqual,
    /// `>`
    #[serde(rename = ">")]
    Greater,
    /// `>=`
    #[serde(rename = ">=")]
    GreaterOrEqual,
}

/// The attributes 1 to 8 of a nest, the last of each kind; more than any expression read here has.
fn table(nest: View<'_>) -> Result<[Option<View<'_>>; 9], Malformed> {
    let mut table = [None; 9];
    for attribute in nest.attributes() {
        let attribute = attribute?;
        if let Some(slot) = table.get_mut(usize::from(attribute.kind)) {
            *slot = Some(attribute.value);
        }
    }
    Ok(table)
}

/// A number; 0 where there is none.
fn number(value: Option<View<'_>>) -> Result<u32, Malformed> {
    value.map_or(Ok(0), View::be_u32)
}

/// The expressions of `NFTA_RULE_EXPRESSIONS`.
pub(super) fn list(nest: View<'_>) -> Result<Vec<Expression>, Malformed> {
    nest.attributes().map(|element| expression(element?.value)).collect()
}

fn expression(nest: View<'_>) -> Result<Expression, Malformed> {
    let [_, name, data, ..] = table(nest)?;
    let name = name.ok_or_else(|| Malformed::at(nest.offset(), "expression without a name"))?.text();
    let Some(data) = data else { return Ok(Expression::Other(name)) };
    let [_, a, b, c, d, e, ..] = table(data)?;
    let missing = |what: &'static str| move || Malformed::at(data.offset(), what);
    Ok(match name.as_str() {
        "meta" => Expression::Meta { key: meta_key(number(b)?), register: number(a)? },
        "payload" => Expression::Payload {
            base: base(number(b)?),
            offset: number(c)?,
            length: number(d)?,
            register: number(a)?,
        },
        "bitwise" => {
            let (mask, xor) = (d.map(value).transpose()?.flatten(), e.map(value).transpose()?.flatten());
            // NFTA_BITWISE_OP 0 is mask and xor; a shift has neither, and the boolean ones of kernel 6.13 no mask.
            Expression::Bitwise { register: number(a)?, to: number(b)?, mask, xor }
        }
        "cmp" => Expression::Cmp {
            register: number(a)?,
            operator: compare(number(b)?).ok_or_else(missing("unknown comparison"))?,
            value: c.map(value).transpose()?.flatten().ok_or_else(missing("comparison with nothing"))?,
        },
        "lookup" => Expression::Lookup {
            set: a.ok_or_else(missing("look-up in no set"))?.text(),
            register: number(b)?,
            to: c.map(View::be_u32).transpose()?,
            inverted: number(e)? & 1 != 0,
        },
        "immediate" => immediate(number(a)?, b.ok_or_else(missing("immediate without data"))?)?,
        "counter" => Expression::Counter {
            bytes: a.map_or(Ok(0), View::be_u64)?,
            packets: b.map_or(Ok(0), View::be_u64)?,
        },
        _ => Expression::Other(name),
    })
}

fn immediate(register: u32, data: View<'_>) -> Result<Expression, Malformed> {
    if let Some(verdict) = verdict(data)? {
        return Ok(Expression::Verdict(verdict));
    }
    let value = value(data)?
        .ok_or_else(|| Malformed::at(data.offset(), "immediate with neither value nor verdict"))?;
    Ok(Expression::Immediate { register, value })
}

/// `NFTA_DATA_VALUE` of a nest of data.
pub(super) fn value(nest: View<'_>) -> Result<Option<Data>, Malformed> {
    let [_, value, ..] = table(nest)?;
    Ok(value.map(|value| Data(value.bytes().to_vec())))
}

/// `NFTA_DATA_VERDICT` of a nest of data.
pub(super) fn verdict(nest: View<'_>) -> Result<Option<Verdict>, Malformed> {
    let [_, _, verdict, ..] = table(nest)?;
    let Some(verdict) = verdict else { return Ok(None) };
    let [_, code, chain, ..] = table(verdict)?;
    let code = number(code)?.cast_signed();
    let chain = || chain.map(View::text).ok_or_else(|| Malformed::at(verdict.offset(), "jump to no chain"));
    Ok(Some(match code {
        -3 => Verdict::Jump(chain()?),
        -4 => Verdict::Goto(chain()?),
        _ => plain_verdict(code),
    }))
}

/// A verdict that names no chain: `NF_DROP` 0, `NF_ACCEPT` 1, and `enum nft_verdicts`.
pub(super) fn plain_verdict(code: i32) -> Verdict {
    match code {
        0 => Verdict::Drop,
        1 => Verdict::Accept,
        -1 => Verdict::Continue,
        -2 => Verdict::Break,
        -5 => Verdict::Return,
        other => Verdict::Other(other),
    }
}

fn base(number: u32) -> Base {
    match number {
        0 => Base::Link,
        1 => Base::Network,
        2 => Base::Transport,
        3 => Base::Inner,
        _ => Base::Other,
    }
}

fn compare(number: u32) -> Option<Compare> {
    use Compare::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual].get(number as usize).copied()
}

/// `enum nft_meta_keys`, by the names of `src/meta.c` of nftables.
fn meta_key(number: u32) -> String {
    #[rustfmt::skip]
    const NAMES: [&str; 36] = [
        "length", "protocol", "priority", "mark", "iif", "oif", "iifname", "oifname", "iiftype", "oiftype",
        "skuid", "skgid", "nftrace", "rtclassid", "secmark", "nfproto", "l4proto", "ibrname", "obrname",
        "pkttype", "cpu", "iifgroup", "oifgroup", "cgroup", "random", "ipsec", "iifkind", "oifkind",
        "ibrpvid", "ibrvproto", "time", "day", "hour", "sdif", "sdifname", "broute",
    ];
    NAMES.get(number as usize).map_or_else(|| format!("meta-{number}"), |name| (*name).to_owned())
}
