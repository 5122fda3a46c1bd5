//! The order of a report: failures first, worst first; then by topic, id and subject.

use controls::TOPICS;
use model::finding::{Finding, Mark, Status};

pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
}

fn key(finding: &Finding) -> (Status, bool, std::cmp::Reverse<model::control::Severity>, usize, &str, &str, &str) {
    let topic = finding.id.split('.').next().unwrap_or_default();
    (
        finding.status,
        finding.marks.contains(&Mark::Waived),
        std::cmp::Reverse(finding.severity),
        TOPICS.iter().position(|name| *name == topic).unwrap_or(TOPICS.len()),
        &finding.id,
        &finding.subject.name,
        &finding.subject.id,
    )
}
