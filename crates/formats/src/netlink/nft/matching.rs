//! What a rule matches, read back from its instructions: which registers hold what when they are compared.

use std::collections::BTreeMap;

use super::{Base, Compare, Data, Expression, Rule, Verdict};

/// One test of a rule; all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// What is tested.
    pub operand: Operand,
    /// Bits looked at; none for all.
    pub mask: Option<Data>,
    /// The test.
    pub test: Test,
}

/// What a test looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Something known of the packet, by nft's name: `iifname`.
    Meta(String),
    /// Bytes of the packet.
    Payload {
        /// From which header on.
        base: Base,
        /// First byte.
        offset: u32,
        /// Number of bytes.
        length: u32,
    },
    /// Several, one after the other, each padded to four bytes: the key of a concatenation.
    Several(Vec<Operand>),
    /// What instructions not read here have made.
    Unknown,
}

/// A test of an operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Compared with a constant.
    Compare(Compare, Data),
    /// Looked up in a set or map.
    In {
        /// Its name.
        set: String,
        /// It must *not* be there.
        inverted: bool,
        /// The map decides.
        verdicts: bool,
    },
}

/// Where a register starts, in quarters of the first: 1 and 8 are the same place. None for one no kernel has.
fn place(register: u32) -> Option<u32> {
    match register {
        1..=4 => Some((register - 1) * 4),
        8..=23 => Some(register - 8),
        _ => None,
    }
}

/// What a register holds.
#[derive(Clone)]
struct Held {
    operand: Operand,
    mask: Option<Data>,
}

impl Rule {
    /// Its tests, in order. Tests by expressions that are kept by name alone are not among them: see
    /// [`Rule::understood`].
    #[must_use]
    pub fn matches(&self) -> Vec<Match> {
        let mut registers: BTreeMap<u32, Held> = BTreeMap::new();
        let mut found = Vec::new();
        for expression in &self.expressions {
            match expression {
                Expression::Meta { key, register } if *register != 0 => {
                    load(&mut registers, *register, Operand::Meta(key.clone()));
                }
                Expression::Payload { base, offset, length, register } if *register != 0 => {
                    let operand = Operand::Payload { base: *base, offset: *offset, length: *length };
                    load(&mut registers, *register, operand);
                }
                Expression::Bitwise { register, to, mask, xor } => {
                    let plain = xor.as_ref().is_none_or(|xor| xor.0.iter().all(|byte| *byte == 0));
                    let held = match (place(*register).and_then(|at| registers.get(&at)), mask) {
                        (Some(held), Some(mask)) if plain && held.mask.is_none() => {
                            Held { operand: held.operand.clone(), mask: Some(mask.clone()) }
                        }
                        _ => Held { operand: Operand::Unknown, mask: None },
                    };
                    if let Some(at) = place(*to) {
                        registers.insert(at, held);
                    }
                }
                Expression::Immediate { register, .. } => {
                    load(&mut registers, *register, Operand::Unknown);
                }
                Expression::Cmp { register, operator, value } => {
                    let test = Test::Compare(*operator, value.clone());
                    found.push(read(&registers, *register).into_match(test));
                }
                Expression::Lookup { set, register, to, inverted } => {
                    let test = Test::In { set: set.clone(), inverted: *inverted, verdicts: *to == Some(0) };
                    found.push(read_all(&registers, *register).into_match(test));
                    if let Some(to) = to.filter(|to| *to != 0) {
                        load(&mut registers, to, Operand::Unknown);
                    }
                }
                Expression::Other(_) => registers.clear(),
                _ => {}
            }
        }
        found
    }

    /// What it decides once all its tests hold; none for a rule that only counts, logs, or asks a verdict map.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.expressions.iter().rev().find_map(|expression| match expression {
            Expression::Verdict(verdict) => Some(verdict),
            _ => None,
        })
    }

    /// True if no expression is kept by name alone, but for those that neither test nor decide (`log`, `notrack`).
    #[must_use]
    pub fn understood(&self) -> bool {
        !self.expressions.iter().any(|expression| match expression {
            Expression::Other(name) => !matches!(name.as_str(), "log" | "notrack" | "last"),
            _ => false,
        })
    }
}

impl Held {
    fn into_match(self, test: Test) -> Match {
        Match { operand: self.operand, mask: self.mask, test }
    }
}

/// Loads a register, and forgets those after it: a key is loaded from its first part on, so that what stands there is
/// left from an earlier one. Forgotten too much, an operand is unknown; too little, it would be a wrong one.
fn load(registers: &mut BTreeMap<u32, Held>, register: u32, operand: Operand) {
    if let Some(at) = place(register) {
        registers.split_off(&at);
        registers.insert(at, Held { operand, mask: None });
    }
}

fn read(registers: &BTreeMap<u32, Held>, register: u32) -> Held {
    place(register)
        .and_then(|at| registers.get(&at))
        .cloned()
        .unwrap_or(Held { operand: Operand::Unknown, mask: None })
}

/// What a look-up reads: the register and those after it. Without the set's key length at hand this takes all that
/// were loaded from there on, which is what nft compiles a concatenation to.
fn read_all(registers: &BTreeMap<u32, Held>, register: u32) -> Held {
    let first = read(registers, register);
    let next: Vec<Operand> = place(register)
        .into_iter()
        .flat_map(|at| registers.range(at + 1..))
        .map(|(_, held)| held.operand.clone())
        .collect();
    if next.is_empty() || first.mask.is_some() {
        return first;
    }
    let mut all = vec![first.operand];
    all.extend(next);
    Held { operand: Operand::Several(all), mask: None }
}

impl Match {
    /// For a test that `key` equals an interface name, or one of the names a prefix starts (`vnet*`): the name or
    /// prefix, and whether it is a prefix.
    #[must_use]
    pub fn interface(&self, key: &str) -> Option<(String, bool)> {
        let Test::Compare(Compare::Equal, value) = &self.test else { return None };
        if self.mask.is_some() || self.operand != Operand::Meta(key.to_owned()) {
            return None;
        }
        // nft pads a whole name to 16 bytes; ebtables-nft and iptables-nft compare it with just the NUL that ends it.
        let end = value.0.iter().position(|byte| *byte == 0);
        let name = String::from_utf8_lossy(value.0.get(..end.unwrap_or(value.0.len()))?).into_owned();
        (!name.is_empty()).then_some((name, end.is_none() && value.0.len() < 16))
    }

    /// The bytes at `offset` of a header that this test compares for equality (`Compare::Equal`) or inequality: a
    /// part of a longer comparison too, since nft joins neighbours (`ether saddr` and `ether type`), but for
    /// inequality only the whole.
    #[must_use]
    pub fn payload(&self, base: Base, offset: u32, length: u32) -> Option<(Compare, &[u8])> {
        let Operand::Payload { base: has, offset: first, length: count } = &self.operand else { return None };
        let Test::Compare(operator, value) = &self.test else { return None };
        let whole = (*first, *count) == (offset, length);
        let sought = matches!(operator, Compare::Equal) || (matches!(operator, Compare::NotEqual) && whole);
        if *has != base || !sought || self.mask.is_some() {
            return None;
        }
        let start = offset.checked_sub(*first)? as usize;
        Some((*operator, value.0.get(start..start.checked_add(length as usize)?)?))
    }

    /// The source address an Ethernet frame must have, or must not have.
    #[must_use]
    pub fn ether_source(&self) -> Option<(Compare, &[u8])> {
        self.payload(Base::Link, 6, 6)
    }
}
