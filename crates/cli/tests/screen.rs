//! The report as a person sees it: on a terminal of 80 and of 200 columns, in a pipe, with colour and without.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that can't go on must stop and say so")]

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
};

use model::finding::{Report, Status};
use testkit::{memory, scratch::Scratch};

const BALUARTE: &str = env!("CARGO_BIN_EXE_baluarte");
const NEGLECTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../hosts/neglected.zst");

/// What goes to a pipe.
fn piped(arguments: &[&str]) -> String {
    let done = Command::new(BALUARTE).arg("check").args(arguments).output().unwrap();
    String::from_utf8(done.stdout).unwrap()
}

/// What a terminal of that many columns gets (script(1) of util-linux makes one).
fn on_terminal(columns: usize, environment: &str) -> Option<String> {
    let command =
        format!("stty cols {columns} rows 60; {environment} {BALUARTE} check --evidence {NEGLECTED}");
    let script = Command::new("script").args(["-qec", &command, "/dev/null"]).stdin(Stdio::null()).output();
    match script {
        Ok(done) => Some(String::from_utf8(done.stdout).unwrap().replace('\r', "")),
        Err(error) => {
            println!("skipped: script(1): {error}");
            None
        }
    }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn failing() -> BTreeSet<(String, String)> {
    let report: Report =
        serde_json::from_str(&piped(&["--evidence", NEGLECTED, "--format", "json"])).unwrap();
    let failing = report.findings.iter().filter(|finding| finding.status == Status::Fail);
    let parts = failing.filter_map(|finding| finding.id.split_once('.'));
    parts.map(|(topic, name)| (topic.to_owned(), name.to_owned())).collect()
}

#[test]
fn a_host_with_three_vms_takes_one_screen_and_hides_no_wall() {
    let text = piped(&["--evidence", NEGLECTED]);
    assert!(!text.contains('\u{1b}'), "colours in a pipe");
    for (topic, name) in failing() {
        let told = text.lines().any(|line| {
            line.contains(&format!("{topic}.{name}")) || (line.contains(&topic) && line.contains(&name))
        });
        assert!(told, "{topic}.{name} is not on the screen:\n{text}");
    }
    for columns in [80, 200] {
        let Some(screen) = on_terminal(columns, "") else { return };
        assert!(screen.contains('\u{1b}'), "no colours on a terminal");
        let screen = plain(&screen);
        let (lines, widest) =
            (screen.lines().count(), screen.lines().map(|line| line.chars().count()).max().unwrap());
        assert!(lines <= 50 && widest <= columns, "{lines} lines, {widest} wide at {columns}:\n{screen}");
    }
    let Some(dull) = on_terminal(80, "NO_COLOR=1") else { return };
    assert!(!dull.contains('\u{1b}'), "NO_COLOR is not heeded");
}

#[test]
fn a_clean_host_takes_three_lines_and_the_coverage() {
    let scratch = Scratch::new().unwrap();
    let file = scratch.path().join("base.zst");
    host::store::save(&file, &memory::record(&memory::base().unwrap())).unwrap();
    let text = piped(&["--evidence", file.to_str().unwrap()]);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines.last().is_some_and(|line| line.starts_with("0 fail,") && line.contains("coverage 100 %")));
}

#[test]
fn what_is_only_counted_is_counted_right() {
    // With --all every result is made and listed; without, most are counted.
    let last = |arguments: &[&str]| piped(arguments).lines().last().map(str::to_owned);
    assert_eq!(last(&["--evidence", NEGLECTED]), last(&["--evidence", NEGLECTED, "--all"]));
}
