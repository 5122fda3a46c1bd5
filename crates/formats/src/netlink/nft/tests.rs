//! nftables objects, from messages put together as the kernel does.

use super::*;
use crate::netlink::{lines, message, push_attribute};

pub(super) fn nest(attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (kind, value) in attributes {
        push_attribute(&mut out, *kind, value);
    }
    out
}

fn word(value: u32) -> Vec<u8> {
    value.to_be_bytes().to_vec()
}

fn text(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\0"].concat()
}

fn object(kind: u16, family: u8, attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
    message(SUBSYSTEM | kind, 2, 1, &[vec![family, 0, 0, 0], nest(attributes)].concat())
}

fn expression(name: &str, attributes: &[(u16, Vec<u8>)]) -> (u16, Vec<u8>) {
    (1, nest(&[(1, text(name)), (2, nest(attributes))]))
}

fn data(bytes: &[u8]) -> Vec<u8> {
    nest(&[(1, bytes.to_vec())])
}

fn comment(words: &str) -> Vec<u8> {
    [vec![0, u8::try_from(words.len() + 1).unwrap()], text(words)].concat()
}

fn drop_verdict() -> Vec<u8> {
    nest(&[(2, nest(&[(1, word(0))]))])
}

/// A table, a base chain, a rule, a set and three elements.
pub(in crate::netlink) fn stream() -> Vec<u8> {
    let hook = nest(&[(1, word(2)), (2, word((-200_i32).cast_unsigned()))]);
    let expressions = nest(&[
        expression("meta", &[(2, word(6)), (1, word(1))]),
        expression("cmp", &[(1, word(1)), (2, word(0)), (3, data(&Data::name("vnet0").0))]),
        expression("payload", &[(1, word(1)), (2, word(0)), (3, word(6)), (4, word(6))]),
        expression("bitwise", &[(1, word(1)), (2, word(1)), (3, word(6)), (4, data(&[255, 0, 0, 0, 0, 0]))]),
        expression("cmp", &[(1, word(1)), (2, word(1)), (3, data(&[0x52, 0, 0, 0, 0, 0]))]),
        expression("lookup", &[(1, text("macs")), (2, word(1)), (5, word(1))]),
        expression("counter", &[(1, 9_u64.to_be_bytes().to_vec()), (2, 3_u64.to_be_bytes().to_vec())]),
        expression("log", &[]),
        expression("immediate", &[(1, word(0)), (2, drop_verdict())]),
    ]);
    let handle = 7_u64.to_be_bytes().to_vec();
    let rule =
        [(1, text("fence")), (2, text("forward")), (3, handle), (4, expressions), (7, comment("no spoof"))];
    let elements = nest(&[
        (1, nest(&[(1, data(&[0x52, 0x54, 0, 0, 0, 1])), (6, comment("a guest"))])),
        (1, nest(&[(1, data(&[0x52, 0x54, 0, 0, 0, 2])), (2, drop_verdict())])),
        (1, nest(&[(1, data(&[0xff; 6])), (3, word(1))])),
    ]);
    let list = [(1, text("fence")), (2, text("macs")), (3, elements)];
    [
        object(0, 7, &[(1, text("fence")), (2, word(1)), (4, 5_u64.to_be_bytes().to_vec())]),
        object(
            3,
            7,
            &[(1, text("fence")), (3, text("forward")), (4, hook), (5, word(0)), (7, text("filter"))],
        ),
        object(6, 7, &rule),
        object(9, 7, &[(1, text("fence")), (2, text("macs")), (3, word(0x0c)), (5, word(6))]),
        object(12, 7, &list),
        object(15, 0, &[(1, word(77))]),
    ]
    .concat()
}

#[test]
fn objects_are_written_one_a_line_and_read_back() {
    let objects = decode(&stream()).unwrap();
    let written = lines::write(&objects).unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&written).unwrap().lines().collect();
    assert_eq!(lines[0], r#"{"table":{"family":"bridge","name":"fence","handle":5,"dormant":true}}"#);
    assert_eq!(
        lines[1],
        r#"{"chain":{"family":"bridge","table":"fence","name":"forward","type":"filter","hook":"forward","priority":-200,"policy":"drop","handle":0}}"#
    );
    assert!(lines[2].contains(r#"{"cmp":{"register":1,"op":"==","value":"vnet0"}}"#), "{}", lines[2]);
    assert!(lines[2].contains(r#""comment":"no spoof""#) && lines[2].contains(r#"{"verdict":"drop"}"#));
    assert!(lines[3].contains(r#""flags":["interval","map"]"#) && lines[3].contains(r#""elements":3"#));
    assert!(lines[4].contains(r#""key":"0x525400000001""#) && lines[4].contains(r#""comment":"a guest""#));
    assert!(lines[5].contains(r#""verdict":"drop""#) && lines[6].contains(r#""interval_end":true"#));
    let again = lines::read::<Object>(&written).unwrap();
    assert_eq!(again.into_iter().map(|line| line.value).collect::<Vec<_>>(), objects);
    assert_eq!(generation(&stream()), Ok(77));
    assert_eq!(set_names(&stream()).unwrap(), [(Family::Bridge, "fence".into(), "macs".into())]);
}

#[test]
fn a_short_line_is_enough_for_an_example() {
    let line = br#"{"chain":{"family":"inet","table":"filter","name":"forward","hook":"forward","policy":"accept"}}"#;
    let Object::Chain(chain) = lines::read::<Object>(line).unwrap().remove(0).value else {
        panic!("no chain")
    };
    assert_eq!((chain.policy, chain.priority), (Some(Verdict::Accept), None));
    assert!(lines::read::<Object>(br#"{"chain":{"family":"ipx","table":"a","name":"b"}}"#).is_err());
}

fn only_rule(expressions: Vec<Expression>) -> Rule {
    Rule {
        family: Family::Bridge,
        table: "t".into(),
        chain: "c".into(),
        handle: 1,
        position: None,
        comment: None,
        expressions,
    }
}

#[test]
fn tests_are_read_back_from_registers() {
    let objects = decode(&stream()).unwrap();
    let Object::Rule(rule) = &objects[2] else { panic!("{objects:?}") };
    let [name, masked, set] = &rule.matches()[..] else { panic!("{rule:#?}") };
    assert_eq!(name.interface("iifname"), Some(("vnet0".into(), false)));
    assert_eq!(name.interface("oifname"), None);
    assert_eq!(masked.mask, Some(Data(vec![255, 0, 0, 0, 0, 0])));
    assert_eq!(masked.ether_source(), None, "one byte of an address is not the address");
    assert!(matches!(&set.test, Test::In { inverted: true, verdicts: false, .. }));
    assert!(rule.understood());
    assert_eq!(rule.verdict(), Some(&Verdict::Drop));
}

#[test]
fn a_register_overwritten_by_something_else_is_unknown() {
    let meta = Expression::Meta { key: "iifname".into(), register: 1 };
    let cmp = |register| Expression::Cmp { register, operator: Compare::Equal, value: Data::name("vnet0") };
    let matches = only_rule(vec![meta.clone(), Expression::Other("ct".into()), cmp(1)]).matches();
    assert_eq!(matches[0].operand, Operand::Unknown);
    // Register 8 is where register 1 starts, and register 12 where 2 does.
    assert_eq!(
        only_rule(vec![meta, cmp(8)]).matches()[0].interface("iifname"),
        Some(("vnet0".into(), false))
    );
    let key = |register| Expression::Meta { key: "mark".into(), register };
    let lookup = Expression::Lookup { set: "s".into(), register: 1, to: None, inverted: false };
    let stale = only_rule(vec![key(1), key(2), lookup.clone(), key(1), lookup]).matches();
    assert_eq!(stale[0].operand, Operand::Several(vec![Operand::Meta("mark".into()); 2]));
    assert_eq!(stale[1].operand, Operand::Meta("mark".into()), "the second part is of the first look-up");
}

#[test]
fn a_register_that_no_kernel_has_is_unknown() {
    let key = |register| Expression::Meta { key: "mark".into(), register };
    for register in [5, 7, 24, 1000, u32::MAX] {
        let lookup = Expression::Lookup { set: "s".into(), register, to: None, inverted: false };
        let matches = only_rule(vec![key(1), key(u32::MAX - 1), lookup]).matches();
        assert_eq!(matches[0].operand, Operand::Unknown, "{register}");
    }
}

#[test]
fn names_and_addresses_in_longer_comparisons() {
    let meta = Expression::Meta { key: "iifname".into(), register: 1 };
    let name = |value: &[u8]| {
        let cmp = Expression::Cmp { register: 1, operator: Compare::Equal, value: Data(value.to_vec()) };
        only_rule(vec![meta.clone(), cmp]).matches()[0].interface("iifname")
    };
    assert_eq!(name(b"vnet"), Some(("vnet".into(), true)), "vnet*");
    assert_eq!(name(b"vnet7\0"), Some(("vnet7".into(), false)), "as ebtables-nft compares");
    let joined = |operator| {
        let payload = Expression::Payload { base: Base::Link, offset: 6, length: 8, register: 1 };
        let value = Data(vec![1, 2, 3, 4, 5, 6, 8, 6]);
        only_rule(vec![payload, Expression::Cmp { register: 1, operator, value }]).matches().remove(0)
    };
    assert_eq!(joined(Compare::Equal).ether_source(), Some((Compare::Equal, &[1, 2, 3, 4, 5, 6][..])));
    assert_eq!(joined(Compare::Equal).payload(Base::Link, 12, 2), Some((Compare::Equal, &[8, 6][..])));
    assert_eq!(joined(Compare::Equal).payload(Base::Link, 12, 4), None);
    assert_eq!(joined(Compare::NotEqual).ether_source(), None, "either of the two may be what differs");
}

#[test]
fn data_reads_back_as_it_was() {
    for bytes in [
        vec![],
        vec![0; 16],
        b"0x12\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
        b"abcdefghijklmnop".to_vec(),
        vec![8, 6],
    ] {
        let written = serde_json::to_string(&Data(bytes.clone())).unwrap();
        assert_eq!(serde_json::from_str::<Data>(&written).unwrap(), Data(bytes), "{written}");
    }
    for bad in ["\"\"", "\"0x1\"", "\"0xzz\"", "\"0x\u{e9}1\"", "\"sixteen-letters-\""] {
        assert!(serde_json::from_str::<Data>(bad).is_err(), "{bad}");
    }
}

#[test]
fn hostile_objects_are_refused() {
    assert!(decode(&object(0, 1, &[])).is_err(), "a table without a name");
    assert!(
        decode(&object(6, 1, &[(1, text("t")), (2, text("c")), (3, vec![1])])).is_err(),
        "a short handle"
    );
    let nameless = nest(&[(1, nest(&[(2, vec![])]))]);
    assert!(decode(&object(6, 1, &[(1, text("t")), (2, text("c")), (4, nameless)])).is_err());
    let jump = nest(&[(2, nest(&[(1, word((-3_i32).cast_unsigned()))]))]);
    let jump = nest(&[expression("immediate", &[(1, word(0)), (2, jump)])]);
    assert!(
        decode(&object(6, 1, &[(1, text("t")), (2, text("c")), (4, jump)])).is_err(),
        "a jump to nowhere"
    );
    assert_eq!(decode(&object(0, 99, &[])), Ok(vec![]), "an unknown family is passed over");
}
