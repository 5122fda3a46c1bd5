//! Network filters (libvirt `docs/formatnwfilter.rst`): rules, references, and their flattened expansion.

use roxmltree::Node;

use super::domain::Filterref;
use super::element::{FromAttribute as _, Place, Read, Text, TextOption as _, root_named, text_of};
use super::xml;
use crate::Malformed;

mod expand;
#[cfg(test)]
mod tests;

pub use expand::{ExpandError, Expanded, expand};

/// Priority of a rule that says none (libvirt `src/conf/nwfilter_conf.h`).
pub const DEFAULT_RULE_PRIORITY: i32 = 500;

/// A network filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where the element stands.
    pub at: Place,
    /// `name`.
    pub name: Option<Text>,
    /// `chain`: root, mac, arp-mac …; unsaid means root.
    pub chain: Option<Text>,
    /// `priority` of the chain.
    pub priority: Option<Text>,
    /// Its identity.
    pub uuid: Option<Text>,
    /// Rules and references, in the order of the file.
    pub entries: Vec<Entry>,
}

/// A rule, or a reference to another filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A rule.
    Rule(Rule),
    /// All rules of another filter.
    Reference(Filterref),
}

/// A rule: what to do with which packets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Where the element stands.
    pub at: Place,
    /// `action`: drop, accept, reject, return, continue.
    pub action: Option<Text>,
    /// `direction` as the guest sees it: in, out, inout.
    pub direction: Option<Text>,
    /// `priority` within its chain.
    pub priority: Option<Text>,
    /// `statematch`: false or 0 keeps connection tracking out.
    pub statematch: Option<Text>,
    /// What packets must match; none means all.
    pub protocols: Vec<Protocol>,
}

/// One protocol of a rule, with what must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protocol {
    /// Where the element stands.
    pub at: Place,
    /// mac, vlan, stp, arp, rarp, ip, ipv6, tcp, udp … all-ipv6.
    pub name: Box<str>,
    /// Attributes by name: values may hold variables such as `$MAC`.
    pub attributes: Vec<(Box<str>, Text)>,
}

impl Filter {
    /// Reads a `<filter>`.
    ///
    /// # Errors
    /// What [`xml::parse`] refuses, or another root.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let document = xml::parse(bytes)?;
        Ok(Self::read(root_named(&document, &["filter"])?))
    }

    /// The chain, root when unsaid.
    #[must_use]
    pub fn chain_name(&self) -> &str {
        self.chain.said().unwrap_or("root")
    }

    /// The chain's priority: said, or that of the chain its name begins with (libvirt `docs/formatnwfilter.rst`,
    /// "Filtering chains").
    #[must_use]
    pub fn chain_priority(&self) -> i32 {
        const CHAINS: [(&str, i32); 8] = [
            ("root", 0),
            ("stp", -810),
            ("mac", -800),
            ("vlan", -750),
            ("ipv4", -700),
            ("ipv6", -600),
            ("arp", -500),
            ("rarp", -400),
        ];
        let said = self.priority.said().and_then(|p| p.trim().parse().ok());
        let known = CHAINS.iter().find(|(prefix, _)| self.chain_name().starts_with(prefix));
        said.or(known.map(|(_, priority)| *priority)).unwrap_or(0)
    }
}

impl Rule {
    /// Its priority within the chain, 500 when unsaid.
    #[must_use]
    pub fn priority_value(&self) -> i32 {
        self.priority.said().and_then(|p| p.trim().parse().ok()).unwrap_or(DEFAULT_RULE_PRIORITY)
    }
}

impl Protocol {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &*value.value)
    }
}

fn attribute(node: Node<'_, '_>, name: &str) -> Option<Text> {
    node.attribute_node(name).map(|a| Text::from_attribute(&a))
}

fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(|c| c.is_element() && c.tag_name().namespace().is_none())
}

impl Read for Filter {
    fn read(node: Node<'_, '_>) -> Self {
        let mut new = Self {
            at: Read::read(node),
            name: attribute(node, "name"),
            chain: attribute(node, "chain"),
            priority: attribute(node, "priority"),
            ..Self::default()
        };
        for child in elements(node) {
            match child.tag_name().name() {
                "uuid" if new.uuid.is_none() => new.uuid = text_of(child),
                "rule" => new.entries.push(Entry::Rule(Read::read(child))),
                "filterref" => new.entries.push(Entry::Reference(Read::read(child))),
                _ => {}
            }
        }
        new
    }
}

impl Read for Rule {
    fn read(node: Node<'_, '_>) -> Self {
        Self {
            at: Read::read(node),
            action: attribute(node, "action"),
            direction: attribute(node, "direction"),
            priority: attribute(node, "priority"),
            statematch: attribute(node, "statematch"),
            protocols: elements(node).map(Read::read).collect(),
        }
    }
}

impl Read for Protocol {
    fn read(node: Node<'_, '_>) -> Self {
        let own = node.attributes().filter(|a| a.namespace().is_none());
        Self {
            at: Read::read(node),
            name: node.tag_name().name().into(),
            attributes: own.map(|a| (a.name().into(), Text::from_attribute(&a))).collect(),
        }
    }
}
