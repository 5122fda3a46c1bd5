//! Merges an XML fragment into a domain. An element of the fragment takes the place of all of the same name: those that
//! stand directly below `<domain>` there, all others below `<devices>`. A fragment `<domain ATTRIBUTES/>` sets attributes of
//! the domain itself.

use roxmltree::{Document, Node};

/// Elements directly below `<domain>` (libvirt `docs/formatdomain.rst`); everything else is a device.
const TOP: [&str; 30] = [
    "name",
    "uuid",
    "title",
    "memory",
    "currentMemory",
    "maxMemory",
    "vcpu",
    "iothreads",
    "os",
    "sysinfo",
    "features",
    "cpu",
    "clock",
    "memoryBacking",
    "launchSecurity",
    "resource",
    "memtune",
    "cputune",
    "blkiotune",
    "numatune",
    "on_poweroff",
    "on_reboot",
    "on_crash",
    "pm",
    "perf",
    "metadata",
    "seclabel",
    "keywrap",
    "genid",
    "description",
];

/// QEMU's passthrough namespace.
const QEMU: &str = "http://libvirt.org/schemas/domain/qemu/1.0";

/// The XML with the fragment merged in.
///
/// # Errors
/// What can't be parsed.
pub fn merge(xml: &str, fragment: &str) -> Result<String, String> {
    let wrapped = format!("<fragment xmlns:qemu='{QEMU}'>{fragment}</fragment>");
    let document = Document::parse(&wrapped).map_err(|error| format!("the fragment: {error}"))?;
    let mut merged = xml.to_owned();
    let mut seen: Vec<(String, bool)> = vec![];
    for element in document.root_element().children().filter(Node::is_element) {
        if element.has_tag_name("domain") {
            for attribute in element.attributes() {
                merged = set_attribute(&merged, attribute.name(), attribute.value())?;
            }
            continue;
        }
        let name = (element.tag_name().name().to_owned(), element.tag_name().namespace().is_some());
        let text = wrapped.get(element.range()).unwrap_or_default();
        if !seen.contains(&name) {
            merged = remove(&merged, &name.0, name.1)?;
        }
        merged = insert(&merged, text, &name.0, name.1)?;
        seen.push(name);
    }
    Ok(merged)
}

fn domain<'a, 'i>(document: &'a Document<'i>) -> Result<Node<'a, 'i>, String> {
    let found = document.descendants().find(|node| node.has_tag_name("domain"));
    found.ok_or_else(|| "there is no <domain>".to_owned())
}

fn parent<'a, 'i>(domain: Node<'a, 'i>, name: &str, qemu: bool) -> Result<Node<'a, 'i>, String> {
    if qemu || TOP.contains(&name) {
        return Ok(domain);
    }
    domain
        .children()
        .find(|node| node.has_tag_name("devices"))
        .ok_or_else(|| "there is no <devices>".to_owned())
}

fn parse(xml: &str) -> Result<Document<'_>, String> {
    Document::parse(xml).map_err(|error| format!("the domain: {error}"))
}

fn remove(xml: &str, name: &str, qemu: bool) -> Result<String, String> {
    let document = parse(xml)?;
    let parent = parent(domain(&document)?, name, qemu)?;
    let mut kept = xml.to_owned();
    let same = parent
        .children()
        .filter(|node| node.tag_name().name() == name && node.tag_name().namespace().is_some() == qemu);
    for range in same.map(|node| node.range()).collect::<Vec<_>>().into_iter().rev() {
        kept.replace_range(range, "");
    }
    Ok(kept)
}

fn insert(xml: &str, text: &str, name: &str, qemu: bool) -> Result<String, String> {
    let document = parse(xml)?;
    let domain = domain(&document)?;
    let end = parent(domain, name, qemu)?.range().end;
    let at = xml.get(..end).and_then(|before| before.rfind("</")).ok_or("an element without an end")?;
    let mut merged = xml.to_owned();
    merged.insert_str(at, &format!("  {text}\n  "));
    let declared = domain.namespaces().any(|namespace| namespace.uri() == QEMU);
    if qemu && !declared {
        let open = domain.range().start + "<domain".len();
        merged.insert_str(open, &format!(" xmlns:qemu='{QEMU}'"));
    }
    Ok(merged)
}

fn set_attribute(xml: &str, name: &str, value: &str) -> Result<String, String> {
    let document = parse(xml)?;
    let domain = domain(&document)?;
    let mut merged = xml.to_owned();
    match domain.attribute_node(name) {
        Some(attribute) => merged.replace_range(attribute.range_value(), value),
        None => merged.insert_str(domain.range().start + "<domain".len(), &format!(" {name}='{value}'")),
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str =
        "<domain type='kvm'><name>a</name><devices><disk a='1'/><disk a='2'/><rng/></devices></domain>";

    #[test]
    fn devices_replace_devices_and_the_rest_the_rest() {
        let merged = merge(XML, "<disk a='3'/><disk a='4'/><seclabel type='none'/>").unwrap();
        let document = Document::parse(&merged).unwrap();
        let values: Vec<_> = document.descendants().filter_map(|node| node.attribute("a")).collect();
        assert_eq!(values, ["3", "4"]);
        assert!(document.descendants().any(|node| node.has_tag_name("rng")));
        assert!(document.root_element().children().any(|node| node.has_tag_name("seclabel")));
    }

    #[test]
    fn the_domain_itself_and_the_passthrough_namespace() {
        let merged =
            merge(XML, "<domain type='qemu'/><qemu:commandline><qemu:arg value='-s'/></qemu:commandline>")
                .unwrap();
        let document = Document::parse(&merged).unwrap();
        assert_eq!(document.root_element().attribute("type"), Some("qemu"));
        assert!(document.descendants().any(|node| node.has_tag_name((QEMU, "arg"))));
        assert!(merge(XML, "<disk").is_err());
    }
}
