//! One test for every control: its examples are judged as they are tagged, what can't be read is unknown, and its
//! remedy works, once.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that can't go on must stop and say so"
)]

use controls::{CONTROLS, Judgement, PAGES, Selection, assess, page, remedies};
use model::{
    evidence::Evidence,
    finding::{Disposition, Finding, Mark, Status},
    recording::{Body, Entry, Recording},
};
use testkit::memory::{self, Memory};

fn judged(evidence: &Evidence, id: &str) -> Vec<Judgement> {
    assess(evidence, &Selection { only: vec![id.to_owned()], ..Selection::default() }).judgements
}

fn statuses(judgements: &[Judgement]) -> Vec<(Status, &str, &str)> {
    judgements
        .iter()
        .map(|one| (one.finding.status, one.finding.subject.name.as_str(), &*one.finding.found))
        .collect()
}

#[test]
fn the_base_host_passes_every_control() {
    let evidence = memory::evidence(&memory::base().unwrap());
    for (entry, page) in CONTROLS.iter().zip(PAGES) {
        let found = judged(&evidence, entry.id);
        let seen = statuses(&found);
        // One host can't have SELinux and AppArmor: what does not apply to it shows elsewhere that it can pass.
        let elsewhere = page::examples(page.text).iter().any(|example| example.tag.starts_with("passes"));
        let passes = found.iter().any(|one| one.finding.status == Status::Pass);
        assert!(passes || elsewhere, "{}: nothing passes: {seen:?}", entry.id);
        for one in &found {
            let fine = matches!(one.finding.status, Status::Pass | Status::NotApplicable);
            assert!(fine, "{}: {seen:?}", entry.id);
            assert!(
                one.finding.status != Status::Pass || one.finding.place.is_some(),
                "{}: a pass cites what it saw",
                entry.id
            );
        }
    }
}

#[test]
fn every_example_is_judged_as_tagged() {
    for page in PAGES {
        let examples = page::examples(page.text);
        assert!(
            examples.iter().any(|example| example.tag.starts_with("fails")),
            "{}: no failing example",
            page.id
        );
        for example in examples {
            let (machine, _) = memory::example(&example.tag, &example.text)
                .unwrap_or_else(|why| panic!("{}: {why}", page.id));
            let evidence = memory::evidence(&machine);
            let found = judged(&evidence, page.id);
            let has = |status| found.iter().any(|one| one.finding.status == status);
            let fine = match example.tag.split_whitespace().next() {
                Some("fails") => has(Status::Fail),
                Some("passes") => has(Status::Pass) && !has(Status::Fail) && !has(Status::Unknown),
                Some("unknown") => has(Status::Unknown) && !has(Status::Fail),
                Some("n/a") => !has(Status::Fail) && !has(Status::Unknown) && !has(Status::Pass),
                _ => panic!("{}: no such tag: {}", page.id, example.tag),
            };
            assert!(fine, "{} {}: {:?}\n{}", page.id, example.tag, statuses(&found), example.text);
        }
    }
}

#[test]
fn what_cannot_be_read_is_unknown() {
    for page in PAGES {
        for example in page::examples(page.text).iter().filter(|example| example.tag.starts_with("fails")) {
            let (machine, paths) = memory::example(&example.tag, &example.text).unwrap();
            let failing = failing(&memory::evidence(&machine), page.id);
            for path in &paths {
                let found =
                    judged(&memory::evidence(&without(&machine, std::slice::from_ref(path))), page.id);
                never_passed_over(page.id, &failing, &found, path);
            }
            let found = judged(&memory::evidence(&without(&machine, &paths)), page.id);
            never_passed_over(page.id, &failing, &found, "all of them");
            let unknown = found.iter().any(|one| one.finding.status == Status::Unknown);
            assert!(
                unknown,
                "{}: nothing of {paths:?} can be read, and it says {:?}",
                page.id,
                statuses(&found)
            );
        }
    }
}

/// A subject that failed may fail, be unknown, or not be found at all; it may not pass.
fn never_passed_over(id: &str, failing: &[Finding], found: &[Judgement], what: &str) {
    for one in found.iter().map(|one| &one.finding) {
        let failed = failing.iter().any(|finding| finding.subject.id == one.subject.id);
        let fine = !failed || matches!(one.status, Status::Unknown | Status::Fail);
        assert!(
            fine,
            "{id}: {what} can't be read, and {} is {:?}: {}",
            one.subject.name, one.status, one.found
        );
    }
}

fn failing(evidence: &Evidence, id: &str) -> Vec<Finding> {
    let failed = |one: Judgement| (one.finding.status == Status::Fail).then_some(one.finding);
    judged(evidence, id).into_iter().filter_map(failed).collect()
}

/// The machine with paths that nobody may read, not even their inodes.
fn without(machine: &Memory, paths: &[String]) -> Memory {
    let mut machine = machine.clone();
    for path in paths {
        if let Some(entry) = machine.entries.get_mut(path) {
            *entry = Entry { stat: None, body: Body::Unreadable("EACCES".to_owned()) };
        }
    }
    machine
}

#[test]
fn every_remedy_works_and_a_second_one_is_empty() {
    for (entry, page) in CONTROLS.iter().zip(PAGES) {
        if entry.control.scope.advice().is_some() {
            continue;
        }
        for example in page::examples(page.text).iter().filter(|example| example.tag.starts_with("fails")) {
            let (machine, _) = memory::example(&example.tag, &example.text).unwrap();
            mended(entry, memory::record(&machine), &example.text);
        }
    }
}

fn mended(entry: &controls::Entry, recording: Recording, example: &str) {
    let id = entry.id;
    let evidence = Evidence::of(recording.clone());
    let mut after = recording;
    let mut disposition = Disposition::Live;
    for judgement in judged(&evidence, id).iter().filter(|one| one.finding.status == Status::Fail) {
        let changes =
            remedies(&evidence, judgement).unwrap_or_else(|missing| panic!("{id}: {missing}\n{example}"));
        for change in changes.unwrap_or_default() {
            disposition = disposition.max(change.disposition);
            if change.action.key().is_some() {
                change.apply_to(&mut after).unwrap_or_else(|refused| panic!("{id}: {refused}\n{example}"));
            }
        }
    }
    let evidence = Evidence::of(after);
    for judgement in judged(&evidence, id) {
        let finding = &judgement.finding;
        // What is configured is right now; only a restart is missing.
        let pending = finding.marks == [Mark::PendingRestart];
        let fine = matches!(finding.status, Status::Pass | Status::NotApplicable) || pending;
        assert!(fine, "{id}: after its remedy ({disposition:?}): {finding:?}\n{example}");
        let again = remedies(&evidence, &judgement).unwrap().unwrap_or_default();
        assert!(again.is_empty(), "{id}: a second remedy: {again:?}\n{example}");
    }
}

#[test]
fn every_page_is_whole() {
    for page in PAGES {
        for heading in ["Why", "Where", "Fix", "Undo"] {
            assert!(page::section(page.text, heading).is_some(), "{}: no section {heading}", page.id);
        }
        let words = page.words;
        let said =
            [page::summary(page.text).as_str(), words.title.en, words.title.pt, words.title.id, words.why]
                .map(str::len);
        assert!(
            said.iter().all(|length| *length > 0) && !words.references.is_empty(),
            "{}: words are missing",
            page.id
        );
    }
}
