//! Hostile and broken input, one file of the base host at a time. Nothing panics, everything that could not be understood
//! is said with its place, and nothing passes that would not pass on the intact machine.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the lints spare tests, but not the functions they share"
)]

use std::{
    collections::BTreeSet,
    sync::OnceLock,
    time::{Duration, Instant},
};

use controls::Selection;
use host::source::Memory;
use model::{
    finding::{Report, Status},
    profile::Profile,
    recording::{Body, Entry, Stat},
};
use testkit::memory;

mod chains;
mod conf;
mod kernel;
mod policy;
mod secrets;
mod xml;

/// Longest time one broken machine may take, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The base host.
fn base() -> Memory {
    memory::base().unwrap()
}

/// A file's bytes on the base host.
fn bytes_of(machine: &Memory, key: &str) -> Vec<u8> {
    machine.entries[key].body.bytes().unwrap().to_vec()
}

/// The machine with one file's bytes replaced; its inode stays as it was.
fn with(machine: &Memory, key: &str, bytes: impl Into<Vec<u8>>) -> Memory {
    let mut machine = machine.clone();
    let bytes = bytes.into();
    let stat = machine
        .entries
        .get(key)
        .and_then(|entry| entry.stat.clone())
        .unwrap_or(Stat { mode: 0o100_600, ..Stat::default() });
    let stat = Some(Stat { size: bytes.len() as u64, ..stat });
    machine.entries.insert(key.to_owned(), Entry { stat, body: Body::of(bytes) });
    machine
}

/// The machine with a file that nobody may read.
fn denied(machine: &Memory, key: &str) -> Memory {
    let mut machine = machine.clone();
    machine.entries.insert(key.to_owned(), Entry { stat: None, body: Body::Unreadable("EACCES".to_owned()) });
    machine
}

/// Judges a machine, in bounded time.
fn check(machine: &Memory) -> Report {
    let start = Instant::now();
    let report = engine::check(&memory::evidence(machine), &Selection::default(), &Profile::default());
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
    for finding in &report.findings {
        assert!(finding.status == Status::NotApplicable || !finding.found.is_empty(), "{finding:?}");
    }
    report
}

fn intact() -> &'static Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    REPORT.get_or_init(|| {
        let report = check(&base());
        // The base host has this certificate's inode alone.
        let others = report.unread.iter().filter(|unread| unread.what != "/etc/pki/CA/cacert.pem");
        assert_eq!(others.count(), 0, "{:?}", report.unread);
        report
    })
}

/// Control and subject of every finding with this status.
fn with_status(report: &Report, status: Status) -> BTreeSet<(String, String)> {
    let findings = report.findings.iter().filter(|finding| finding.status == status);
    findings.map(|finding| (finding.id.to_string(), finding.subject.id.clone())).collect()
}

/// A question that arises only where an image has a backing file, which that of the base host has not.
const ARISES: &str = "storage.base-image-readonly";

/// Nothing passes that does not pass on the intact machine.
fn no_new_pass(what: &str, report: &Report) {
    let (before, now) = (with_status(intact(), Status::Pass), with_status(report, Status::Pass));
    let new: Vec<_> = now.difference(&before).filter(|(id, _)| id != ARISES).collect();
    assert!(new.is_empty(), "{what}: passes that the intact machine does not give: {new:?}");
}

/// The reason that is given for a file that could not be understood.
fn unread<'a>(report: &'a Report, path: &str) -> Option<&'a str> {
    report.unread.iter().find(|unread| unread.what == path).map(|unread| unread.why.as_str())
}

/// The file is said to be unread, and nothing passes that should not.
#[track_caller]
fn is_told(what: &str, report: &Report, path: &str) -> String {
    no_new_pass(what, report);
    let why = unread(report, path);
    why.unwrap_or_else(|| panic!("{what}: {path} is not said to be unread: {:?}", report.unread)).to_owned()
}

/// They rest on the modes and times of files, whatever is in them.
const INODES: [&str; 2] = ["management.conf-perms", "management.conf-drift-running"];

/// No pass rests on this file.
#[track_caller]
fn no_pass_rests_on(what: &str, report: &Report, path: &str) {
    let passes = report.findings.iter().filter(|finding| finding.status == Status::Pass);
    for finding in passes.filter(|finding| !INODES.contains(&&*finding.id)) {
        let places = finding.place.iter().chain(finding.also.iter().map(|seen| &seen.place));
        let cited = places.into_iter().any(|place| place.file.as_deref() == Some(path));
        assert!(
            !cited,
            "{what}: {} of {} passes and cites {path}: {}",
            finding.id, finding.subject.name, finding.found
        );
    }
}

#[test]
fn the_base_host_itself_is_understood_whole() {
    assert!(with_status(intact(), Status::Unknown).is_empty());
    assert!(!with_status(intact(), Status::Pass).is_empty());
}

#[test]
fn every_file_cut_short_emptied_and_turned_to_noise() {
    let base = base();
    let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (key, entry) in base.entries.iter().filter(|(key, _)| *key != "etc/machine-id") {
        let Some(bytes) = entry.body.bytes() else { continue };
        for (what, bytes) in [
            ("half", bytes.get(..bytes.len() / 2).unwrap_or_default().to_vec()),
            ("all but a byte", bytes.get(..bytes.len().saturating_sub(1)).unwrap_or_default().to_vec()),
            ("noise", noise.clone()),
            ("not UTF-8", [b"\xff\xfe\x80", bytes].concat()),
            ("a NUL first", [b"\0", bytes].concat()),
        ] {
            let report = check(&with(&base, key, bytes));
            no_new_pass(&format!("{key}: {what}"), &report);
        }
    }
}

#[test]
fn every_file_unreadable_is_said() {
    let base = base();
    // Read by the collector for its own use alone.
    let own = ["etc/machine-id", "proc/sys/kernel/hostname", "proc/sys/kernel/random/boot_id"];
    for (key, entry) in base.entries.iter().filter(|(key, _)| !own.contains(&key.as_str())) {
        let report = check(&denied(&base, key));
        no_new_pass(key, &report);
        let listed = matches!(entry.body, Body::Text(_) | Body::Bytes(_));
        // What was never asked for need not be missed.
        let asked = memory::record(&base).entries.contains_key(key);
        if listed && asked {
            is_told(key, &report, &format!("/{key}"));
        }
    }
}
