//! `baluarte explain`.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use controls::{CONTROLS, Page, page};
use model::{control::Readings, exception::glob};

use crate::{
    arguments::{Explain, Language},
    terminal::{self, BOLD, DIM, HINT, paint},
};

pub(crate) fn run(arguments: &Explain) -> Result<u8> {
    let pattern = arguments.id.as_deref().unwrap_or("*");
    let pages: Vec<&Page> = controls::PAGES.iter().filter(|page| glob(pattern, page.id)).collect();
    if pages.is_empty() {
        bail!("no control is called {pattern}{}; `baluarte explain --list` names them all", near(pattern));
    }
    let text = if arguments.list {
        pages.iter().map(|page| line(page, arguments.language)).collect()
    } else {
        let each: Vec<String> = pages.iter().map(|page| whole(page, arguments.language)).collect();
        each.join("\n")
    };
    terminal::print(&text).context("standard output")?;
    Ok(engine::exit::CLEAN)
}

/// Controls that share a word with what was asked for.
fn near(asked: &str) -> String {
    let words =
        |id: &str| id.split(['.', '-']).filter(|word| word.len() > 2).map(str::to_owned).collect::<Vec<_>>();
    let asked = words(asked);
    let shared = |id: &str| words(id).iter().filter(|word| asked.contains(word)).count();
    let best = CONTROLS.iter().max_by_key(|entry| shared(entry.id)).filter(|entry| shared(entry.id) > 0);
    best.map(|entry| format!(" (did you mean {}?)", entry.id)).unwrap_or_default()
}

fn title(page: &Page, language: Language) -> &'static str {
    match language {
        Language::En => page.words.title.en,
        Language::Pt => page.words.title.pt,
        Language::Id => page.words.title.id,
    }
}

fn line(page: &Page, language: Language) -> String {
    let severity = controls::find(page.id).map_or("", |entry| entry.control.severity.word());
    format!("{severity:8}  {:42}  {}\n", page.id, title(page, language))
}

fn whole(page: &Page, language: Language) -> String {
    let mut out = String::new();
    let Some(entry) = controls::find(page.id) else { return out };
    let readings = match entry.control.readings {
        Readings::Effective => "what is in effect",
        Readings::Configured => "what is configured",
        Readings::Both => "what is in effect and what is configured",
    };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}  {}", paint(BOLD, page.id), title(page, language));
    let about = format!(
        "{}, for each {}, revision {}; looks at {readings}",
        entry.control.severity.word(),
        entry.control.scope.kind().word(),
        entry.control.revision
    );
    let _ = writeln!(out, "{}\n\n{}", paint(DIM, about), page::summary(page.text));
    for heading in ["Why", "Where", "Fix", "Undo"] {
        if let Some(text) = page::section(page.text, heading) {
            let _ = writeln!(out, "\n{}\n{}", paint(BOLD, heading), indent(&text));
        }
    }
    if let Some(text) = page::section(page.text, "Guides") {
        let _ = writeln!(out, "\n{}\n{}", paint(BOLD, "What the guides say"), indent(&text));
    }
    let _ = writeln!(out, "\n{}", paint(BOLD, "References"));
    for reference in page.words.references {
        let _ = writeln!(out, "  {reference}");
    }
    let _ = writeln!(out, "\n{}", paint(HINT, format!("baluarte check --only {}", page.id)));
    out
}

fn indent(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}").trim_end().to_owned()).collect();
    lines.join("\n")
}
