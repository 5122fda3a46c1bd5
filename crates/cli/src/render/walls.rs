//! Walls that are down: the failures of one control together; and many of them on one screen.

use std::fmt::Write as _;

use anstyle::Style;
use controls::TOPICS;
use model::{
    control::Severity,
    finding::{Finding, Mark, Report, Status},
};

use crate::terminal::{BAD, DIM, DOUBT, HINT, paint, plain};

/// Width of the column of severities, and of topics.
const COLUMN: usize = 10;
const TOPIC: usize = 13;
/// Width of the ids beside what is critical.
const IDS: usize = 34;

/// The failures of one control, waived ones apart.
pub(super) struct Wall<'a> {
    /// Those the report lists, the worst first; never none.
    pub(super) findings: Vec<&'a Finding>,
    /// How many more there are.
    pub(super) counted: usize,
}

impl<'a> Wall<'a> {
    /// Every wall that is down, worst first.
    pub(super) fn all(report: &'a Report) -> Vec<Self> {
        let failing = |finding: &&Finding| finding.status == Status::Fail;
        let failures: Vec<&Finding> = report.findings.iter().filter(failing).collect();
        let same = |a: &&Finding, b: &&Finding| a.id == b.id && waived(a) == waived(b);
        let wall = |findings: &[&'a Finding]| {
            let more = report.counted.iter().filter(|counted| counted.status == Status::Fail);
            let more = more.filter(|counted| findings.iter().any(|one| one.id == counted.id));
            Self { findings: findings.to_vec(), counted: more.map(|counted| counted.count).sum() }
        };
        failures.chunk_by(same).map(wall).collect()
    }

    fn first(&self) -> Option<&'a Finding> {
        self.findings.first().copied()
    }

    /// The word of its severity, or that somebody accepts it.
    fn word(&self) -> &'static str {
        self.first().map_or("", |first| if waived(first) { "waived" } else { first.severity.word() })
    }

    fn id(&self) -> (&'a str, &'a str) {
        self.first().and_then(|first| first.id.split_once('.')).unwrap_or_default()
    }

    /// ` (3)` where more than one subject fails.
    fn count(&self) -> String {
        let count = self.findings.len() + self.counted;
        if count > 1 { format!(" ({count})") } else { String::new() }
    }
}

/// True where an exception accepts the failure.
pub(super) fn waived(finding: &Finding) -> bool {
    finding.marks.contains(&Mark::Waived)
}

/// All walls in few lines: what is critical a line each with the first subject, the rest by name, by topic.
pub(super) fn overview(walls: &[Wall], width: usize) -> String {
    let mut out = String::new();
    for word in Severity::ALL.map(Severity::word).into_iter().chain(["waived"]) {
        let of: Vec<&Wall> = walls.iter().filter(|wall| wall.word() == word).collect();
        if word == Severity::Critical.word() {
            of.iter().for_each(|wall| line(&mut out, wall, width));
        } else {
            by_topic(&mut out, word, &of, width);
        }
    }
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "\n{}\n",
        paint(HINT, "Place, reason and fix of each: --only 'network.*', --vm NAME, or --all")
    );
    out
}

/// One wall with what was seen at its first subject.
fn line(out: &mut String, wall: &Wall, width: usize) {
    let Some(first) = wall.first() else { return };
    let text = format!("{}: {}", first.subject.name, first.found);
    let room = width.saturating_sub(COLUMN + IDS + 1 + wall.count().len()).max(20);
    let mut seen: String = plain(&text).chars().take(room).collect();
    if text.chars().count() > room {
        seen.pop();
        seen.push('…');
    }
    let _ = writeln!(
        out,
        "{} {:IDS$} {seen}{}",
        paint(style(wall.word()), format!("{:9}", wall.word())),
        first.id,
        paint(DIM, wall.count())
    );
}

/// The walls of one severity, a topic a line or more.
fn by_topic(out: &mut String, word: &str, walls: &[&Wall], width: usize) {
    let mut margin = paint(style(word), format!("{word:COLUMN$}"));
    for topic in TOPICS {
        let names: Vec<String> = walls
            .iter()
            .filter(|wall| wall.id().0 == topic)
            .map(|wall| format!("{}{}", wall.id().1, wall.count()))
            .collect();
        let mut title = format!("{topic:TOPIC$}");
        for names in wrapped(&names, width.saturating_sub(COLUMN + TOPIC).max(30)) {
            let _ = writeln!(out, "{margin}{title}{names}");
            margin = " ".repeat(COLUMN);
            title = " ".repeat(TOPIC);
        }
    }
}

/// Words with commas between them, in lines of at most `width`, unless one word alone is longer.
fn wrapped(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for (index, word) in words.iter().enumerate() {
        let word = format!("{word}{}", if index + 1 < words.len() { "," } else { "" });
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn style(word: &str) -> Style {
    match word {
        "critical" | "high" => BAD,
        "medium" | "low" => DOUBT,
        _ => DIM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_at_commas_and_none_is_lost() {
        let words: Vec<String> = ["one", "two", "three", "eleventeen"].map(String::from).into();
        assert_eq!(wrapped(&words, 10), ["one, two,", "three,", "eleventeen"]);
        assert_eq!(wrapped(&words, 100), ["one, two, three, eleventeen"]);
        assert_eq!(wrapped(&words, 1), ["one,", "two,", "three,", "eleventeen"]);
        assert_eq!(wrapped(&[], 10), Vec::<String>::new());
    }
}
