//! Rules as distributions and administrators write them.

use super::*;

const MANAGE: &str = "org.libvirt.unix.manage";

/// In the shape of the rule that Debian ships as 60-libvirt.rules.
const SHIPPED: &str = r#"// Members of the group may manage the system daemon
// without a password.

polkit.addRule(function(action, subject) {
    if (action.id == "org.libvirt.unix.manage" &&
        subject.isInGroup("libvirt")) {
        return polkit.Result.YES;
    }
});
"#;

fn one(text: &str) -> Rule {
    let mut found = rules(text).expect("rules");
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0)
}

#[test]
fn the_shipped_rule() {
    let rule = one(SHIPPED);
    assert!(rule.concerns(MANAGE) && !rule.concerns("org.libvirt.unix.monitor"));
    assert_eq!(rule.groups[0].value, Name { name: "libvirt".into(), negated: false });
    assert_eq!(&SHIPPED[rule.groups[0].span.range()], "\"libvirt\"");
    assert_eq!(&SHIPPED[rule.allows().expect("yes").range()], "polkit.Result.YES");
    assert_eq!(&SHIPPED[rule.actions[0].span.range()], "\"org.libvirt.unix.manage\"");
    assert!(
        SHIPPED[rule.span.range()].starts_with("polkit.addRule(")
            && SHIPPED[rule.span.range()].ends_with("})")
    );
    assert!(!rule.opaque && !rule.unconditional() && rule.facts.is_empty());
}

#[test]
fn other_ways_to_write_it() {
    let rule = one(
        "polkit.addRule((a, s) => { if (/^org\\.libvirt\\./.test(a.id) || a.id.indexOf('org.libvirt.') === 0) return 'yes' })",
    );
    assert!(rule.allows().is_some() && rule.concerns(MANAGE) && rule.unconditional());
    let rule = one(
        "polkit.addRule(function f(action, subject) { if (\"org.libvirt.unix.manage\" === action.id && subject.user !== 'root' && !subject.isInGroup('x') && subject.active) { return polkit.Result.AUTH_ADMIN_KEEP; } });",
    );
    assert!(rule.concerns(MANAGE) && rule.allows().is_none());
    assert_eq!(rule.results[0].value, Outcome::Authenticate);
    assert!(rule.users[0].value.negated && rule.groups[0].value.negated);
    assert_eq!(rule.facts[0].value, "active");
    let rule = one("polkit.addRule(function(action, subject) { return polkit.Result.YES; });");
    assert!(rule.concerns(MANAGE) && rule.unconditional());
    let rule = one(
        "polkit.addRule(function(action, subject) { if (action.lookup('domain_name') == 'a') return polkit.Result.NO; return null; });",
    );
    assert_eq!(rule.details[0].value, "domain_name");
    assert_eq!(rule.results.iter().map(|r| r.value).collect::<Vec<_>>(), [Outcome::No, Outcome::NotHandled]);
}

#[test]
fn what_is_not_code_is_not_read() {
    let text = "/* polkit.addRule(function(a, s) { return polkit.Result.YES; }); */\nvar x = \"polkit.addRule(\";\npolkit.log('polkit.Result.YES');";
    assert_eq!(rules(text), Ok(Vec::new()));
    assert_eq!(rules(""), Ok(Vec::new()));
}

#[test]
fn what_cannot_be_read_says_so() {
    for text in [
        "polkit.addRule(named);",
        "polkit.addRule(function(action, subject) { return answer; });",
        "polkit.addRule(function(action, subject) { polkit.spawn(['/bin/x']); return polkit.Result.YES; });",
        "polkit.addRule(function(action, subject) { if (subject.isInGroup(g)) return polkit.Result.YES; });",
    ] {
        assert!(one(text).opaque, "{text}");
    }
}

#[test]
fn broken_files_are_errors() {
    for (text, offset) in [
        ("polkit.addRule(", 14),
        ("a)", 1),
        ("(]", 1),
        ("'x\n'", 0),
        ("/* x", 0),
        ("x = /a\n/", 4),
        ("\"\\", 0),
    ] {
        assert_eq!(rules(text).map_err(|error| error.offset), Err(offset), "{text}");
    }
    assert!(rules(&"(".repeat(500_000)).is_err());
    assert!(rules(&" ".repeat(MAX_SIZE + 1)).is_err());
}
