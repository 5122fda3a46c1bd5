//! Law 10: a table of crates in a page for readers names exactly the crates there are.
use super::{Breach, Tree, breach};
use std::collections::BTreeSet;

const PAGES: &[&str] = &["README.md", "ARCHITECTURE.md"];

pub fn check(tree: &Tree) -> Vec<Breach> {
    let folder = |p: &String| Some(p.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?.to_owned());
    let crates: BTreeSet<String> = tree.paths.iter().filter_map(folder).collect();
    let mut out = Vec::new();
    for page in PAGES {
        let Some((line, named)) = tree.read(page).as_deref().and_then(table) else { continue };
        for missing in crates.difference(&named) {
            out.push(breach(page, line, "10", format!("the table of crates lacks `{missing}`; add its row")));
        }
        for extra in named.difference(&crates).filter(|n| !["xtask", "lab"].contains(&n.as_str())) {
            out.push(breach(
                page,
                line,
                "10",
                format!("the table of crates has `{extra}`, which is none; drop its row"),
            ));
        }
    }
    out
}

/// The line of the table whose first column is headed "crate", and the names in that column.
fn table(text: &str) -> Option<(usize, BTreeSet<String>)> {
    let cell = |l: &str| Some(l.trim().strip_prefix('|')?.split('|').next()?.trim().to_owned());
    let lines: Vec<&str> = text.lines().collect();
    let head = lines.iter().position(|l| cell(l).is_some_and(|c| c.eq_ignore_ascii_case("crate")))?;
    let rows = lines.iter().skip(head + 2).map_while(|l| cell(l));
    let bare = |c: String| c.split('`').nth(1).unwrap_or(&c).trim_start_matches("crates/").to_owned();
    Some((head + 1, rows.map(bare).collect()))
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::tree;

    #[test]
    fn a_table_that_differs_from_the_workspace_breaks_law_10() {
        let check = |name: &str, readme: &str| {
            let files =
                [("README.md", readme), ("crates/model/Cargo.toml", ""), ("crates/host/Cargo.toml", "")];
            super::check(&tree(name, &files)).into_iter().map(|b| (b.line, b.what)).collect::<Vec<_>>()
        };
        assert_eq!(check("l10a", "no table\n"), []);
        assert_eq!(
            check("l10b", "| Crate | what |\n|---|---|\n| `model` | x |\n| [`host`](crates/host) | y |\n"),
            []
        );
        let wrong = check("l10c", "a\n\n| crate | what |\n|---|---|\n| `model` | x |\n| `old` | y |\n");
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong.iter().all(|(line, _)| *line == 3));
    }
}
