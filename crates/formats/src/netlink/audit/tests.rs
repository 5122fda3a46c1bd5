//! Audit status and rules, from messages put together as the kernel does.

use super::*;
use crate::netlink::{lines, message};

/// Fields as (number, operator, value, text); a text gives its own length as the value.
type Field = (u32, u32, u32, &'static str);

fn rule_payload(flags: u32, action: u32, mask: &dyn Fn(usize) -> u32, fields: &[Field]) -> Vec<u8> {
    let mut words = vec![flags, action, u32::try_from(fields.len()).unwrap()];
    words.extend((0..MASK_WORDS).map(mask));
    let column = |pick: &dyn Fn(&Field) -> u32| {
        let mut column: Vec<u32> = fields.iter().map(pick).collect();
        column.resize(MAX_FIELDS, 0);
        column
    };
    let length = |text: &str| u32::try_from(text.len()).unwrap();
    words.extend(column(&|field| field.0));
    words.extend(column(&|field| if field.3.is_empty() { field.2 } else { length(field.3) }));
    words.extend(column(&|field| field.1));
    let texts: String = fields.iter().map(|field| field.3).collect();
    words.push(length(&texts));
    let mut payload: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    payload.extend(texts.as_bytes());
    payload
}

/// `-a always,exit -F arch=b64 -S execve -F path=/etc/hostname -F perm=wa -F exe!=/usr/bin/true -k one -k two`.
pub(in crate::netlink) fn rule_message() -> Vec<u8> {
    let execve = |word| if word == 59 / 32 { 1 << (59 % 32) } else { 0 };
    let fields = [
        (11, 0x4000_0000, 0xc000_003e, ""),
        (105, 0x4000_0000, 0, "/etc/hostname"),
        (106, 0x4000_0000, 10, ""),
        (112, 0x3000_0000, 0, "/usr/bin/true"),
        (210, 0x4000_0000, 0, "one\u{1}two"),
    ];
    let mut message = message(LIST_RULES, 2, 1, &rule_payload(4, 2, &execve, &fields));
    message.resize(message.len().next_multiple_of(4), 0);
    message
}

pub(in crate::netlink) fn status_message() -> Vec<u8> {
    let words = [0_u32, 1, 2, 345, 0, 8192, 7, 3, 0x7f, 60000, 11];
    message(GET, 0, 1, &words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<_>>())
}

fn only(payload: &[u8]) -> Rule {
    rules(&message(LIST_RULES, 2, 1, payload)).unwrap().remove(0)
}

#[test]
fn a_status_of_any_age_is_read() {
    let read = status(&status_message()).unwrap();
    assert_eq!((read.enabled, read.failure, read.pid, read.backlog_limit, read.lost), (1, 2, 345, 8192, 7));
    assert_eq!((read.backlog_wait_time, read.backlog_wait_time_actual), (Some(60000), Some(11)));
    // Before kernel 3.14 there were eight words.
    let old = status(&message(GET, 0, 1, &[1; 32])).unwrap();
    assert_eq!((old.backlog_wait_time, old.features), (None, 0));
    assert!(status(&message(GET, 0, 1, &[1; 28])).is_err());
    assert!(status(b"").is_err());
}

#[test]
fn a_rule_is_written_as_one_line_and_read_back() {
    let rules = rules(&rule_message()).unwrap();
    let line = lines::write(&rules).unwrap();
    assert_eq!(
        String::from_utf8(line.clone()).unwrap(),
        "{\"list\":\"exit\",\"action\":\"always\",\"syscalls\":[\"execve\"],\"fields\":[\
         {\"field\":\"arch\",\"op\":\"=\",\"value\":\"b64\"},\
         {\"field\":\"path\",\"op\":\"=\",\"value\":\"/etc/hostname\"},\
         {\"field\":\"perm\",\"op\":\"=\",\"value\":\"wa\"},\
         {\"field\":\"exe\",\"op\":\"!=\",\"value\":\"/usr/bin/true\"}],\"keys\":[\"one\",\"two\"]}\n"
    );
    assert_eq!(lines::read::<Rule>(&line).unwrap()[0].value, rules[0]);
}

#[test]
fn every_operator_is_kept() {
    for (bits, written) in [
        (0x4000_0000, "="),
        (0x3000_0000, "!="),
        (0x2000_0000, ">"),
        (0x6000_0000, ">="),
        (0x1000_0000, "<"),
        (0x5000_0000, "<="),
        (0x0800_0000, "&"),
        (0x4800_0000, "&="),
    ] {
        let rule = only(&rule_payload(4, 2, &|_| u32::MAX, &[(1, bits, 0, "")]));
        assert_eq!(serde_json::to_string(&rule.fields[0].operator).unwrap(), format!("\"{written}\""));
    }
    assert!(rules(&message(LIST_RULES, 2, 1, &rule_payload(4, 2, &|_| 0, &[(1, 0, 0, "")]))).is_err());
}

#[test]
fn all_calls_and_calls_without_an_architecture() {
    // auditctl leaves the last word, of classes, alone.
    let all = only(&rule_payload(4, 2, &|word| if word == 63 { 0 } else { u32::MAX }, &[]));
    assert_eq!(all.syscalls, Syscalls::All);
    assert!(all.syscalls.includes("execve"));
    let some = only(&rule_payload(0x10 | 4, 0, &|word| if word == 1 { 1 << 27 } else { 0 }, &[]));
    assert_eq!(some.syscalls, Syscalls::Only(vec![Syscall::Number(59)]));
    assert!(some.syscalls.includes("execve") && !some.syscalls.includes("open"));
    assert!(some.prepend && some.action == Action::Never);
    let i386 = only(&rule_payload(4, 2, &|word| u32::from(word == 0), &[(11, 0x4000_0000, 0x4000_0003, "")]));
    assert_eq!(i386.syscalls, Syscalls::Only(vec![Syscall::Number(0)]), "no names for 32 bits");
    assert!(serde_json::from_str::<Syscalls>("\"some\"").is_err());
}

#[test]
fn values_are_read_as_auditctl_writes_them() {
    let equal = 0x4000_0000;
    let cases = [
        ((9, equal, u32::MAX, ""), "auid", Value::Text("unset".into())),
        ((1, equal, 107, ""), "uid", Value::Number(107)),
        ((103, equal, (-13_i32).cast_unsigned(), ""), "exit", Value::Number(-13)),
        ((15, equal, 0, "svirt_t"), "subj_type", Value::Text("svirt_t".into())),
        ((108, equal, 0o100_000, ""), "filetype", Value::Text("file".into())),
        ((111, equal, 1, ""), "field_compare", Value::Text("uid obj_uid".into())),
        ((111, equal, 25, ""), "field_compare", Value::Text("sgid fsgid".into())),
        ((111, equal, 0, ""), "field_compare", Value::Number(0)),
        ((200, equal, 5, ""), "a0", Value::Number(5)),
        ((113, equal, 16, ""), "saddr_fam", Value::Number(16)),
        ((77, equal, 1, ""), "field-77", Value::Number(1)),
    ];
    for (field, name, value) in cases {
        let rule = only(&rule_payload(4, 2, &|_| 0, &[field]));
        assert_eq!((rule.fields[0].field.as_str(), &rule.fields[0].value), (name, &value));
    }
}

#[test]
fn hostile_rules_are_refused() {
    let whole = rule_payload(4, 2, &|_| 0, &[(105, 0x4000_0000, 0, "/etc")]);
    let broken = |at: usize, word: u32| {
        let mut payload = whole.clone();
        payload[at..at + 4].copy_from_slice(&word.to_ne_bytes());
        rules(&message(LIST_RULES, 2, 1, &payload))
    };
    assert!(broken(0, 9).is_err(), "unknown list");
    assert!(broken(4, 3).is_err(), "unknown action");
    assert!(broken(8, 65).is_err(), "too many fields");
    assert!(broken(VALUES_AT, 5).is_err(), "a text longer than the texts");
    assert!(broken(LENGTH_AT, 5).is_err(), "texts longer than the message");
    assert_eq!(broken(4, 3).unwrap_err().offset, 20);
}
