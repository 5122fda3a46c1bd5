//! The nftables ruleset of a namespace, made by nft and by ebtables.

use formats::netlink::nft::{self, Family, Object, Test, Verdict};
use host::netlink::Query;

use crate::{Namespace, ready, run, values};

const RULESET: &str = r#"
table inet guard {
    set allowed { type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.7 comment "proxy" } }
    map ports { type inet_service : verdict; elements = { 22 : accept, 23 : drop } }
    chain input { type filter hook input priority -5; policy drop;
        iifname "lo" accept
        ip saddr @allowed counter accept comment "management"
        tcp dport vmap @ports
    }
    chain forward { type filter hook forward priority filter; policy accept; }
    chain aside { return; }
}
table bridge fence {
    set pairs { typeof iifname . ether saddr; elements = { "vnet1" . 52:54:00:00:00:01 } }
    chain forward { type filter hook forward priority 0; policy drop;
        iifname "vnet0" ether saddr 52:54:00:00:00:0a ether type arp accept comment "vnet0 may speak"
        iifname "vnet0" ether saddr != 52:54:00:00:00:0a drop comment "no spoof"
        iifname . ether saddr @pairs jump checked
        iifname "tap*" goto checked
    }
    chain checked { limit rate 10/second accept; }
    chain pre { type filter hook prerouting priority -300; policy accept; }
}
"#;

#[test]
fn ruleset_of_a_namespace() {
    if !ready(&["ip", "nft"]) {
        return;
    }
    let space = Namespace::new("nft");
    assert_eq!(space.query(Query::Nft), b"", "a new namespace has no ruleset");
    space.ruleset(RULESET);
    let objects: Vec<Object> = values(&space.query(Query::Nft));
    chains(&objects);
    rules(&objects);
    sets(&objects);
}

fn chains(objects: &[Object]) {
    let hooked: Vec<String> = objects
        .iter()
        .filter_map(|object| match object {
            Object::Chain(chain) => {
                let (hook, priority, policy) =
                    (chain.hook.as_ref()?, chain.priority?, chain.policy.as_ref()?);
                let kind = chain.kind.as_deref()?;
                Some(format!(
                    "{} {}/{} {kind} {hook} {priority} {policy:?}",
                    chain.family, chain.table, chain.name
                ))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        hooked,
        [
            "inet guard/input filter input -5 Drop",
            "inet guard/forward filter forward 0 Accept",
            "bridge fence/forward filter forward 0 Drop",
            "bridge fence/pre filter prerouting -300 Accept",
        ]
    );
    let aside = objects.iter().any(|object| {
        matches!(object, Object::Chain(chain) if chain.name == "aside"
        && chain.hook.is_none() && chain.policy.is_none() && chain.kind.is_none())
    });
    assert!(aside, "a chain that is jumped to has no hook and no policy");
    assert!(objects.iter().any(|object| matches!(object, Object::Table(table)
        if table.family == Family::Inet && table.name == "guard" && table.handle > 0 && !table.dormant)));
}

fn rules(objects: &[Object]) {
    let rules: Vec<&nft::Rule> = objects
        .iter()
        .filter_map(|object| match object {
            Object::Rule(rule) if rule.table == "fence" && rule.chain == "forward" => Some(rule),
            _ => None,
        })
        .collect();
    let [arp, spoof, pairs, taps] = rules.as_slice() else { panic!("{rules:#?}") };
    let mac: &[u8] = &[0x52, 0x54, 0, 0, 0, 0x0a];

    assert_eq!(arp.comment.as_deref(), Some("vnet0 may speak"));
    assert_eq!(arp.verdict(), Some(&Verdict::Accept));
    assert!(arp.understood());
    let tests = arp.matches();
    assert_eq!(tests[0].interface("iifname"), Some(("vnet0".into(), false)));
    assert!(tests.iter().any(|test| test.ether_source() == Some((nft::Compare::Equal, mac))), "{tests:?}");

    assert_eq!((spoof.comment.as_deref(), spoof.verdict()), (Some("no spoof"), Some(&Verdict::Drop)));
    assert!(spoof.matches().iter().any(|test| test.ether_source() == Some((nft::Compare::NotEqual, mac))));
    assert_eq!(spoof.position, Some(arp.handle));

    assert_eq!(pairs.verdict(), Some(&Verdict::Jump("checked".into())));
    let [lookup] = &pairs.matches()[..] else { panic!("{pairs:#?}") };
    assert_eq!(lookup.test, Test::In { set: "pairs".into(), inverted: false, verdicts: false });
    let source = nft::Operand::Payload { base: nft::Base::Link, offset: 6, length: 6 };
    assert_eq!(lookup.operand, nft::Operand::Several(vec![nft::Operand::Meta("iifname".into()), source]));

    assert_eq!(taps.verdict(), Some(&Verdict::Goto("checked".into())));
    assert_eq!(taps.matches()[0].interface("iifname"), Some(("tap".into(), true)));

    let checked = objects.iter().find_map(|object| match object {
        Object::Rule(rule) if rule.chain == "checked" => Some(rule),
        _ => None,
    });
    assert!(!checked.unwrap().understood(), "limit is kept by name: {checked:#?}");
}

fn sets(objects: &[Object]) {
    let count = |name: &str| {
        objects.iter().find_map(|object| match object {
            Object::Set(set) if set.name == name => Some((set.elements, set.flags.clone())),
            _ => None,
        })
    };
    // 192.0.2.0, the end of its range, 198.51.100.7 and the end of that, and the end of nothing before the first.
    let (elements, flags) = count("allowed").unwrap();
    assert!((4..=5).contains(&elements), "{elements}");
    assert_eq!(flags, ["interval"]);
    assert_eq!(count("ports").unwrap(), (2, vec!["map".to_owned()]));
    let elements: Vec<&nft::Element> = objects
        .iter()
        .filter_map(|object| match object {
            Object::Element(element) => Some(element),
            _ => None,
        })
        .collect();
    let telnet =
        elements.iter().find(|element| element.set == "ports" && element.key == Some(nft::Data(vec![0, 23])));
    assert_eq!(telnet.unwrap().verdict, Some(Verdict::Drop));
    assert!(elements.iter().any(|element| element.comment.as_deref() == Some("proxy")));
    let pair = elements.iter().find(|element| element.set == "pairs").unwrap();
    let key = &pair.key.as_ref().unwrap().0;
    assert!(key.starts_with(b"vnet1\0") && key[16..22] == [0x52, 0x54, 0, 0, 0, 1], "{key:?}");
}

#[test]
fn ebtables_rules_are_seen() {
    if !ready(&["ip", "ebtables"]) {
        return;
    }
    let version = run("ebtables --version").unwrap();
    if !String::from_utf8_lossy(&version.stdout).contains("nf_tables") {
        println!("skipped: ebtables is not the one on nf_tables");
        return;
    }
    let space = Namespace::new("ebt");
    space.must("ebtables -A FORWARD -i vnet7 -s ! 52:54:00:00:00:07 -j DROP");
    let objects: Vec<Object> = values(&space.query(Query::Nft));
    let rule = objects.iter().find_map(|object| match object {
        Object::Rule(rule) if rule.family == Family::Bridge && rule.chain == "FORWARD" => Some(rule),
        _ => None,
    });
    let tests = rule.unwrap().matches();
    assert!(tests.iter().any(|test| test.interface("iifname") == Some(("vnet7".into(), false))), "{rule:#?}");
    let mac: &[u8] = &[0x52, 0x54, 0, 0, 0, 7];
    assert!(tests.iter().any(|test| test.ether_source() == Some((nft::Compare::NotEqual, mac))), "{rule:#?}");
    assert_eq!(rule.unwrap().verdict(), Some(&Verdict::Drop));
}
