//! `xtask tidy`: the laws of the project, as code. Each law is a function from a tree to its breaches.
mod arrows;
mod controls;
mod deps;
mod length;
mod library;
mod names;
mod readme;
mod scan;

use crate::{generated, tools};
use anyhow::Result;
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One law, broken at one place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Breach {
    path: String,
    line: usize,
    law: &'static str,
    what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: law {}: {}", self.path, self.line, self.law, self.what)
    }
}

fn breach(path: &str, line: usize, law: &'static str, what: impl Into<String>) -> Breach {
    Breach { path: path.into(), line, law, what: what.into() }
}

/// A Rust file: its path from the root, its text, and the text with comments and strings told apart.
struct Source {
    path: String,
    text: String,
    scan: scan::Scan,
}

impl Source {
    fn new(path: &str, text: String) -> Self {
        Source { path: path.into(), scan: scan::scan(&text), text }
    }
    /// Long on purpose: a table of data, or written by a program.
    fn is_data(&self) -> bool {
        let marked = |l: &str| matches!(l.trim(), "// tidy: data table" | "// @generated");
        self.text.lines().any(marked)
    }
}

/// The files of a repository, as git knows them.
struct Tree {
    root: PathBuf,
    /// From the root, sorted.
    paths: Vec<String>,
    sources: Vec<Source>,
}

impl Tree {
    /// Tracked files and new ones that are not ignored.
    fn of_git(root: &Path) -> Result<Self> {
        let mut git = Command::new("git");
        git.arg("-C").arg(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listed = tools::output(&mut git)?;
        let paths = listed.split('\0').filter(|p| root.join(p).is_file()).map(String::from);
        Self::of_paths(root, paths.collect())
    }

    fn of_paths(root: &Path, mut paths: Vec<String>) -> Result<Self> {
        paths.sort();
        paths.dedup();
        let mut sources = Vec::new();
        for path in paths.iter().filter(|p| p.ends_with(".rs")) {
            let bytes = std::fs::read(root.join(path))?;
            sources.push(Source::new(path, String::from_utf8_lossy(&bytes).into_owned()));
        }
        Ok(Tree { root: root.to_path_buf(), paths, sources })
    }

    fn read(&self, path: &str) -> Option<String> {
        std::fs::read(self.root.join(path)).ok().map(|b| String::from_utf8_lossy(&b).into_owned())
    }
}

/// Prints every breach; true if there is none.
pub fn run() -> Result<bool> {
    let root = tools::root();
    let tree = Tree::of_git(&root)?;
    let mut breaches = of_text(&tree);
    let metadata = tools::output(tools::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    breaches.extend(arrows::check(&serde_json::from_str(&metadata)?));
    match deps::linked() {
        Ok(linked) => breaches.extend(deps::check(&linked)),
        Err(why) => breaches.push(breach("Cargo.lock", 1, "8", format!("can't tell what is linked: {why}"))),
    }
    breaches.extend(generated::stale().iter().map(|p| breach(p, 1, "7", "stale; run `cargo xtask gen`")));
    breaches.sort();
    for b in &breaches {
        println!("{b}");
    }
    println!("tidy: {} files, {} breaches", tree.paths.len(), breaches.len());
    Ok(breaches.is_empty())
}

/// The laws that need nothing but the text.
fn of_text(tree: &Tree) -> Vec<Breach> {
    let tests: HashSet<String> = library::test_files(&tree.sources);
    let mut breaches = Vec::new();
    for source in &tree.sources {
        breaches.extend(controls::check(source, &tree.paths));
        breaches.extend(header(source));
        breaches.extend(library::unsafe_code(source));
        breaches.extend(length::check(source));
        if !tests.contains(&source.path) {
            breaches.extend(library::check(source));
        }
    }
    breaches.extend(names::check(tree));
    breaches.extend(readme::check(tree));
    breaches
}

/// Law 3: every module says what it is.
fn header(source: &Source) -> Option<Breach> {
    let words = source.text.lines().next()?.strip_prefix("//!").map(str::trim);
    let what = "the first line must be `//!` and say what the module is";
    words.is_none_or(str::is_empty).then(|| breach(&source.path, 1, "3", what))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree of these files in a fresh folder, with a sound README.
    pub(super) fn tree(name: &str, files: &[(&str, &str)]) -> Tree {
        let root = tools::empty_dir(name);
        for (path, text) in files {
            let to = root.join(path);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(to, text).unwrap();
        }
        Tree::of_paths(&root, files.iter().map(|(p, _)| p.to_string()).collect()).unwrap()
    }

    /// `law` at each line, for one file.
    pub(super) fn laws(name: &str, path: &str, text: &str) -> Vec<(usize, &'static str)> {
        of_text(&tree(name, &[(path, text)])).into_iter().map(|b| (b.line, b.law)).collect()
    }

    #[test]
    fn a_module_without_header_breaks_law_3() {
        assert_eq!(laws("l3a", "crates/model/src/a.rs", "fn f() {}\n"), [(1, "3")]);
        assert_eq!(laws("l3b", "crates/model/src/a.rs", "//!\nfn f() {}\n"), [(1, "3")]);
        assert_eq!(laws("l3c", "crates/model/src/a.rs", "//! Says it.\nfn f() {}\n"), []);
    }

    #[test]
    fn a_breach_prints_its_place_and_law() {
        let b = breach("a.rs", 7, "3", "what");
        assert_eq!(b.to_string(), "a.rs:7: law 3: what");
    }
}
