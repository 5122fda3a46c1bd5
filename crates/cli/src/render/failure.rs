//! Failures: a frame that points at the byte that is wrong, why it matters, and the way out.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use model::{
    control::Severity,
    evidence::Evidence,
    finding::{Finding, Mark, Place, Report, Status},
};

use super::mark_word;

/// Subjects of one control that are shown unless `--all` asks for each.
const SUBJECTS: usize = 3;
/// Widest frame, in columns.
const WIDTH: usize = 110;

/// Every failure, one frame a control, worst first.
pub(super) fn all(report: &Report, evidence: &Evidence, every: bool) -> String {
    let failures: Vec<&Finding> = report.findings.iter().filter(|finding| finding.status == Status::Fail).collect();
    let mut out = String::new();
    for group in failures.chunk_by(|a, b| a.id == b.id && waived(a) == waived(b)) {
        out.push_str(&frame(group, evidence, every));
        out.push_str("\n\n");
    }
    out
}

fn waived(finding: &Finding) -> bool {
    finding.marks.contains(&Mark::Waived)
}

fn frame(group: &[&Finding], evidence: &Evidence, every: bool) -> String {
    let Some((first, others)) = group.split_first() else { return String::new() };
    let (level, word) = match first.severity {
        _ if waived(first) => (Level::NOTE, "waived"),
        Severity::Critical | Severity::High => (Level::ERROR, first.severity.word()),
        Severity::Medium | Severity::Low => (Level::WARNING, first.severity.word()),
        Severity::Info => (Level::INFO, first.severity.word()),
    };
    let title = format!("{}: {}", first.subject.name, first.found);
    let title = level.with_name(word).primary_title(title).id(first.id.to_string());
    let mut body = Group::with_title(title);
    if let Some(place) = &first.place {
        body = at(body, place, &first.found, evidence);
    }
    for seen in first.also.iter().filter(|seen| Some(&seen.place) != first.place.as_ref()).take(SUBJECTS) {
        body = body.element(Level::NOTE.message(format!("{}: {}", path(&seen.place), seen.found)));
    }
    let shown = if every { others.len() } else { SUBJECTS.min(others.len()) };
    for other in others.iter().take(shown) {
        let place = other.place.as_ref().map(path).unwrap_or_default();
        let text = format!("{}: {} ({place}){}", other.subject.name, other.found, restart(other));
        body = body.element(Level::NOTE.with_name("also").message(text));
    }
    if others.len() > shown {
        let text = format!("{} more; --all lists them", others.len() - shown);
        body = body.element(Level::NOTE.with_name("also").message(text));
    }
    for mark in &first.marks {
        body = body.element(Level::NOTE.message(mark_word(mark)));
    }
    body = body.element(Level::NOTE.with_name("why").message(first.why.clone()));
    if let Some(fix) = &first.fix {
        let text = format!("{} [{}]", fix.command, fix.disposition.word());
        body = body.element(Level::HELP.with_name("fix").message(text));
    }
    body = body.element(Level::HELP.with_name("more").message(format!("baluarte explain {}", first.id)));
    Renderer::styled().term_width(WIDTH).render(&[body])
}

fn restart(finding: &Finding) -> &'static str {
    if finding.marks.contains(&Mark::PendingRestart) { ", pending restart" } else { "" }
}

/// The bytes that are wrong where they were read, else the place alone.
fn at<'a>(body: Group<'a>, place: &'a Place, found: &'a str, evidence: &'a Evidence) -> Group<'a> {
    let key = place.file.as_deref().map(|file| file.trim_start_matches('/'));
    let key = match (&place.frame, key) {
        (Some(frame), Some(key)) => Some(format!("{frame}/{key}")),
        (None, Some(key)) => Some(key.to_owned()),
        _ => None,
    };
    let text = key.and_then(|key| evidence.bytes(&key).ok().copied()).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match (text, place.bytes) {
        (Some(text), Some([start, end])) => {
            let range = start as usize..(end as usize).max(start as usize);
            let mark = AnnotationKind::Primary.span(range).label(found);
            body.element(Snippet::source(text).path(place.file.as_deref()).annotation(mark))
        }
        _ => body.element(Origin::path(path(place))),
    }
}

/// A place in one line: `/etc/libvirt/qemu/web1.xml:32:60`, a path under /sys, an answer over netlink.
fn path(place: &Place) -> String {
    let mut text = place.file.as_deref().or(place.sysfs.as_deref()).or(place.frame.as_deref()).unwrap_or_default().to_owned();
    if let Some((line, column)) = place.line.zip(place.column) {
        text.push_str(&format!(":{line}:{column}"));
    }
    if let (Some(frame), Some(_)) = (&place.frame, &place.file) {
        text.push_str(&format!(" in {frame}"));
    }
    text
}
