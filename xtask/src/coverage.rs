//! `cargo xtask coverage`: how many controls there are, by topic and severity, with their examples and remedies.
use controls::{CONTROLS, Entry, PAGES, TOPICS, page};
use model::control::Severity;

/// Prints the table.
pub fn run() {
    let word = |severity: Severity| format!("{:>9}", severity.word());
    let heads: String = Severity::ALL.into_iter().map(word).collect();
    println!("{:12}{heads}{:>9}{:>10}{:>10}{:>9}", "topic", "all", "examples", "remedies", "advice");
    for topic in TOPICS {
        let of_topic: Vec<&Entry> = CONTROLS.iter().filter(|entry| entry.topic == topic).collect();
        println!("{topic:12}{}", line(&of_topic));
    }
    println!("{:12}{}", "all", line(&CONTROLS.iter().collect::<Vec<_>>()));
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
