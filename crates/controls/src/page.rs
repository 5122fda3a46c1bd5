//! The page of a control: the `//!` header of its file, cut into sections and examples.

/// A fenced block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The words after the opening fence: `fails`, `fails vm`, `passes vm live` …
    pub tag: String,
    /// Its text.
    pub text: String,
}

/// The examples of a page.
#[must_use]
pub fn examples(page: &str) -> Vec<Example> {
    let mut found = vec![];
    let mut open: Option<Example> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(tag)) => open = Some(Example { tag: tag.trim().to_owned(), text: String::new() }),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(example), None) => {
                example.text.push_str(line);
                example.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// The prose of a section (`Why`, `Where`, `Fix`, `Undo`), without its heading and without examples.
#[must_use]
pub fn section(page: &str, heading: &str) -> Option<String> {
    let mut inside = false;
    let mut fenced = false;
    let mut text = String::new();
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
        } else if let Some(name) = line.strip_prefix("## ") {
            inside = name.trim() == heading;
        } else if inside {
            text.push_str(line);
            text.push('\n');
        }
    }
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The first paragraph: what the wall is.
#[must_use]
pub fn summary(page: &str) -> String {
    page.lines().take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "A wall\nstands.\n\n## Why\nBecause.\n\n```fails vm\n## Fix\n<a/>\n```\nMore.\n## Fix\nDo it.\n";

    #[test]
    fn a_page_has_parts() {
        assert_eq!(summary(PAGE), "A wall stands.");
        assert_eq!(section(PAGE, "Why").as_deref(), Some("Because.\n\nMore."));
        assert_eq!(section(PAGE, "Fix").as_deref(), Some("Do it."));
        assert_eq!(section(PAGE, "Undo"), None);
        assert_eq!(examples(PAGE), [Example { tag: "fails vm".into(), text: "## Fix\n<a/>\n".into() }]);
    }
}
