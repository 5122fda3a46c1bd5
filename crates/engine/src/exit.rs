//! Exit codes: an interface.

use model::{
    control::Severity,
    finding::{Mark, Report},
    profile::Profile,
};

/// No failure at or above the threshold.
pub const CLEAN: u8 = 0;
/// Failures at or above the threshold.
pub const FINDINGS: u8 = 1;
/// The command line or the tool itself is wrong.
pub const ERROR: u8 = 2;
/// Nothing was evaluated, or less than the profile's minimum.
pub const INCOMPLETE: u8 = 3;
/// A waiver has expired.
pub const EXPIRED: u8 = 4;

/// The exit code of a report: where several hold, 3 before 4 before 1.
#[must_use]
pub fn code(report: &Report, profile: &Profile, fail_on: Severity) -> u8 {
    let coverage = &report.coverage;
    if nothing_evaluated(report) || coverage.percent < profile.minimum_coverage {
        return INCOMPLETE;
    }
    if report.findings.iter().any(|finding| finding.marks.contains(&Mark::ExpiredException)) {
        return EXPIRED;
    }
    let worst =
        report.findings.iter().filter(|finding| finding.counts()).map(|finding| finding.severity).max();
    if worst.is_some_and(|worst| worst >= fail_on) { FINDINGS } else { CLEAN }
}

/// True where not one question that arose could be answered.
#[must_use]
pub fn nothing_evaluated(report: &Report) -> bool {
    report.coverage.pass + report.coverage.fail + report.coverage.waived == 0
}
