//! What libvirt 9.0 was seen to do with each text (`virConfReadString` and its getters), and edits.

use proptest::prelude::*;

use super::{schema::*, *};
use crate::conf::apply;

fn text(value: &str) -> Value {
    Value::Str(value.to_owned())
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Spanned::new((*item).to_owned(), Span::default())).collect())
}

fn bare(value: &Value) -> Value {
    match value {
        Value::List(items) => list(&items.iter().map(|item| item.value.as_str()).collect::<Vec<_>>()),
        other => other.clone(),
    }
}

fn a(source: &[u8]) -> Value {
    let file = File::parse(source);
    assert_eq!(file.refused(), None, "{:?}", String::from_utf8_lossy(source));
    bare(&file.get("a").expect("a is set").value.value)
}

#[test]
fn values_that_libvirt_takes() {
    let cases: &[(&[u8], Value)] = &[
        (b"a=1", Value::Int(1)),
        (b"a=+5", Value::Int(5)),
        (b"a=-5", Value::Int(-5)),
        (b"a=99999999999999999999", Value::Int(7_766_279_631_452_241_919)),
        (b"a=1;b=2", Value::Int(1)),
        (b"a=1;\nb=2", Value::Int(1)),
        (b"a=1\rb=2", Value::Int(1)),
        (b"a=1 # x\r\nb=2\r\n", Value::Int(1)),
        (b"# c ; a=2\ra=1", Value::Int(1)),
        (b"a=1\na=2", Value::Int(1)),
        (b"a=\"1\"", text("1")),
        (b"a=\"1\"# c", text("1")),
        (b"a='x\"y'", text("x\"y")),
        (b"a=\"\"\nb=\"\"\n", text("")),
        (b"a=\"\"\"x\ny\"\"\"\n", text("x\ny")),
        (b"a=\"\"\"\"x\"\"\"", text("\"x")),
        (b"a=\"x\0y\"", text("x")),
        (b"a=[ ]", list(&[])),
        (b"a=[\"x\",\n]", list(&["x"])),
        (b"a=[\"x\"\n,\t'y' ] # c", list(&["x", "y"])),
        (b"a=[1]", Value::Mixed),
        (b"a=[[\"x\"],\"y\"]", Value::Mixed),
    ];
    for (source, value) in cases {
        assert_eq!(a(source), *value, "{:?}", String::from_utf8_lossy(source));
    }
}

#[test]
fn files_that_libvirt_refuses() {
    let cases: &[(&[u8], usize, &str)] = &[
        (b"a=1 b=2", 4, "expecting a separator"),
        (b"a=1\0b=2", 3, "expecting a separator"),
        (b"a=0x10", 3, "expecting a separator"),
        (b"a=\"\"\"\"\"\"", 4, "expecting a separator"),
        (b"   ", 3, "expecting a name"),
        (b";a=1", 0, "expecting a name"),
        (b"a=1;;b=2", 4, "expecting a name"),
        (b"_a=1", 0, "expecting a name"),
        (b"\xef\xbb\xbfa=1", 0, "expecting a name"),
        (b"a", 1, "expecting an assignment"),
        (b"a-b=1", 1, "expecting an assignment"),
        (b"a\n=1", 1, "expecting an assignment"),
        (b"a= ", 3, "expecting a value"),
        (b"a=\n1", 2, "expecting a value"),
        (b"a=yes", 2, "expecting a value"),
        (b"a=[\"x\",,\"y\"]", 7, "expecting a value"),
        (b"a=[\"x\",\n# c\n\"y\"]", 8, "expecting a value"),
        (b"a=[\"x\"\n# c\n]", 7, "expecting a separator in list"),
        (b"a=[\"x\" \"y\"]", 7, "expecting a separator in list"),
        (b"a=[", 3, "list is not closed with ]"),
        (b"a=\"x", 2, "unterminated string"),
        (b"a='x\n'", 2, "unterminated string"),
        (b"a=\"\"\"xxxx", 2, "unterminated string"),
        (b"a=--5", 3, "unterminated number"),
    ];
    for (source, offset, why) in cases {
        let file = File::parse(source);
        let error =
            file.refused().unwrap_or_else(|| panic!("{:?} was taken", String::from_utf8_lossy(source)));
        assert_eq!(
            (error.offset, error.why.as_ref()),
            (*offset, *why),
            "{:?}",
            String::from_utf8_lossy(source)
        );
        assert_eq!(file.print(), *source);
    }
}

#[test]
fn parsing_goes_on_behind_an_error() {
    let file = File::parse(b"a = yes\nb = 2\nc 3\nd = 4");
    assert_eq!(file.errors().count(), 2);
    assert_eq!(file.get("d").map(|d| &d.value.value), Some(&Value::Int(4)));
    let many = "=\n".repeat(10_000);
    assert_eq!(File::parse(many.as_bytes()).errors().count(), 100);
}

#[test]
fn a_typo_is_found_and_its_meaning_guessed() {
    let file = File::parse(b"vnc_tsl = 1\nVNC_SASL = 1\nfrobnicate = 1\nuser = \"root\"\n");
    let found = file.unknown_keys(QEMU);
    let pairs: Vec<_> = found.iter().map(|u| (u.assignment.key.value.as_str(), u.nearest)).collect();
    assert_eq!(pairs, [("vnc_tsl", Some("vnc_tls")), ("VNC_SASL", Some("vnc_sasl")), ("frobnicate", None)]);
}

#[test]
fn an_appended_duplicate_changes_nothing() {
    let file = File::parse(b"vnc_tls=0\nuser=\"x\"\nvnc_tls=1\nvnc_tls=1\n");
    assert_eq!(file.get("vnc_tls").map(|v| &v.value.value), Some(&Value::Int(0)));
    let places: Vec<_> =
        file.duplicates().iter().map(|(first, later)| (first.key.span.start, later.key.span.start)).collect();
    assert_eq!(places, [(0, 19), (0, 29)]);
}

#[test]
fn wrong_types_stop_the_driver() {
    let cases: &[(&str, Option<&str>)] = &[
        ("vnc_tls=1", None),
        ("vnc_tls=\"1\"", Some("must be 0 or 1 without quotes")),
        ("vnc_tls=2", Some("must be 0 or 1")),
        ("vnc_tls=-0", Some("must be 0 or 1")),
        ("vnc_tls=0\nvnc_tls=\"1\"", None),
        ("seccomp_sandbox=-1", None),
        ("max_files=-1", Some("must not be negative")),
        ("max_files=4294967296", Some("outside the range of an unsigned int")),
        ("max_core=\"unlimited\"", None),
        ("max_core=\"0\"", Some("must be a number or \"unlimited\"")),
        ("vnc_listen=127", Some("must be a string in quotes")),
        ("security_driver=\"selinux\"", None),
        ("security_driver=[\"selinux\",\"apparmor\"]", None),
        ("security_driver=[1]", Some("must be a string or a list of strings")),
        ("namespaces=\"mount\"", Some("must be a list of strings")),
        ("sched_core=\"ful\"", Some("not one of the words this key takes")),
        ("allow_disk_format_probing=0", None),
        ("allow_disk_format_probing=1", Some("no longer supported: a hard error when 1")),
        ("clear_emulator_capabilities=\"x\"", None),
    ];
    for (source, why) in cases {
        let file = File::parse(source.as_bytes());
        let found = file.wrong_types(QEMU);
        assert_eq!(found.first().map(|w| w.why), *why, "{source}");
    }
    let file = File::parse(b"auth_unix_rw = \"no\"\naudit_level = \"2\"\nkeepalive_required = \"x\"\n");
    assert_eq!(file.wrong_types(LIBVIRTD).len(), 2);
}

#[test]
fn removed_keys_count_as_unknown_without_a_guess() {
    let file = File::parse(b"clear_emulator_capabilities = 1\n");
    let found = file.unknown_keys(QEMU);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].nearest, None);
    assert!(matches!(QEMU.find("clear_emulator_capabilities").map(|k| k.status), Some(Status::Ignored(_))));
}

#[test]
fn schemas_are_sound() {
    for name in
        ["qemu.conf", "libvirtd.conf", "virtproxyd.conf", "virtqemud.conf", "virtlogd.conf", "network.conf"]
    {
        let schema = of_file(name).expect(name);
        let mut names: Vec<_> = schema.keys().map(|key| key.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{name}");
        for key in schema.keys() {
            let Some(value) = key.default_value() else { continue };
            let line = apply(b"", &File::parse(b"").set(key.name, &value).expect(key.name));
            assert_eq!(File::parse(&line).wrong_types(schema), [], "{}", key.name);
        }
    }
    assert_eq!(LIBVIRTD.find("listen_tls").and_then(|k| k.default), Some("1"));
    assert_eq!(VIRTPROXYD.find("listen_tls").and_then(|k| k.default), Some("0"));
    assert!(VIRTQEMUD.find("listen_tls").is_none());
}

fn after_set(source: &[u8], key: &str, value: &Value) -> String {
    let splices = File::parse(source).set(key, value).expect("set");
    String::from_utf8(apply(source, &splices)).expect("text")
}

#[test]
fn a_set_value_is_edited_in_place() {
    assert_eq!(after_set(b"a = 0  # why\nb=1\na = 2\n", "a", &Value::Int(1)), "a = 1  # why\nb=1\na = 2\n");
    assert_eq!(after_set(b"\ta='x';b=1", "a", &text("y")), "\ta=\"y\";b=1");
    assert_eq!(after_set(b"n = [\n  \"a\",\n  \"b\"\n]\n", "n", &list(&["c"])), "n = [ \"c\" ]\n");
    assert_eq!(after_set(b"a =   01\n", "a", &Value::Int(1)), "a =   01\n");
}

#[test]
fn a_commented_default_is_uncommented_in_place() {
    let source = b"# vnc_tls = 1 would be good\n#vnc_tls = 1\n\n#vnc_tls_x509_verify = 1\n";
    assert_eq!(
        after_set(source, "vnc_tls", &Value::Int(1)),
        "# vnc_tls = 1 would be good\nvnc_tls = 1\n\n#vnc_tls_x509_verify = 1\n"
    );
    let source = b"#acl = [\r\n#    \"/dev/null\",\r\n#    \"/dev/kvm\"\r\n#]\r\n#\r\n# RDMA\r\n";
    assert_eq!(after_set(source, "acl", &list(&["x"])), "acl = [ \"x\" ]\r\n#\r\n# RDMA\r\n");
    let source = b"#acl = [\n# prose, not an element\n#]\n";
    assert_eq!(after_set(source, "acl", &list(&[])), "acl = []\n# prose, not an element\n#]\n");
}

#[test]
fn else_a_last_line_is_added() {
    assert_eq!(after_set(b"", "a", &Value::Int(1)), "a = 1\n");
    assert_eq!(after_set(b"b = 1", "a", &Value::Int(1)), "b = 1\na = 1\n");
    assert_eq!(after_set(b"b = 1\r\n# end", "a", &Value::Int(1)), "b = 1\r\n# end\r\na = 1\r\n");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let set = |source: &[u8], key: &str, value: &Value| File::parse(source).set(key, value);
    assert_eq!(set(b"a = 1\nb = yes\n", "a", &Value::Int(0)).unwrap_err().offset, 10);
    assert!(set(b"", "a b", &Value::Int(0)).is_err());
    assert!(set(b"", "a", &Value::Mixed).is_err());
    assert!(set(b"", "a", &text("'\"")).is_err());
    assert!(set(b"", "a", &text("\0")).is_err());
}

#[test]
fn unset_comments_out_every_assignment() {
    let after =
        |source: &[u8]| String::from_utf8(apply(source, &File::parse(source).unset("a"))).expect("text");
    assert_eq!(after(b"a = 1 # x\nb = 2\n  a = 2\n"), "#a = 1 # x\nb = 2\n  #a = 2\n");
    assert_eq!(after(b"a = [\r\n \"x\"\r\n]\r\n"), "#a = [\r\n# \"x\"\r\n#]\r\n");
    assert_eq!(after(b"a=1;b=2;a=3"), "b=2;");
    assert_eq!(after(b" a=1;\n"), " #a=1;\n");
}

fn source() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[abc] ?= ?(0|1|-1|\"x\"|'y'|\\[ ?\\]|\\[\"x\",\n 'y' ?\\])( # c)?",
        "#[abc] = (1|\\[|\\[ \"x\" \\])",
        "#  ? ?(\"x\",?|\\]|word)",
        "a=1;[bc]=2;?",
        "[abc]=\"\"\"(x|\n|\"y){1,4}z\"\"\"",
        "",
    ];
    (prop::collection::vec(line, 0..8), prop_oneof!["\n", "\r\n", "\r"], any::<bool>()).prop_map(
        |(lines, eol, last)| {
            let mut text = lines.join(&eol);
            if last {
                text.push_str(&eol);
            }
            text
        },
    )
}

fn wanted() -> impl Strategy<Value = Value> {
    let word = "[a-z'\"\n\r #\\[\\];,]{0,6}[a-z]";
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        word.prop_map(Value::Str),
        prop::collection::vec(word, 0..4).prop_map(|items| Value::List(
            items.into_iter().map(|i| Spanned::new(i, Span::default())).collect()
        )),
    ]
}

proptest! {
    #[test]
    fn printing_gives_every_byte_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(File::parse(&bytes).print(), bytes);
    }

    #[test]
    fn printing_gives_mutated_text_back(source in source(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = source.into_bytes();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert_eq!(File::parse(&bytes).print(), bytes);
    }

    /// What is set is what libvirt will read, every other assignment is as it was, and all bytes outside of
    /// the splices are there.
    #[test]
    fn set_sets_and_touches_nothing_else(source in source(), key in "[abcd]", value in wanted()) {
        let before = File::parse(source.as_bytes());
        prop_assume!(before.refused().is_none());
        let Ok(splices) = before.set(&key, &value) else { return Ok(()) };
        let bytes = apply(source.as_bytes(), &splices);
        let after = File::parse(&bytes);
        prop_assert_eq!(after.refused(), None);
        prop_assert_eq!(bare(&after.get(&key).expect("set").value.value), bare(&value));
        let others = |file: &File| -> Vec<(String, Value)> {
            let all = file.assignments().filter(|a| a.key.value != key);
            all.map(|a| (a.key.value.clone(), bare(&a.value.value))).collect()
        };
        prop_assert_eq!(others(&before), others(&after));
        prop_assert_eq!(after.set(&key, &value), Ok(Vec::new()));
    }

    #[test]
    fn unset_unsets_and_keeps_the_rest(source in source(), key in "[abc]") {
        let before = File::parse(source.as_bytes());
        prop_assume!(before.refused().is_none());
        let after = File::parse(&apply(source.as_bytes(), &before.unset(&key)));
        prop_assert_eq!(after.refused(), None);
        prop_assert!(after.get(&key).is_none());
        let others = |file: &File| -> Vec<(String, Value)> {
            let all = file.assignments().filter(|a| a.key.value != key);
            all.map(|a| (a.key.value.clone(), bare(&a.value.value))).collect()
        };
        prop_assert_eq!(others(&before), others(&after));
    }
}
