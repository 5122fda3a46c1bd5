//! XPaths of bytes: computed on demand, since only a failing finding needs one.

use std::fmt::Write as _;

use roxmltree::{Document, Node};

use super::parse;
use crate::libvirt::element::QEMU_NAMESPACE;

/// The XPath of the innermost element or attribute around each byte offset, such as
/// `/domain/devices/graphics[1]/@listen`.
///
/// An element is numbered if it has a sibling of its name or is a device (a second one may come). `None` when the bytes
/// aren't a document this crate reads, or the offset is outside the root element. The document is parsed once for all.
pub fn xpaths_at(bytes: &[u8], offsets: impl Iterator<Item = usize>) -> Vec<Option<String>> {
    let document = parse(bytes).ok();
    offsets.map(|offset| at(document.as_ref()?, offset)).collect()
}

fn at(document: &Document<'_>, offset: usize) -> Option<String> {
    let mut node = document.root_element();
    if !node.range().contains(&offset) {
        return None;
    }
    let mut path = String::new();
    step(&mut path, node);
    while let Some(child) = node.children().find(|c| c.is_element() && c.range().contains(&offset)) {
        step(&mut path, child);
        node = child;
    }
    if let Some(attribute) = node.attributes().find(|a| a.range().contains(&offset)) {
        let source = document.input_text().get(attribute.range_qname()).unwrap_or_else(|| attribute.name());
        let _ = write!(path, "/@{source}");
    }
    Some(path)
}

fn step(path: &mut String, node: Node<'_, '_>) {
    path.push('/');
    match node.tag_name().namespace() {
        None => {}
        Some(QEMU_NAMESPACE) => path.push_str("qemu:"),
        Some(_) => {
            let _ = write!(path, "*[local-name()='{}']", node.tag_name().name());
            return;
        }
    }
    path.push_str(node.tag_name().name());
    let same = |other: &Node<'_, '_>| other.is_element() && other.tag_name() == node.tag_name();
    let before = node.prev_siblings().skip(1).filter(same).count();
    let alone = before == 0 && !node.next_siblings().skip(1).any(|n| same(&n));
    let device = node.parent_element().is_some_and(|p| p.tag_name().name() == "devices");
    if !alone || device {
        let _ = write!(path, "[{}]", before + 1);
    }
}
