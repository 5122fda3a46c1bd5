//! Law 2: what every control's file must have. That its examples hold is tested where controls can be run.
use super::{Breach, Source, breach, scan};

const TOPICS: &[&str] = &[
    "hardware",
    "emulator",
    "confinement",
    "management",
    "console",
    "network",
    "storage",
    "audit",
    "openstack",
];
const SECTIONS: &[&str] = &["## Why", "## Where", "## Fix", "## Undo"];

/// `paths` are all files of the tree, sorted.
pub fn check(source: &Source, paths: &[String]) -> Vec<Breach> {
    let Some((topic, name)) =
        source.path.strip_prefix("crates/controls/src/").and_then(|p| p.split_once('/'))
    else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let mut say = |line, what: String| out.push(breach(&source.path, line, "2", what));
    if !TOPICS.contains(&topic) {
        // A folder beside a file of its name holds the children of that module: code that controls share.
        if paths.binary_search(&format!("crates/controls/src/{topic}.rs")).is_err() {
            say(1, format!("`{topic}` is no topic; a control goes to one of {TOPICS:?}"));
        }
        return out;
    }
    if !name.trim_end_matches(".rs").chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    {
        say(1, format!("`{name}`: a control is one file TOPIC/NAME.rs in lower case, since that is its id"));
    }
    for (line, what) in page(&source.text).into_iter().chain(statics(source)) {
        say(line, what);
    }
    out
}

/// The header: it is the page that people read, and holds the examples.
fn page(text: &str) -> Vec<(usize, String)> {
    let page: Vec<&str> = text.lines().map_while(|l| l.strip_prefix("//!")).map(str::trim).collect();
    let mut out = Vec::new();
    for section in SECTIONS {
        let at = page.iter().position(|l| l == section);
        // The next section or an example is not text of this one.
        let ends = |l: &str| ["## ", "```fails", "```passes"].iter().any(|e| l.starts_with(e));
        let filled = |at: usize| page[at + 1..].iter().find(|l| !l.is_empty()).is_some_and(|l| !ends(l));
        if !at.is_some_and(filled) {
            out.push((1, format!("the header lacks `{section}`, or it is empty")));
        }
    }
    if !page.iter().any(|l| *l == "```fails" || l.starts_with("```fails ")) {
        out.push((1, "no ```fails example: show what the control must catch".into()));
    }
    if page.iter().filter(|l| l.starts_with("```")).count() % 2 == 1 {
        out.push((1, "a ``` block of the header is never closed".into()));
    }
    out
}

/// `CONTROL`, and `WORDS` with three titles and a reference.
fn statics(source: &Source) -> Vec<(usize, String)> {
    let code = &source.scan.code;
    let mut out = Vec::new();
    if !declares(code, "CONTROL") {
        out.push((1, "no `static CONTROL`".into()));
    }
    let words = scan::words(code, "WORDS").next().filter(|_| declares(code, "WORDS"));
    let Some((from, to)) = words.and_then(|at| scan::body(code, at)) else {
        out.push((1, "no `static WORDS`".into()));
        return out;
    };
    let line = scan::line(code, from);
    let texts = |from: usize, to: usize| -> Vec<&str> {
        source.scan.strings.iter().filter(|(at, _)| (from..to).contains(at)).map(|(_, t)| t.trim()).collect()
    };
    // Each field runs to the next field at the same depth.
    let value =
        |name: &str| field(code, from + 1, to - 1, name).map(|(a, b)| texts(a, b)).unwrap_or_default();
    let titles = value("title");
    if titles.len() != 3 || titles.iter().any(|t| t.is_empty()) {
        out.push((line, "`title` must hold three texts: English, Portuguese, Indonesian".into()));
    }
    let references = value("references");
    if references.is_empty() || references.iter().any(|t| t.is_empty()) {
        out.push((line, "`references` must name at least one source".into()));
    }
    out
}

fn declares(code: &str, name: &str) -> bool {
    ["static", "const"].iter().any(|k| code.contains(&format!("{k} {name}:")))
}

/// The span of `name: value` inside a struct literal.
fn field(code: &str, from: usize, to: usize, name: &str) -> Option<(usize, usize)> {
    let (mut depth, mut start, mut found) = (0i32, from, None);
    for (i, b) in code.bytes().enumerate().take(to).skip(from) {
        match b {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b':' if depth == 0 && found.is_none() && code[start..i].trim() == name => found = Some(i),
            b',' if depth == 0 => match found {
                Some(at) => return Some((at, i)),
                None => start = i + 1,
            },
            _ => {}
        }
    }
    found.map(|at| (at, to))
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::laws;

    const PATH: &str = "crates/controls/src/network/a_b.rs";
    const GOOD: &str = "//! Title.\n//!\n//! ## Why\n//! w\n//! ## Where\n//! w\n//! ## Fix\n//! f\n//! ## Undo\n//! u\n//!\n\
        //! ```fails vm\n//! <x/>\n//! ```\npub(crate) static CONTROL: Control = Control { a: 1 };\n\
        pub(crate) static WORDS: Words = Words {\n    title: Titles { en: \"a\", pt: \"b\", id: \"c\" },\n    why: \"w\",\n    references: &[\"guide 2\"],\n};\n";

    #[test]
    fn a_whole_control_is_fine() {
        assert_eq!(laws("l2", PATH, GOOD), []);
        assert_eq!(laws("l2s", "crates/controls/src/lib.rs", "//! A.\n"), []);
    }

    #[test]
    fn each_thing_missing_breaks_law_2() {
        let cuts = [
            ("//! ## Why\n", ""),
            ("//! ## Undo\n//! u\n", "//! ## Undo\n"),
            ("//! f\n", "//!\n"),
            ("```fails vm", "```passes vm"),
            ("static CONTROL", "static OTHER"),
            ("static WORDS", "static OTHER"),
            (", id: \"c\"", ""),
            ("pt: \"b\"", "pt: \"\""),
            ("&[\"guide 2\"]", "&[]"),
        ];
        for (i, (from, to)) in cuts.iter().enumerate() {
            let broken = GOOD.replace(from, to);
            assert_ne!(broken, GOOD);
            let laws = laws(&format!("l2-{i}"), PATH, &broken);
            assert!(laws.len() == 1 && laws[0].1 == "2", "{from}: {laws:?}");
        }
    }

    #[test]
    fn a_control_in_no_topic_breaks_law_2() {
        assert_eq!(laws("l2t", "crates/controls/src/net/a.rs", GOOD), [(1, "2")]);
        assert_eq!(laws("l2u", "crates/controls/src/network/A-b.rs", GOOD), [(1, "2")]);
        assert_eq!(laws("l2v", "crates/controls/src/network/deep/a.rs", GOOD), [(1, "2")]);
    }
}
