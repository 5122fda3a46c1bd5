//! The report for people: a bar a topic, then what is wrong, worst first.

use std::fmt::Write as _;

use controls::TOPICS;
use model::{
    evidence::Evidence,
    finding::{Mark, Report, Status},
    recording::{Privilege, Vantage},
};

use crate::{
    arguments::Check,
    terminal::{self, BAD, BOLD, DIM, DOUBT, GOOD, HINT, paint, plain},
};

mod failure;
mod walls;

use walls::Wall;

/// Width of a bar, in characters.
const BAR: usize = 24;
/// Walls that are shown each at its byte; more are listed.
const FEW: usize = 5;
/// Things that could not be read that are shown unless `--all` asks for each.
const UNREAD: usize = 3;

/// The whole report. Lines end in `\n`; styles are taken away by the stream where they can't be seen.
pub(crate) fn text(report: &Report, evidence: &Evidence, arguments: &Check) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", heading(report));
    if engine::exit::nothing_evaluated(report) {
        let _ = writeln!(
            out,
            "\n{}",
            paint(BAD, "Nothing was evaluated: there is nothing here that a control could judge.")
        );
    } else if clean(report) {
        let _ = writeln!(out, "{}\n  {}\n", paint(GOOD, "Every wall stands:"), standing(report));
    } else {
        let _ = writeln!(out, "\n{}", bars(report));
        out.push_str(&failures(report, evidence, arguments));
    }
    if arguments.all {
        out.push_str(&others(report));
    }
    out.push_str(&unread(report, arguments.all));
    let _ = writeln!(out, "{}", coverage(report));
    out.push_str(&hint(report, evidence));
    out
}

/// Each wall that is down at its byte, or where they are many and nothing narrower was asked for, all on one screen.
fn failures(report: &Report, evidence: &Evidence, arguments: &Check) -> String {
    let walls = Wall::all(report);
    let broad = !arguments.all && arguments.only.is_empty() && arguments.vm.is_none();
    if broad && walls.len() > FEW {
        walls::overview(&walls, terminal::width())
    } else {
        failure::all(&walls, evidence, arguments.all, terminal::width())
    }
}

fn heading(report: &Report) -> String {
    let host = &report.host;
    let name = if host.name.is_empty() { "a host without a name".into() } else { plain(&host.name) };
    let vms = match host.vms {
        0 => "no VM".to_owned(),
        1 => "1 VM".to_owned(),
        vms => format!("{vms} VMs"),
    };
    let from = match (host.vantage, host.privilege) {
        (Vantage::Tree, _) => ", from a directory tree",
        (Vantage::Live, Privilege::Root) => "",
        (Vantage::Live, Privilege::User) => ", not as root",
    };
    format!(
        "{}  {}",
        paint(BOLD, name),
        paint(DIM, format!("{vms}, {}{from}, profile {}", report.time, plain(&report.profile)))
    )
}

/// True where nothing is wrong and nothing in doubt.
fn clean(report: &Report) -> bool {
    let coverage = &report.coverage;
    coverage.fail + coverage.waived + coverage.unknown + report.unread.len() == 0
}

/// What passes, by topic.
fn standing(report: &Report) -> String {
    let counts = TOPICS.into_iter().zip(counts(report)).filter(|(_, [pass, ..])| *pass > 0);
    counts.map(|(topic, [pass, ..])| format!("{topic} {pass}")).collect::<Vec<_>>().join(", ")
}

/// What passes, fails and is unknown, by topic.
fn counts(report: &Report) -> [[usize; 3]; TOPICS.len()] {
    let mut counts = [[0_usize; 3]; TOPICS.len()];
    for (id, status, results) in report.results() {
        let topic = TOPICS.iter().position(|topic| id.split('.').next() == Some(topic));
        let column = match status {
            Status::Pass => 0,
            Status::Fail => 1,
            Status::Unknown => 2,
            Status::NotApplicable => continue,
        };
        let count = topic.and_then(|topic| counts.get_mut(topic)?.get_mut(column));
        count.into_iter().for_each(|count| *count += results);
    }
    counts
}

/// A line a topic: `#` for each share that passes, `x` that fails, `?` that nobody can tell.
fn bars(report: &Report) -> String {
    let mut lines = vec![];
    for (topic, [pass, fail, unknown]) in TOPICS.into_iter().zip(counts(report)) {
        let all = pass + fail + unknown;
        if all == 0 {
            continue;
        }
        // Whatever is there is seen, however small its share.
        let share = |part: usize| (part * BAR / all).max(usize::from(part > 0));
        let (bad, doubt) = (share(fail), share(unknown));
        let good = BAR.saturating_sub(bad + doubt);
        let good = if pass == 0 { 0 } else { good };
        let bar = format!(
            "{}{}{}{}",
            paint(GOOD, "#".repeat(good)),
            paint(BAD, "x".repeat(bad)),
            paint(DOUBT, "?".repeat(doubt)),
            " ".repeat(BAR.saturating_sub(good + bad + doubt)),
        );
        let mut counts = vec![format!("{pass} pass")];
        counts.extend((fail > 0).then(|| format!("{fail} fail")));
        counts.extend((unknown > 0).then(|| format!("{unknown} unknown")));
        lines.push(format!("{topic:12} {bar} {}", counts.join(", ")));
    }
    lines.join("\n") + "\n"
}

/// Everything that does not fail, a line each.
fn others(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().filter(|finding| finding.status != Status::Fail) {
        let (style, word) = match finding.status {
            Status::Pass => (GOOD, "pass"),
            Status::Unknown => (DOUBT, "unknown"),
            _ => (DIM, "n/a"),
        };
        let marks: String = finding.marks.iter().map(|mark| format!(" ({})", mark_word(mark))).collect();
        let _ = writeln!(
            out,
            "{} {:42} {}: {}{marks}",
            paint(style, format!("{word:8}")),
            finding.id,
            plain(&finding.subject.name),
            plain(&finding.found)
        );
    }
    out.push('\n');
    out
}

fn mark_word(mark: &Mark) -> String {
    match mark {
        Mark::Waived => "waived".to_owned(),
        Mark::Granted => "granted".to_owned(),
        Mark::Proved(age) => format!("proved {} h ago", age / 3600),
        Mark::StaleProof => "its proof is stale".to_owned(),
        Mark::Breached => "a drill broke through".to_owned(),
        Mark::Drift => "drift: what runs is right, what is configured is not".to_owned(),
        Mark::PendingRestart => "pending restart: what is configured is right already".to_owned(),
        Mark::ExpiredException => "its exception has expired".to_owned(),
    }
}

fn unread(report: &Report, all: bool) -> String {
    let mut out = String::new();
    if report.unread.is_empty() {
        return out;
    }
    let _ = writeln!(
        out,
        "{}",
        paint(DOUBT, format!("{} could not be read or understood:", things(report.unread.len())))
    );
    let shown = if all { report.unread.len() } else { UNREAD };
    for unread in report.unread.iter().take(shown) {
        let _ = writeln!(out, "  {}: {}", plain(&unread.what), plain(&unread.why));
    }
    if report.unread.len() > shown {
        let _ = writeln!(
            out,
            "  {}",
            paint(DIM, format!("and {} more: --all lists them", report.unread.len() - shown))
        );
    }
    out.push('\n');
    out
}

fn things(count: usize) -> String {
    if count == 1 { "1 thing".to_owned() } else { format!("{count} things") }
}

fn coverage(report: &Report) -> String {
    let coverage = &report.coverage;
    let style = match (coverage.fail, coverage.percent) {
        (0, 100) => GOOD,
        (0, _) => DOUBT,
        _ => BAD,
    };
    let mut line = format!("{} fail, {} pass", coverage.fail, coverage.pass);
    if coverage.waived > 0 {
        let _ = write!(line, ", {} waived", coverage.waived);
    }
    format!(
        "{}  {}",
        paint(style, line),
        paint(
            DIM,
            format!(
                "coverage {} %: {} unknown, {} not applicable, {} controls",
                coverage.percent, coverage.unknown, coverage.not_applicable, coverage.controls
            )
        )
    )
}

/// What to do next where little could be judged.
fn hint(report: &Report, evidence: &Evidence) -> String {
    let mut out = String::new();
    let mut say = |text: &str| {
        let _ = writeln!(out, "{}", paint(HINT, text));
    };
    let live = report.host.vantage == Vantage::Live;
    if live && report.host.privilege == Privilege::User && report.coverage.unknown > 0 {
        say("Run it as root to read everything.");
    }
    if !evidence.has_libvirt() && !evidence.has_vms() {
        say("There is no libvirt here, so only the host was judged. To see a hypervisor judged:");
        say("  baluarte check --evidence hosts/neglected.zst");
    }
    out
}
