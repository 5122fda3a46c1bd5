//! Filters, their expansion, and the ways an expansion can go wrong.

use std::collections::HashMap;

use super::*;
use crate::libvirt::domain::corpus::documents;

fn filters(texts: &[&str]) -> HashMap<String, Filter> {
    let read = |text: &&str| Filter::parse(text.as_bytes()).unwrap();
    texts.iter().map(read).map(|f| (f.name.said().unwrap().to_owned(), f)).collect()
}

#[test]
fn a_filter_reads_in_order() {
    let text = "<filter name='no-mac-spoofing' chain='mac' priority='-800'><uuid>u</uuid>\
        <rule action='return' direction='out'><mac srcmacaddr='$MAC'/></rule><filterref filter='x'/>\
        <rule action='drop' direction='out' priority='1000'><mac/></rule></filter>";
    let filter = Filter::parse(text.as_bytes()).unwrap();
    assert_eq!((filter.chain_name(), filter.chain_priority()), ("mac", -800));
    let [Entry::Rule(first), Entry::Reference(middle), Entry::Rule(last)] = filter.entries.as_slice() else {
        panic!("{:?}", filter.entries);
    };
    assert_eq!(first.protocols[0].attribute("srcmacaddr"), Some("$MAC"));
    assert_eq!((first.priority_value(), last.priority_value()), (500, 1000));
    assert!(middle.filter.is("x") && filter.uuid.is("u"));
    assert_eq!(Filter::parse(b"<filter chain='arp-mac'/>").unwrap().chain_priority(), -500);
    assert!(Filter::parse(b"<domain/>").is_err());
}

#[test]
fn expansion_follows_references_and_lets_the_outer_variable_win() {
    let known = filters(&[
        "<filter name='a'><filterref filter='b'><parameter name='IP' value='1'/></filterref></filter>",
        "<filter name='b' chain='ipv4'><filterref filter='c'><parameter name='IP' value='2'/>\
         <parameter name='P' value='3'/><parameter name='P' value='4'/></filterref><rule action='drop'/></filter>",
        "<filter name='c'><rule action='accept'/></filter>",
    ]);
    let rules = expand(&known["a"], |name| known.get(name)).unwrap();
    let order: Vec<_> = rules.iter().map(|r| (r.filter.name.said().unwrap(), r.rule.action.said())).collect();
    assert_eq!(order, [("c", Some("accept")), ("b", Some("drop"))]);
    assert_eq!(rules[0].variables["IP"], ["1"]);
    assert_eq!(rules[0].variables["P"], ["3", "4"]);
    assert!(!rules[1].variables.contains_key("P"));
}

#[test]
fn cycles_depth_and_blow_up_are_bounded() {
    let known = filters(&[
        "<filter name='a'><filterref filter='b'/></filter>",
        "<filter name='b'><filterref filter='a'/></filter>",
    ]);
    let lookup = |name: &str| known.get(name);
    assert_eq!(expand(&known["a"], lookup), Err(ExpandError::Cycle("a".into())));
    assert_eq!(expand(&known["a"], |_| None), Err(ExpandError::Missing("b".into())));

    let deep: Vec<String> =
        (0..40).map(|n| format!("<filter name='{n}'><filterref filter='{}'/></filter>", n + 1)).collect();
    let known = filters(&deep.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(expand(&known["0"], |name| known.get(name)), Err(ExpandError::TooDeep));

    let wide: Vec<String> = (0..20)
        .map(|n| {
            format!("<filter name='{n}'>{}</filter>", format!("<filterref filter='{}'/>", n + 1).repeat(2))
        })
        .chain(["<filter name='20'/>".to_owned()])
        .collect();
    let known = filters(&wide.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(expand(&known["0"], |name| known.get(name)), Err(ExpandError::TooMany));
}

#[test]
fn every_real_filter_reads() {
    let mut rules = 0;
    for (path, bytes) in documents() {
        if path.components().any(|c| c.as_os_str() == "filter") {
            let filter = Filter::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert!(filter.name.is_some(), "{}", path.display());
            rules += filter.entries.len();
        }
    }
    println!("{rules} rules and references");
}
