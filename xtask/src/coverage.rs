//! `cargo xtask coverage`: how many controls there are, by topic and severity, with their examples and remedies.
use controls::{CONTROLS, Entry, PAGES, TOPICS, page};
use model::control::Severity;

use crate::tools;

/// Prints the table, and which controls the lab proves.
pub fn run() {
    let word = |severity: Severity| format!("{:>9}", severity.word());
    let heads: String = Severity::ALL.into_iter().map(word).collect();
    println!("{:12}{heads}{:>9}{:>10}{:>10}{:>9}", "topic", "all", "examples", "remedies", "advice");
    for topic in TOPICS {
        let of_topic: Vec<&Entry> = CONTROLS.iter().filter(|entry| entry.topic == topic).collect();
        println!("{topic:12}{}", line(&of_topic));
    }
    println!("{:12}{}", "all", line(&CONTROLS.iter().collect::<Vec<_>>()));
    let suite = suite();
    let (proved, rest): (Vec<&Entry>, Vec<&Entry>) =
        CONTROLS.iter().partition(|entry| suite.contains(&format!("\"{}\"", entry.id)));
    let rest: Vec<&str> = rest.iter().map(|entry| entry.id).collect();
    println!("\nseen standing and taken away in the lab: {}\nnot there: {}", proved.len(), rest.join(" "));
}

/// The text of the lab's walls, which name their controls.
fn suite() -> String {
    let folder = tools::root().join("lab/tests");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).collect()
}

fn line(entries: &[&Entry]) -> String {
    let of = |severity| entries.iter().filter(|entry| entry.control.severity == severity).count();
    let severities: String =
        Severity::ALL.into_iter().map(|severity| format!("{:>9}", of(severity))).collect();
    let examples = |entry: &&Entry| {
        let page = PAGES.iter().find(|page| page.id == entry.id);
        page.map_or(0, |page| page::examples(page.text).len())
    };
    let advice = entries.iter().filter(|entry| entry.control.scope.advice().is_some()).count();
    format!(
        "{severities}{:>9}{:>10}{:>10}{:>9}",
        entries.len(),
        entries.iter().map(examples).sum::<usize>(),
        entries.len() - advice,
        advice
    )
}
