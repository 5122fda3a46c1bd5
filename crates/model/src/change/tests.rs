//! What changes do to a recording, and when they are refused.

use std::collections::BTreeMap;

use formats::{Span, Splice};

use super::*;
use crate::recording::{Privilege, SCHEMA};

fn recording(files: &[(&str, &str)]) -> Recording {
    let entries = files.iter().map(|(key, text)| {
        let stat = Stat { mode: 0o100_644, size: text.len() as u64, ..Stat::default() };
        ((*key).to_owned(), Entry { stat: Some(stat), body: Body::Text((*text).to_owned()) })
    });
    Recording {
        schema: SCHEMA,
        tool: String::new(),
        host_id: String::new(),
        host_name: String::new(),
        boot_id: String::new(),
        collected_at: 0,
        privilege: Privilege::Root,
        vantage: Vantage::Live,
        digest_key: String::new(),
        probes: BTreeMap::new(),
        entries: entries.collect(),
    }
}

fn run(action: Action, recording: &mut Recording) -> Result<(), Refused> {
    Change::new(action, Disposition::Live).apply_to(recording)
}

fn splice(start: usize, end: usize, text: &str) -> Splice {
    Splice { span: Span::new(start, end), text: text.to_owned() }
}

#[test]
fn an_edit_keeps_every_other_byte() {
    let mut here = recording(&[("etc/a", "one two three")]);
    let splices = vec![splice(0, 3, "1"), splice(8, 13, "3!")];
    run(Action::EditFile { path: "/etc/a".into(), splices }, &mut here).unwrap();
    assert_eq!(here.entries["etc/a"].body.bytes(), Some(&b"1 two 3!"[..]));
    assert_eq!(here.entries["etc/a"].stat.as_ref().map(|stat| stat.size), Some(8));
}

#[test]
fn a_refused_edit_leaves_the_recording_as_it_was() {
    let mut here = recording(&[("etc/a", "one")]);
    let before = here.clone();
    for splices in [vec![splice(2, 9, "")], vec![splice(1, 2, ""), splice(0, 1, "")], vec![splice(9, 9, "")]]
    {
        assert!(run(Action::EditFile { path: "/etc/a".into(), splices }, &mut here).is_err());
        assert_eq!(here, before);
    }
    assert!(run(Action::EditFile { path: "/etc/b".into(), splices: vec![] }, &mut here).is_err());
}

#[test]
fn files_come_and_go_with_their_directory() {
    let mut here = recording(&[("etc/d/a", "x")]);
    here.entries.insert("etc/d".into(), Entry { stat: None, body: Body::Names(vec!["a".into()]) });
    let create =
        Action::CreateFile { path: "/etc/d/b".into(), text: "y".into(), mode: 0o600, uid: 0, gid: 0 };
    run(create.clone(), &mut here).unwrap();
    assert!(run(create, &mut here).is_err());
    assert_eq!(here.entries["etc/d"].body, Body::Names(vec!["a".into(), "b".into()]));
    run(Action::RemoveFile { path: "/etc/d/a".into() }, &mut here).unwrap();
    assert_eq!(here.entries["etc/d"].body, Body::Names(vec!["b".into()]));
    assert_eq!(here.entries["etc/d/a"].body, Body::Absent);
}

#[test]
fn a_new_directory_is_listed_and_an_unlisted_one_is_not_invented() {
    let mut here = recording(&[("etc/d/a", "x")]);
    let create =
        |path: &str| Action::CreateFile { path: path.into(), text: "y".into(), mode: 0o600, uid: 0, gid: 0 };
    run(create("/etc/d/b"), &mut here).unwrap();
    assert!(!here.entries.contains_key("etc/d") && !here.lacks("etc/d/c"));
    here.entries
        .insert("etc/d".into(), Entry { stat: None, body: Body::Names(vec!["a".into(), "b".into()]) });
    assert!(
        here.lacks("etc/d/c") && here.lacks("etc/d/c/e") && !here.lacks("etc/d/a") && !here.lacks("etc/e")
    );
    run(create("/etc/d/c/e"), &mut here).unwrap();
    assert_eq!(here.entries["etc/d"].body, Body::Names(vec!["a".into(), "b".into(), "c".into()]));
    assert_eq!(here.entries["etc/d/c"].body, Body::Names(vec!["e".into()]));
}

#[test]
fn sysctls_have_a_place_in_their_namespace() {
    let mut here = recording(&[("proc/sys/net/x", "1\n"), ("netns/7/proc/sys/net/x", "1\n")]);
    run(Action::Sysctl { name: "net.x".into(), value: "0".into(), namespace: Some(7) }, &mut here).unwrap();
    assert_eq!(here.entries["netns/7/proc/sys/net/x"].body, Body::Text("0\n".into()));
    assert_eq!(here.entries["proc/sys/net/x"].body, Body::Text("1\n".into()));
}

#[test]
fn modes_keep_the_file_type() {
    let mut here = recording(&[("etc/a", "x")]);
    run(Action::SetMode { path: "/etc/a".into(), mode: 0o600 }, &mut here).unwrap();
    assert_eq!(here.entries["etc/a"].stat.as_ref().map(|stat| stat.mode), Some(0o100_600));
    assert!(run(Action::RestartDaemon { unit: "libvirtd".into() }, &mut here).is_err());
}
