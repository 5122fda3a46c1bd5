//! The typed models' common pieces: places, text, quantities, and the macro that declares an element and its reader
//! at once, so that each element's attributes and children are walked exactly once.

use compact_str::CompactString;
use roxmltree::{Attribute, Node};

use super::xml::open_tag;
use crate::{Malformed, Span, Spanned};

/// The namespace of QEMU passthrough in a domain (libvirt `src/qemu/qemu_domain.h`, `QEMU_NAMESPACE_HREF`).
pub(crate) const QEMU_NAMESPACE: &str = "http://libvirt.org/schemas/domain/qemu/1.0";

/// A decoded value and the bytes of its raw form: between the quotes of an attribute, or between two tags. An element has
/// many attributes that are seldom said, so one that is not takes a pointer's place; one that is mostly fits in one piece.
pub type Text = Box<Spanned<CompactString>>;

/// Where an element stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The whole element, from `<` of its open tag to `>` of its close tag: what to cut to remove it.
    pub span: Span,
    /// Its open tag alone, `<` to `>`.
    pub open: Span,
}

/// Short questions to an attribute that may not be there.
pub trait TextOption {
    /// The value, if said.
    fn said(&self) -> Option<&str>;
    /// True if said and equal.
    fn is(&self, value: &str) -> bool {
        self.said() == Some(value)
    }
    /// True if said and one of `values`.
    fn is_any(&self, values: &[&str]) -> bool {
        self.said().is_some_and(|v| values.contains(&v))
    }
    /// libvirt's `yes`/`on` against `no`/`off`; `None` when unsaid or neither.
    fn flag(&self) -> Option<bool> {
        match self.said()? {
            "yes" | "on" => Some(true),
            "no" | "off" => Some(false),
            _ => None,
        }
    }
    /// A number as libvirt reads it (`strtoul` base 0: decimal, `0x` hexadecimal, leading `0` octal).
    fn number(&self) -> Option<u64> {
        number(self.said()?)
    }
}

impl TextOption for Option<Text> {
    fn said(&self) -> Option<&str> {
        self.as_ref().map(|t| &*t.value)
    }
}

impl TextOption for Option<Leaf> {
    fn said(&self) -> Option<&str> {
        self.as_ref().and_then(|l| l.text.said())
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok();
    }
    match text.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => u64::from_str_radix(octal, 8).ok(),
        _ => text.parse().ok(),
    }
}

/// What can be read from an element.
pub(crate) trait Read: Sized {
    /// Reads the element; unknown parts are ignored, so it cannot fail.
    fn read(node: Node<'_, '_>) -> Self;
}

/// What can be read from an attribute.
pub(crate) trait FromAttribute {
    fn from_attribute(attribute: &Attribute<'_, '_>) -> Self;
}

impl FromAttribute for Text {
    fn from_attribute(attribute: &Attribute<'_, '_>) -> Self {
        Self::new(Spanned::new(attribute.value().into(), attribute.range_value()))
    }
}

/// A secret: only its place is kept.
impl FromAttribute for Span {
    fn from_attribute(attribute: &Attribute<'_, '_>) -> Self {
        attribute.range_value().into()
    }
}

/// Big and seldom children are boxed, so that their parents stay cheap to move.
impl<T: Read> Read for Box<T> {
    fn read(node: Node<'_, '_>) -> Self {
        Self::new(T::read(node))
    }
}

impl Read for Place {
    fn read(node: Node<'_, '_>) -> Self {
        Self { span: node.range().into(), open: open_tag(node) }
    }
}

/// The first child element of this name, in no namespace.
pub(crate) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|c| c.has_tag_name(name) && c.tag_name().namespace().is_none())
}

/// The text of an element, comments cut out, as XPath's `string()` gives it to libvirt; `None` when there is none.
pub(crate) fn text_of(node: Node<'_, '_>) -> Option<Text> {
    let mut texts = node.children().filter(Node::is_text);
    let first = texts.next()?;
    let mut value = CompactString::from(first.text().unwrap_or_default());
    let mut end = first.range().end;
    for more in texts {
        value.push_str(more.text().unwrap_or_default());
        end = more.range().end;
    }
    Some(Box::new(Spanned::new(value, first.range().start..end)))
}

/// Declares elements: the struct, its place `at`, and its reader.
///
/// `attributes` are read by name, `text` is the element's own, `one` keeps the first child of that name (as libvirt's
/// XPath `string(./name[1])` does), `many` keeps all, in order. Children must be in their parent's namespace.
macro_rules! element {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $(attributes { $($(#[$am:meta])* $af:ident: $at:ty = $an:literal),* $(,)? })?
            $(text { $(#[$tm:meta])* $tf:ident })?
            $(one { $($(#[$om:meta])* $of:ident: $ot:ty = $on:literal),* $(,)? })?
            $(many { $($(#[$mm:meta])* $mf:ident: $mt:ty = $mn:literal),* $(,)? })?
            $(qemu { $($(#[$qm:meta])* $qf:ident: $qt:ty = $qn:literal),* $(,)? })?
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            /// Where the element stands.
            pub at: $crate::libvirt::element::Place,
            $($($(#[$am])* pub $af: Option<$at>,)*)?
            $($(#[$tm])* pub $tf: Option<$crate::libvirt::element::Text>,)?
            $($($(#[$om])* pub $of: Option<$ot>,)*)?
            $($($(#[$mm])* pub $mf: Vec<$mt>,)*)?
            $($($(#[$qm])* pub $qf: Vec<$qt>,)*)?
        }

        impl $crate::libvirt::element::Read for $name {
            fn read(node: roxmltree::Node<'_, '_>) -> Self {
                #[allow(unused_imports)]
                use $crate::libvirt::element::{FromAttribute, Read};
                #[allow(unused_mut)]
                let mut new = Self { at: Read::read(node), ..Self::default() };
                $(for attribute in node.attributes() {
                    if attribute.namespace().is_some() {
                        continue;
                    }
                    match attribute.name() {
                        $($an => new.$af = Some(FromAttribute::from_attribute(&attribute)),)*
                        _ => {}
                    }
                })?
                $(new.$tf = $crate::libvirt::element::text_of(node);)?
                $crate::libvirt::element::children!(node, new,
                    { $($($of $on)*)? } { $($($mf $mn)*)? } { $($($qf $qn)*)? });
                new
            }
        }
    )*};
}

/// The child loop of [`element!`]; nothing for an element that keeps none.
macro_rules! children {
    ($node:ident, $new:ident, {} {} {}) => {};
    ($node:ident, $new:ident, { $($of:ident $on:literal)* } { $($mf:ident $mn:literal)* } { $($qf:ident $qn:literal)* }) => {
        let own = $node.tag_name().namespace();
        for child in $node.children().filter(roxmltree::Node::is_element) {
            let tag = child.tag_name();
            if tag.namespace() == own {
                match tag.name() {
                    $($on if $new.$of.is_none() => $new.$of = Some(Read::read(child)),)*
                    $($mn => $new.$mf.push(Read::read(child)),)*
                    _ => {}
                }
            } else if tag.namespace() == Some($crate::libvirt::element::QEMU_NAMESPACE) {
                match tag.name() {
                    $($qn => $new.$qf.push(Read::read(child)),)*
                    _ => {}
                }
            }
        }
        // A list that was pushed to has room for four: on a host with ten thousand VMs that is most of the memory.
        $($new.$mf.shrink_to_fit();)*
    };
}

pub(crate) use {children, element};

element! {
    /// An element whose text is all that matters.
    Leaf {
        text {
            /// Its text.
            text
        }
    }

    /// An amount of memory.
    Quantity {
        attributes {
            /// `unit`; KiB when unsaid.
            unit: Text = "unit",
            /// `dumpCore` of a domain's `<memory>`: `on` puts guest memory into core dumps.
            dump_core: Text = "dumpCore",
        }
        text {
            /// The number.
            text
        }
    }
}

impl Quantity {
    /// The amount in bytes (units of libvirt `virScaleInteger`: `b`, `KB` = 1000, `K`/`KiB` = 1024 …).
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        let number: u64 = self.text.said()?.trim().parse().ok()?;
        let unit = self.unit.said().unwrap_or("KiB");
        let scale = match unit.to_ascii_lowercase().as_str() {
            "b" | "byte" | "bytes" | "" => 1,
            short => {
                let power = match short.bytes().next()? {
                    b'k' => 1,
                    b'm' => 2,
                    b'g' => 3,
                    b't' => 4,
                    b'p' => 5,
                    b'e' => 6,
                    _ => return None,
                };
                match short.get(1..)? {
                    "" | "ib" => 1024_u64.pow(power),
                    "b" => 1000_u64.pow(power),
                    _ => return None,
                }
            }
        };
        number.checked_mul(scale)
    }
}

/// The root, if it has this name and no namespace; otherwise why not.
pub(crate) fn root_named<'a, 'i>(
    document: &'a roxmltree::Document<'i>,
    names: &[&str],
) -> Result<Node<'a, 'i>, Malformed> {
    let root = document.root_element();
    let tag = root.tag_name();
    if tag.namespace().is_some() {
        return Err(Malformed::at(
            root.range().start,
            "the root element has a namespace; libvirt reads none",
        ));
    }
    if names.contains(&tag.name()) {
        return Ok(root);
    }
    let name: String = tag.name().chars().take(40).collect();
    Err(Malformed::at(
        root.range().start,
        format!("root element is <{name}>, not <{}>", names.join("> or <")),
    ))
}
