//! Law 9: no text names the place where it was written; a clone reads the same anywhere.
use super::{Breach, Tree, breach, scan};

/// Built so that this file doesn't break its own law.
const NAMES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/var", "/tmp/b/"),
    concat!("/var", "/tmp/w/"),
    concat!("/.lib", "rary"),
    concat!("shared", "/facts"),
];

pub fn check(tree: &Tree) -> Vec<Breach> {
    let mut out = Vec::new();
    for path in &tree.paths {
        let Some(text) = tree.read(path) else { continue };
        for name in NAMES {
            for (at, _) in text.match_indices(name) {
                // A longer path may hold the first name inside; only one that begins with it is the place.
                if name.starts_with('/')
                    && text[..at].ends_with(|c: char| c.is_alphanumeric() || "_.-".contains(c))
                {
                    continue;
                }
                let what = format!("names a private place ({name}); say what is meant instead");
                out.push(breach(path, scan::line(&text, at), "9", what));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::NAMES;
    use crate::tidy::tests::laws;

    #[test]
    fn a_private_place_breaks_law_9() {
        for (i, name) in NAMES.iter().enumerate() {
            let text = format!("see\n`{name}x`\n");
            assert_eq!(laws(&format!("l9{i}"), "book/a.md", &text), [(2, "9")], "{name}");
        }
        let longer = format!("drivers{}x\n", NAMES[0]);
        assert_eq!(laws("l9z", "book/a.md", &longer), []);
    }
}
