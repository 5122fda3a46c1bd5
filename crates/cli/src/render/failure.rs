//! Failures: a frame that points at the byte that is wrong, why it matters, and the way out.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use model::{
    control::Severity,
    evidence::Evidence,
    finding::{Finding, Mark, Place},
};

use super::{
    mark_word,
    walls::{Wall, waived},
};
use crate::terminal::{plain, plain_source};

/// Subjects of one control that are shown unless `--all` asks for each.
const SUBJECTS: usize = 3;
/// Widest frame, in columns.
const WIDTH: usize = 160;

/// Every failure, one frame a wall, worst first, for a screen of `width` columns.
pub(super) fn all(walls: &[Wall], evidence: &Evidence, every: bool, width: usize) -> String {
    let mut out = String::new();
    for wall in walls {
        out.push_str(&frame(wall, evidence, every, width));
        out.push_str("\n\n");
    }
    out
}

fn frame(wall: &Wall, evidence: &Evidence, every: bool, width: usize) -> String {
    let Some((first, others)) = wall.findings.split_first() else { return String::new() };
    let (level, word) = match first.severity {
        _ if waived(first) => (Level::NOTE, "waived"),
        Severity::Critical | Severity::High => (Level::ERROR, first.severity.word()),
        Severity::Medium | Severity::Low => (Level::WARNING, first.severity.word()),
        Severity::Info => (Level::INFO, first.severity.word()),
    };
    let title = said(&[&first.subject.name, ": ", &first.found]);
    let title = level.with_name(word).primary_title(title).id(first.id.to_string());
    let mut body = Group::with_title(title);
    if let Some(place) = &first.place {
        body = at(body, place, plain(&first.found).into_owned(), evidence);
    }
    for seen in first.also.iter().filter(|seen| Some(&seen.place) != first.place.as_ref()).take(SUBJECTS) {
        body = body.element(Level::NOTE.message(said(&[&path(&seen.place), ": ", &seen.found])));
    }
    let shown = if every { others.len() } else { SUBJECTS.min(others.len()) };
    for other in others.iter().take(shown) {
        let place = other.place.as_ref().map(path).unwrap_or_default();
        let text = said(&[&other.subject.name, ": ", &other.found, " (", &place, ")", restart(other)]);
        body = body.element(Level::NOTE.with_name("also").message(text));
    }
    let more = others.len() - shown + wall.counted;
    if more > 0 {
        let text = format!("{more} more; --all lists them");
        body = body.element(Level::NOTE.with_name("also").message(text));
    }
    for mark in &first.marks {
        body = body.element(Level::NOTE.message(mark_word(mark)));
    }
    body = body.element(Level::NOTE.with_name("why").message(first.why.clone()));
    if let Some(fix) = &first.fix {
        let text = said(&[&fix.command, " [", fix.disposition.word(), "]"]);
        body = body.element(Level::HELP.with_name("fix").message(text));
    }
    body = body.element(Level::HELP.with_name("more").message(format!("baluarte explain {}", first.id)));
    Renderer::styled().term_width(width.min(WIDTH)).render(&[body])
}

/// Words of strangers and our own, in one line that a terminal only shows.
fn said(parts: &[&str]) -> String {
    plain(&parts.concat()).into_owned()
}

fn restart(finding: &Finding) -> &'static str {
    if finding.marks.contains(&Mark::PendingRestart) { ", pending restart" } else { "" }
}

/// The bytes that are wrong where they were read, else the place alone.
fn at<'a>(body: Group<'a>, place: &Place, found: String, evidence: &'a Evidence) -> Group<'a> {
    let key = place.file.as_deref().map(|file| file.trim_start_matches('/'));
    let key = match (&place.frame, key) {
        (Some(frame), Some(key)) => Some(format!("{frame}/{key}")),
        (None, Some(key)) => Some(key.to_owned()),
        _ => None,
    };
    let text = key
        .and_then(|key| evidence.bytes(&key).ok().copied())
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    match (text, place.bytes) {
        (Some(text), Some([start, end])) if text.get(start as usize..end as usize).is_some() => {
            let mark = AnnotationKind::Primary.span(start as usize..end as usize).label(found);
            let file = place.file.as_deref().map(|file| plain(file).into_owned());
            body.element(Snippet::source(plain_source(text)).path(file).annotation(mark))
        }
        _ => body.element(Origin::path(said(&[&path(place)]))),
    }
}

/// A place in one line: `/etc/libvirt/qemu/web1.xml:32:60`, a path under /sys, an answer over netlink.
fn path(place: &Place) -> String {
    let mut text = place
        .file
        .as_deref()
        .or(place.sysfs.as_deref())
        .or(place.frame.as_deref())
        .unwrap_or_default()
        .to_owned();
    if let Some((line, column)) = place.line.zip(place.column) {
        text.push_str(&format!(":{line}:{column}"));
    }
    if let (Some(frame), Some(_)) = (&place.frame, &place.file) {
        text.push_str(&format!(" in {frame}"));
    }
    text
}
