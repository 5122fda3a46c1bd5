//! A frame of which only some bytes are said, and tests of such bytes.

use std::cmp::Ordering;

use formats::netlink::nft::{Base, Compare, Data};

use crate::frame::Holds;

/// Frames from one tap, with what is said of them.
#[derive(Clone, Debug)]
pub(crate) struct Frame<'a> {
    /// The tap.
    pub(crate) input: &'a str,
    index: Option<u32>,
    bridge: Option<&'a str>,
    link: Vec<Option<u8>>,
    network: Vec<Option<u8>>,
    transport: Vec<Option<u8>>,
}

/// IPv4's version and header length, without options.
const IPV4: u8 = 0x45;

impl<'a> Frame<'a> {
    /// Any frame from this tap.
    pub(crate) fn from(input: &'a str, link: Option<&'a formats::netlink::link::Link>) -> Self {
        let (index, bridge) = (link.map(|link| link.index), link.and_then(|link| link.master.as_deref()));
        Self { input, index, bridge, link: vec![], network: vec![], transport: vec![] }
    }

    /// With this source address.
    pub(crate) fn source(mut self, mac: [u8; 6]) -> Self {
        set(&mut self.link, 6, &mac);
        self
    }

    /// With this ethertype.
    pub(crate) fn kind(mut self, ethertype: u16) -> Self {
        set(&mut self.link, 12, &ethertype.to_be_bytes());
        self
    }

    /// With these bytes of the header after Ethernet's, at `offset`.
    pub(crate) fn network(mut self, offset: usize, bytes: &[u8]) -> Self {
        set(&mut self.network, offset, bytes);
        self
    }

    /// An IPv4 packet of this protocol.
    pub(crate) fn ipv4(self, protocol: Option<u8>) -> Self {
        let frame = self.kind(0x0800).network(0, &[IPV4]);
        match protocol {
            Some(protocol) => frame.network(9, &[protocol]),
            None => frame,
        }
    }

    /// An IPv6 packet of this protocol, without extension headers.
    pub(crate) fn ipv6(self, protocol: u8) -> Self {
        self.kind(0x86dd).network(0, &[0x60]).network(6, &[protocol])
    }

    /// With these bytes of TCP's, UDP's or ICMP's header, at `offset`.
    pub(crate) fn transport(mut self, offset: usize, bytes: &[u8]) -> Self {
        set(&mut self.transport, offset, bytes);
        self
    }

    pub(crate) fn meta(&self, key: &str) -> Option<Bytes> {
        let name = |name: &str| Bytes(Data::name(name).0.into_iter().map(Some).collect());
        let known = |bytes: &[u8]| Bytes(bytes.iter().copied().map(Some).collect());
        match key {
            "iifname" => Some(name(self.input)),
            // In the order of the host's own bytes: little-endian on all but s390x.
            "iif" => self.index.map(|index| known(&index.to_le_bytes())),
            "ibrname" => self.bridge.map(name),
            "protocol" => Some(self.payload(Base::Link, 12, 2)),
            "l4proto" => match (self.link.get(12..14), self.network.first()) {
                (Some([Some(8), Some(0)]), _) => Some(self.payload(Base::Network, 9, 1)),
                (Some([Some(0x86), Some(0xdd)]), _) => Some(self.payload(Base::Network, 6, 1)),
                _ => Some(Bytes(vec![None])),
            },
            _ => None,
        }
    }

    pub(crate) fn payload(&self, base: Base, offset: usize, length: usize) -> Bytes {
        let header = match base {
            Base::Link => &self.link,
            Base::Network => &self.network,
            _ => &self.transport,
        };
        Bytes(
            (offset..offset.saturating_add(length.min(MAX)))
                .map(|at| header.get(at).copied().flatten())
                .collect(),
        )
    }
}

/// Longest operand looked at.
const MAX: usize = 64;

fn set(header: &mut Vec<Option<u8>>, offset: usize, bytes: &[u8]) {
    if header.len() < offset + bytes.len() {
        header.resize(offset + bytes.len(), None);
    }
    for (place, byte) in header.iter_mut().skip(offset).zip(bytes) {
        *place = Some(*byte);
    }
}

/// Bytes that a test looks at, each said or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes(Vec<Option<u8>>);

impl Bytes {
    /// Keeps the bits of a mask; bytes that the mask leaves out are zero.
    pub(crate) fn mask(&mut self, mask: &[u8]) {
        for (byte, mask) in self.0.iter_mut().zip(mask) {
            *byte = if *mask == 0 { Some(0) } else { byte.map(|byte| byte & mask) };
        }
    }

    /// Adds the next part of a concatenation, padded to four bytes.
    pub(crate) fn join(&mut self, part: &Self) {
        self.0.extend(&part.0);
        self.0.resize(self.0.len().next_multiple_of(4), Some(0));
    }

    /// All of them, if all are said.
    pub(crate) fn all(&self) -> Option<Vec<u8>> {
        self.0.iter().copied().collect()
    }

    /// The first ones, as far as they are said.
    pub(crate) fn prefix(&self) -> Vec<u8> {
        self.0.iter().map_while(|byte| *byte).collect()
    }
}

pub(crate) fn not(holds: Holds) -> Holds {
    match holds {
        Holds::Yes => Holds::No,
        Holds::No => Holds::Yes,
        other => other,
    }
}

/// Compares as the kernel does: as many bytes as `value` has.
pub(crate) fn compare(seen: &Bytes, operator: Compare, value: &[u8]) -> Holds {
    match operator {
        Compare::Equal => equal(seen, value),
        Compare::NotEqual => not(equal(seen, value)),
        Compare::Less => ordered(seen, value, Ordering::is_lt),
        Compare::LessOrEqual => ordered(seen, value, Ordering::is_le),
        Compare::Greater => ordered(seen, value, Ordering::is_gt),
        Compare::GreaterOrEqual => ordered(seen, value, Ordering::is_ge),
    }
}

fn pairs<'a>(seen: &'a Bytes, value: &'a [u8]) -> impl Iterator<Item = (Option<u8>, u8)> {
    let unsaid = std::iter::repeat(None);
    seen.0.iter().copied().chain(unsaid).zip(value.iter().copied())
}

fn equal(seen: &Bytes, value: &[u8]) -> Holds {
    let mut holds = Holds::Yes;
    for (byte, wanted) in pairs(seen, value) {
        match byte {
            None => holds = Holds::Some,
            Some(byte) if byte != wanted => return Holds::No,
            Some(_) => {}
        }
    }
    holds
}

fn ordered(seen: &Bytes, value: &[u8], wanted: fn(Ordering) -> bool) -> Holds {
    let mut order = Ordering::Equal;
    for (byte, limit) in pairs(seen, value) {
        let Some(byte) = byte else { return Holds::Some };
        order = order.then(byte.cmp(&limit));
    }
    if wanted(order) { Holds::Yes } else { Holds::No }
}
