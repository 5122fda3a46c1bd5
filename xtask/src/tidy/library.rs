//! Laws 4 and 5: `unsafe` only in `sys.rs` and explained there; no panic and no print in library code.
use super::{Breach, Source, breach, scan};
use std::collections::HashSet;

/// Each with its mend. Methods begin with a dot; `expect` counts with a text, since parsers have methods of that name.
const PANICS: &[(&str, &str)] = &[
    (".unwrap()", "give the error back with `?`, or a default"),
    (".unwrap_err()", "match on it"),
    (".expect(", "give the error back with `?`"),
    (".expect_err(", "match on it"),
    ("panic!", "give an error back"),
    ("todo!", "write it"),
    ("unimplemented!", "write it"),
    ("unreachable!", "give an error back, or shape the types so that it can't happen"),
    ("dbg!", "drop it"),
];
const PRINTS: &[&str] = &["println!", "eprintln!", "print!", "eprint!"];
/// Switching these lints off is the same breach by another door.
const LINTS: &[&str] =
    &["unwrap_used", "expect_used", "clippy::panic", "indexing_slicing", "print_stdout", "print_stderr"];

/// Law 4.
pub fn unsafe_code(source: &Source) -> Vec<Breach> {
    let in_sys = source.path.ends_with("/sys.rs");
    let comments: Vec<&str> = source.scan.comments.lines().collect();
    let code: Vec<&str> = source.scan.code.lines().collect();
    let mut out = Vec::new();
    for at in scan::words(&source.scan.code, "unsafe") {
        let line = scan::line(&source.text, at);
        if !in_sys {
            out.push(breach(
                &source.path,
                line,
                "4",
                "`unsafe` outside of a file named sys.rs; use rustix, or move it there",
            ));
        } else if !explained(&comments, &code, line - 1) {
            out.push(breach(
                &source.path,
                line,
                "4",
                "`unsafe` without a `// SAFETY:` line right above; say why it is sound",
            ));
        }
    }
    out
}

/// Is there a SAFETY line in the comment above (0-based line), attributes and the head of the statement between?
fn explained(comments: &[&str], code: &[&str], line: usize) -> bool {
    let says = |i: usize| comments.get(i).is_some_and(|c| c.contains("SAFETY:") || c.contains("# Safety"));
    let mut heads = 0;
    for i in (0..=line).rev() {
        if says(i) {
            return true;
        }
        let above = code.get(i).map_or("", |c| c.trim());
        let bare_comment = above.is_empty() && comments.get(i).is_some_and(|c| !c.trim().is_empty());
        if i < line && !bare_comment && !above.starts_with("#[") {
            heads += 1;
            // A statement's end, an empty line or two lines of head: the comment above isn't about this.
            if heads > 2 || above.is_empty() || above.ends_with([';', '}']) {
                return false;
            }
        }
    }
    false
}

/// Law 5, for a file that isn't a test as a whole.
pub fn check(source: &Source) -> Vec<Breach> {
    let Some((krate, inside)) = library_path(&source.path) else { return Vec::new() };
    let mut code = source.scan.code.clone();
    for (from, to) in test_items(&code) {
        let blank: String = code[from..to].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        // Wider characters shrink to one blank, so offsets are kept by padding.
        let padding = " ".repeat((to - from) - blank.len());
        code.replace_range(from..to, &(blank + &padding));
    }
    let mut out = panics(source, &code);
    // Tasks print; the private machines of the tests say what they skip.
    if !matches!(krate, "xtask" | "testkit") {
        out.extend(prints(source, &code, krate, inside));
    }
    out
}

fn panics(source: &Source, code: &str) -> Vec<Breach> {
    let mut out = Vec::new();
    for (word, mend) in PANICS {
        for at in tokens(code, word) {
            let argument = source.text[at + word.len()..].trim_start();
            if *word == ".expect(" && !argument.starts_with('"') && !argument.starts_with("&format!") {
                continue;
            }
            let what = format!("`{}` in library code; {mend}", word.trim_end_matches('('));
            out.push(breach(&source.path, scan::line(code, at), "5", what));
        }
    }
    for lint in LINTS {
        for at in tokens(code, lint) {
            let what = format!("switches `{lint}` off in library code; mend the code instead");
            out.push(breach(&source.path, scan::line(code, at), "5", what));
        }
    }
    out
}

fn prints(source: &Source, code: &str, krate: &str, inside: &str) -> Vec<Breach> {
    let renders =
        krate == "cli" && (inside == "main.rs" || inside == "render.rs" || inside.starts_with("render/"));
    let imported = code.contains("use anstream::");
    let mut out = Vec::new();
    for word in PRINTS {
        for at in tokens(code, word) {
            if renders && (imported || code[..at].ends_with("anstream::")) {
                continue;
            }
            let what =
                format!("`{word}` in library code; only cli's main and render print, through anstream");
            out.push(breach(&source.path, scan::line(code, at), "5", what));
        }
    }
    out
}

/// Occurrences that don't continue a longer word.
fn tokens<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let begins = |at: usize| word.starts_with('.') || at == 0 || !scan::is_word(code.as_bytes()[at - 1]);
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| begins(at))
}

/// `crates/NAME/src/INSIDE` or `xtask/src/INSIDE`; none elsewhere (tests, benches, build scripts).
fn library_path(path: &str) -> Option<(&str, &str)> {
    match path.strip_prefix("crates/") {
        Some(rest) => {
            let (krate, rest) = rest.split_once('/')?;
            Some((krate, rest.strip_prefix("src/")?))
        }
        None => Some(("xtask", path.strip_prefix("xtask/src/")?)),
    }
}

/// The spans of items under `#[cfg(test)]`, `#[cfg(all(test, …))]` and `#[test]`.
fn test_items(code: &str) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for mark in ["#[cfg(test)]", "#[cfg(all(test,", "#[test]"] {
        for (at, _) in code.match_indices(mark) {
            // Past the attribute, so that its own brackets don't count.
            let from = at + code[at..].find(']').unwrap_or(0) + 1;
            let end = scan::body(code, from).map(|(_, end)| end);
            let semicolon = || code[from..].find(';').map(|i| from + i + 1);
            spans.push((at, end.or_else(semicolon).unwrap_or(code.len())));
        }
    }
    spans
}

/// The files that a `#[cfg(test)] mod NAME;` brings in, and those below them.
pub fn test_files(sources: &[Source]) -> HashSet<String> {
    let mut roots = Vec::new();
    for source in sources {
        let code = &source.scan.code;
        for (from, to) in test_items(code) {
            let Some(item) = code[from..to].strip_suffix(';') else { continue };
            let Some((_, name)) = item.rsplit_once("mod ") else { continue };
            roots.push(format!("{}{}", module_folder(&source.path), name.trim()));
        }
    }
    let below = |p: &str| roots.iter().any(|r| p == format!("{r}.rs") || p.starts_with(&format!("{r}/")));
    sources.iter().map(|s| s.path.clone()).filter(|p| below(p)).collect()
}

/// Where the children of a module live: `a/b.rs` → `a/b/`, `a/lib.rs` → `a/`.
fn module_folder(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    match file {
        "lib.rs" | "main.rs" | "mod.rs" => format!("{folder}/"),
        _ => format!("{}/", path.trim_end_matches(".rs")),
    }
}

#[cfg(test)]
mod tests;
