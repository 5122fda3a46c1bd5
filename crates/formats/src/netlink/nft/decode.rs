//! From netlink messages to objects.

use std::collections::BTreeMap;

use super::{Chain, Element, Family, Object, Rule, Set, Table, expression};
use crate::{
    Malformed,
    netlink::{Message, View, messages},
};

/// Elements of one set that become objects; a set with more says so by its count.
pub const MAX_ELEMENTS: u64 = 16_384;
/// Bytes of `struct nfgenmsg`: family, version, resource id.
const GENERIC: usize = 4;

/// A message of nftables: its kind without the subsystem, its family (none for one not known), its attributes.
struct Part<'a> {
    kind: u16,
    family: Option<Family>,
    attributes: View<'a>,
}

fn part<'a>(message: &Message<'a>) -> Result<Option<Part<'a>>, Malformed> {
    if message.kind & 0xff00 != super::SUBSYSTEM {
        return Ok(None);
    }
    let (generic, attributes) = message.payload.split(GENERIC)?;
    Ok(Some(Part { kind: message.kind & 0xff, family: Family::from_number(generic.u8()?), attributes }))
}

/// All objects of a stream: answers to the requests for tables, chains, rules, sets and elements, in any order.
/// Objects of a family not known are left out.
///
/// # Errors
/// If a message is malformed, or an object has no name.
pub fn decode(stream: &[u8]) -> Result<Vec<Object>, Malformed> {
    let mut objects = Vec::new();
    let mut counts: BTreeMap<(Family, String, String), u64> = BTreeMap::new();
    for message in messages(stream) {
        let Some(Part { kind, family: Some(family), attributes }) = part(&message?)? else { continue };
        match kind {
            0 => objects.push(Object::Table(table(family, attributes)?)),
            3 => objects.push(Object::Chain(chain(family, attributes)?)),
            6 => objects.push(Object::Rule(rule(family, attributes)?)),
            9 => objects.push(Object::Set(set(family, attributes)?)),
            12 => {
                let (table, set, list) = element_list(attributes)?;
                let count = counts.entry((family, table.clone(), set.clone())).or_default();
                for nest in list.into_iter().flat_map(View::attributes) {
                    let nest = nest?.value;
                    *count += 1;
                    if *count <= MAX_ELEMENTS {
                        objects.push(Object::Element(element(family, &table, &set, nest)?));
                    }
                }
            }
            _ => {}
        }
    }
    for object in &mut objects {
        if let Object::Set(set) = object {
            let key = (set.family, set.table.clone(), set.name.clone());
            set.elements = counts.get(&key).copied().unwrap_or_default();
        }
    }
    Ok(objects)
}

/// Number of the last change to the ruleset, from an answer to `NFT_MSG_GETGEN`.
///
/// # Errors
/// If there is no such answer.
pub fn generation(stream: &[u8]) -> Result<u32, Malformed> {
    for message in messages(stream) {
        let Some(Part { kind: 15, attributes, .. }) = part(&message?)? else { continue };
        for attribute in attributes.attributes() {
            let attribute = attribute?;
            if attribute.kind == 1 {
                return attribute.value.be_u32();
            }
        }
    }
    Err(Malformed::at(stream.len(), "no generation number in the answer"))
}

/// Family, table and name of each set of a stream, to ask for their elements.
///
/// # Errors
/// If a message is malformed, or a set has no name.
pub fn set_names(stream: &[u8]) -> Result<Vec<(Family, String, String)>, Malformed> {
    let mut names = Vec::new();
    for message in messages(stream) {
        let Some(Part { kind: 9, family: Some(family), attributes }) = part(&message?)? else { continue };
        let set = set(family, attributes)?;
        names.push((family, set.table, set.name));
    }
    Ok(names)
}

fn required(text: Option<String>, at: View<'_>, why: &'static str) -> Result<String, Malformed> {
    text.filter(|text| !text.is_empty()).ok_or_else(|| Malformed::at(at.offset(), why))
}

fn table(family: Family, view: View<'_>) -> Result<Table, Malformed> {
    let (mut name, mut flags, mut handle) = (None, 0, 0);
    for attribute in view.attributes() {
        let attribute = attribute?;
        match attribute.kind {
            1 => name = Some(attribute.value.text()),
            2 => flags = attribute.value.be_u32()?,
            4 => handle = attribute.value.be_u64()?,
            _ => {}
        }
    }
    let name = required(name, view, "table without a name")?;
    Ok(Table { family, name, handle, dormant: flags & 1 != 0, owned: flags & 2 != 0 })
}

fn chain(family: Family, view: View<'_>) -> Result<Chain, Malformed> {
    let (mut table, mut name, mut policy) = (None, None, None);
    let mut chain = Chain {
        family,
        table: String::new(),
        name: String::new(),
        kind: None,
        hook: None,
        priority: None,
        policy: None,
        devices: Vec::new(),
        handle: 0,
    };
    for attribute in view.attributes() {
        let attribute = attribute?;
        match attribute.kind {
            1 => table = Some(attribute.value.text()),
            2 => chain.handle = attribute.value.be_u64()?,
            3 => name = Some(attribute.value.text()),
            4 => hook(&mut chain, attribute.value)?,
            5 => policy = Some(attribute.value.be_u32()?.cast_signed()),
            7 => chain.kind = Some(attribute.value.text()),
            _ => {}
        }
    }
    chain.table = required(table, view, "chain without a table")?;
    chain.name = required(name, view, "chain without a name")?;
    chain.policy = policy.filter(|_| chain.hook.is_some()).map(expression::plain_verdict);
    Ok(chain)
}

/// `NFTA_CHAIN_HOOK`. Hooks are numbered by family: `enum nf_inet_hooks`, `NF_BR_*`, `NF_ARP_*`, `enum nf_dev_hooks`.
fn hook(chain: &mut Chain, nest: View<'_>) -> Result<(), Malformed> {
    const INET: [&str; 6] = ["prerouting", "input", "forward", "output", "postrouting", "ingress"];
    const ARP: [&str; 3] = ["input", "output", "forward"];
    const NETDEV: [&str; 2] = ["ingress", "egress"];
    let names: &[&str] = match chain.family {
        Family::Arp => &ARP,
        Family::Netdev => &NETDEV,
        // NF_BR_BROUTING has the number of the ingress of inet, and no chain.
        Family::Bridge => INET.get(..5).unwrap_or_default(),
        Family::Inet | Family::Ip | Family::Ip6 => &INET,
    };
    for attribute in nest.attributes() {
        let attribute = attribute?;
        match attribute.kind {
            1 => {
                let number = attribute.value.be_u32()?;
                let name = names.get(number as usize).map(|name| (*name).to_owned());
                chain.hook = Some(name.unwrap_or_else(|| format!("hook-{number}")));
            }
            2 => chain.priority = Some(attribute.value.be_u32()?.cast_signed()),
            3 => chain.devices.push(attribute.value.text()),
            4 => {
                for device in attribute.value.attributes() {
                    chain.devices.push(device?.value.text());
                }
            }
            _ => {}
        }
    }
    // With one device the kernel names it both alone and in the list.
    chain.devices.sort();
    chain.devices.dedup();
    Ok(())
}

fn rule(family: Family, view: View<'_>) -> Result<Rule, Malformed> {
    let (mut table, mut chain, mut handle, mut position) = (None, None, 0, None);
    let (mut comment, mut expressions) = (None, Vec::new());
    for attribute in view.attributes() {
        let attribute = attribute?;
        match attribute.kind {
            1 => table = Some(attribute.value.text()),
            2 => chain = Some(attribute.value.text()),
            3 => handle = attribute.value.be_u64()?,
            4 => expressions = expression::list(attribute.value)?,
            6 => position = Some(attribute.value.be_u64()?),
            7 => comment = user_comment(attribute.value),
            _ => {}
        }
    }
    let table = required(table, view, "rule without a table")?;
    let chain = required(chain, view, "rule without a chain")?;
    Ok(Rule { family, table, chain, handle, position, comment, expressions })
}

fn set(family: Family, view: View<'_>) -> Result<Set, Malformed> {
    let (mut table, mut name, mut bits) = (None, None, 0);
    let (mut kind, mut key_length, mut size, mut handle) = (0, 0, None, 0);
    for attribute in view.attributes() {
        let attribute = attribute?;
        match attribute.kind {
            1 => table = Some(attribute.value.text()),
            2 => name = Some(attribute.value.text()),
            3 => bits = attribute.value.be_u32()?,
            4 => kind = attribute.value.be_u32()?,
            5 => key_length = attribute.value.be_u32()?,
            9 => {
                for description in attribute.value.attributes() {
                    let description = description?;
                    if description.kind == 1 {
                        size = Some(description.value.be_u32()?);
                    }
                }
            }
            16 => handle = attribute.value.be_u64()?,
            _ => {}
        }
    }
    let table = required(table, view, "set without a table")?;
    let name = required(name, view, "set without a name")?;
    Ok(Set { family, table, name, kind, key_length, flags: set_flags(bits), size, handle, elements: 0 })
}

/// `enum nft_set_flags`, by the names of nft where it has them.
fn set_flags(bits: u32) -> Vec<String> {
    const NAMES: [&str; 9] =
        ["anonymous", "constant", "interval", "map", "timeout", "dynamic", "object", "concat", "expr"];
    NAMES
        .iter()
        .enumerate()
        .filter(|(bit, _)| bits >> bit & 1 == 1)
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

/// Table, set and list of a `NFT_MSG_NEWSETELEM`.
fn element_list(view: View<'_>) -> Result<(String, String, Option<View<'_>>), Malformed> {
    let (mut table, mut set, mut list) = (None, None, None);
    for attribute in view.attributes() {
        let attribute = attribute?;
        match attribute.kind {
            1 => table = Some(attribute.value.text()),
            2 => set = Some(attribute.value.text()),
            3 => list = Some(attribute.value),
            _ => {}
        }
    }
    Ok((
        required(table, view, "elements without a table")?,
        required(set, view, "elements without a set")?,
        list,
    ))
}

fn element(family: Family, table: &str, set: &str, nest: View<'_>) -> Result<Element, Malformed> {
    let mut element = Element {
        family,
        table: table.to_owned(),
        set: set.to_owned(),
        key: None,
        key_end: None,
        interval_end: false,
        data: None,
        verdict: None,
        comment: None,
    };
    for attribute in nest.attributes() {
        let attribute = attribute?;
        match attribute.kind {
            1 => element.key = expression::value(attribute.value)?,
            2 => {
                element.data = expression::value(attribute.value)?;
                element.verdict = expression::verdict(attribute.value)?;
            }
            3 => element.interval_end = attribute.value.be_u32()? & 1 != 0,
            6 => element.comment = user_comment(attribute.value),
            10 => element.key_end = expression::value(attribute.value)?,
            _ => {}
        }
    }
    Ok(element)
}

/// The comment in user data: entries of type, length and value, one byte each for the first two; type 0 is the
/// comment for rules and elements alike. User data is free for any program to fill, so other forms have no comment.
fn user_comment(view: View<'_>) -> Option<String> {
    let mut rest = view.bytes();
    while let [kind, length, after @ ..] = rest {
        let (value, next) = after.split_at_checked(usize::from(*length))?;
        if *kind == 0 {
            return Some(View::new(value).text());
        }
        rest = next;
    }
    None
}
