//! Tests of the walk through bridge rules.

use model::evidence::Evidence;
use testkit::memory;

use crate::frame::{Fate, Frame, fate};

const OWN: [u8; 6] = [0x52, 0x54, 0, 0x3a, 0x91, 7];
const OTHER: [u8; 6] = [0x52, 0x54, 0, 0x3a, 0x91, 6];
const BASE: &str = r#"{"chain":{"family":"bridge","table":"t","name":"in","type":"filter","hook":"prerouting","priority":0,"policy":"accept"}}"#;

fn evidence(rules: &str) -> Evidence {
    let (machine, _) = memory::example("fails", &format!("-- netlink/nft --\n{rules}\n")).unwrap();
    memory::evidence(&machine)
}

fn judged(evidence: &Evidence, frame: impl Fn(Frame<'static>) -> Frame<'static>) -> Fate {
    let rules = evidence.namespaces[0].ruleset.ok().unwrap();
    fate(rules, &frame(Frame::from("vnet0", None)))
}

fn rule(chain: &str, handle: u64, expressions: &str) -> String {
    format!(
        r#"{{"rule":{{"family":"bridge","table":"t","chain":"{chain}","handle":{handle},"expr":[{expressions}]}}}}"#
    )
}

const PORT: &str =
    r#"{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}}"#;
const DROP: &str = r#"{"verdict":"drop"}"#;
const ACCEPT: &str = r#"{"verdict":"accept"}"#;
const RETURN: &str = r#"{"verdict":"return"}"#;
const OWN_SOURCE: &str = r#"{"payload":{"base":"link","offset":6,"length":6,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x5254003a9107"}}"#;

#[test]
fn the_rules_libvirt_makes() {
    let evidence = memory::evidence(&memory::base().unwrap());
    let rules = evidence.namespaces[0].ruleset.ok().unwrap();
    let frame = || Frame::from("vnet0", evidence.namespaces[0].link("vnet0"));
    assert!(matches!(fate(rules, &frame().source(OTHER)), Fate::Dropped(rule) if rule.contains("rule 19")));
    assert!(matches!(fate(rules, &frame().source(OWN).kind(0x8100)), Fate::Dropped(_)));
    assert_eq!(fate(rules, &frame().source(OWN)), Fate::Passes);
    // ebtables-nft matches ARP by a module of its own.
    assert!(matches!(fate(rules, &frame().source(OWN).kind(0x0806)), Fate::Passes | Fate::Obscure(_)));
    assert_eq!(fate(rules, &Frame::from("vnet1", None).source(OTHER)), Fate::Passes);
}

#[test]
fn a_chain_returns_and_a_policy_drops() {
    let jump = rule("in", 1, &format!(r#"{PORT},{{"verdict":{{"jump":"own"}}}}"#));
    let own = r#"{"chain":{"family":"bridge","table":"t","name":"own"}}"#;
    let rules = [BASE, own, &jump, &rule("own", 2, &format!("{OWN_SOURCE},{RETURN}")), &rule("own", 3, DROP)]
        .join("\n");
    let evidence = evidence(&rules);
    assert!(matches!(judged(&evidence, |frame| frame.source(OTHER)), Fate::Dropped(_)));
    assert_eq!(judged(&evidence, |frame| frame.source(OWN)), Fate::Passes);
    // Of any frame, some may be its own.
    assert_eq!(judged(&evidence, |frame| frame), Fate::Passes);
    let evidence = self::evidence(&BASE.replace("accept", "drop"));
    assert!(matches!(judged(&evidence, |frame| frame), Fate::Dropped(rule) if rule.contains("policy")));
}

#[test]
fn an_accept_before_it_lets_frames_through() {
    let ipv4 = r#"{"payload":{"base":"link","offset":12,"length":2,"register":1}},{"cmp":{"register":1,"op":"==","value":"0x0800"}}"#;
    let evidence = evidence(
        &[BASE, &rule("in", 1, &format!("{ipv4},{ACCEPT}")), &rule("in", 2, &format!("{PORT},{DROP}"))]
            .join("\n"),
    );
    assert_eq!(judged(&evidence, |frame| frame.source(OTHER)), Fate::Passes);
    assert!(matches!(judged(&evidence, |frame| frame.source(OTHER).kind(0x0806)), Fate::Dropped(_)));
}

#[test]
fn what_is_not_understood_is_obscure_only_where_it_matters() {
    let limit = r#"{"other":"limit"}"#;
    let matters =
        [BASE, &rule("in", 1, &format!("{limit},{ACCEPT}")), &rule("in", 2, &format!("{PORT},{DROP}"))]
            .join("\n");
    assert!(
        matches!(judged(&evidence(&matters), |frame| frame), Fate::Obscure(rule) if rule.contains("rule 1"))
    );
    let idle = [BASE, &rule("in", 1, &format!("{limit},{ACCEPT}"))].join("\n");
    assert_eq!(judged(&evidence(&idle), |frame| frame), Fate::Passes);
    let late =
        [BASE, &rule("in", 1, &format!("{PORT},{DROP}")), &rule("in", 2, &format!("{limit},{ACCEPT}"))]
            .join("\n");
    assert!(matches!(judged(&evidence(&late), |frame| frame), Fate::Dropped(_)));
    let perhaps = [BASE, &rule("in", 1, &format!("{PORT},{limit},{DROP}"))].join("\n");
    assert!(matches!(judged(&evidence(&perhaps), |frame| frame), Fate::Obscure(_)));
}

#[test]
fn rules_that_jump_in_circles_end() {
    let jump = |chain: &str, handle| rule(chain, handle, r#"{"verdict":{"jump":"a"}}"#);
    let rules = [
        BASE,
        r#"{"chain":{"family":"bridge","table":"t","name":"a"}}"#,
        &jump("in", 1),
        &jump("a", 2),
        &jump("a", 3),
    ]
    .join("\n");
    assert_eq!(judged(&evidence(&rules), |frame| frame), Fate::Passes);
}

#[test]
fn a_dormant_table_does_nothing() {
    let off = r#"{"table":{"family":"bridge","name":"t","dormant":true}}"#;
    let evidence = evidence(&[off, BASE, &rule("in", 1, DROP)].join("\n"));
    assert_eq!(judged(&evidence, |frame| frame), Fate::Passes);
}
