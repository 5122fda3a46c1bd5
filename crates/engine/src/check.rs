//! From evidence to a report.

use controls::{Judgement, Selection};
use model::{
    evidence::Evidence,
    finding::{Coverage, Finding, Host, Mark, Report, SCHEMA, Status},
    profile::Profile,
};

use crate::{fix, order, standing, unread};

/// Judges what is selected and makes the report. Pure: the same evidence gives the same bytes, anywhere.
#[must_use]
pub fn check(evidence: &Evidence, selection: &Selection, profile: &Profile) -> Report {
    let standing = standing::Standing::of(evidence);
    let assessed = controls::assess(evidence, selection);
    let mut findings: Vec<Finding> =
        assessed.judgements.into_iter().map(|judgement| finish(evidence, &standing, judgement)).collect();
    order::sort(&mut findings);
    let recording = &evidence.recording;
    let mut unread = unread::list(evidence);
    unread.extend(standing.trouble);
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        host: Host {
            id: recording.host_id.clone(),
            name: recording.host_name.clone(),
            boot_id: recording.boot_id.clone(),
            privilege: recording.privilege,
            vantage: recording.vantage,
            vms: evidence.vms.len(),
        },
        time: jiff::Timestamp::from_second(recording.collected_at).unwrap_or_default().to_string(),
        profile: profile.name.clone(),
        coverage: Coverage::default(),
        findings,
        counted: assessed.counted,
        unread,
    };
    report.coverage = coverage(&report, selection.controls().count());
    report
}

/// Adds what needs more than the judgement: exceptions, proofs, the words, the way out.
fn finish(evidence: &Evidence, standing: &standing::Standing, judgement: Judgement) -> Finding {
    let remedies = match judgement.finding.status {
        Status::Fail => controls::remedies(evidence, &judgement).ok().flatten(),
        _ => None,
    };
    let control = judgement.entry.control;
    let mut finding = judgement.finding;
    standing.apply(&mut finding);
    if finding.status == Status::Fail {
        finding.why =
            controls::page_of(&finding.id).map(|page| page.words.why.to_owned()).unwrap_or_default();
        finding.fix = Some(fix::describe(evidence, &finding, control, remedies.as_deref()));
    }
    finding
}

fn coverage(report: &Report, controls: usize) -> Coverage {
    let count = |status| {
        report.results().filter(|(_, of, _)| *of == status).map(|(_, _, count)| count).sum::<usize>()
    };
    let waived = report.findings.iter().filter(|finding| finding.marks.contains(&Mark::Waived)).count();
    let (pass, failed, unknown) = (count(Status::Pass), count(Status::Fail), count(Status::Unknown));
    let arose = pass + failed + unknown;
    Coverage {
        controls,
        pass,
        fail: failed - waived,
        waived,
        unknown,
        not_applicable: count(Status::NotApplicable),
        percent: ((pass + failed) * 100).checked_div(arose).unwrap_or(0),
    }
}
