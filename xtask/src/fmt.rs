//! `xtask fmt`: cargo fmt, and the files that it can't see because no `mod` line names them.
use crate::tools;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Formats everything, or with `--check` says what isn't.
pub fn run(args: &[&str]) -> Result<bool> {
    let check: &[&str] = match args {
        [] => &[],
        ["--check"] => &["--check"],
        _ => bail!("fmt takes --check or nothing"),
    };
    let root = tools::root();
    let mut ok = tools::succeeds(tools::cargo().args(["fmt", "--all", "--"]).args(check))?;
    let files = unseen(&root)?;
    if !files.is_empty() {
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024", "--config-path"]).arg(&root).args(check).args(files);
        ok &= tools::succeeds(&mut rustfmt)?;
    }
    Ok(ok)
}

/// The control files, which a macro finds, and the fuzz targets, which are outside the workspace.
fn unseen(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in
        folders(&root.join("crates/controls/src"))?.into_iter().chain([root.join("fuzz/fuzz_targets")])
    {
        if folder.is_dir() {
            for entry in std::fs::read_dir(folder)? {
                files.push(entry?.path());
            }
        }
    }
    files.retain(|f| f.extension().is_some_and(|e| e == "rs"));
    files.sort();
    Ok(files)
}

fn folders(of: &Path) -> Result<Vec<PathBuf>> {
    if !of.is_dir() {
        return Ok(Vec::new());
    }
    let entries: Result<Vec<_>, _> = std::fs::read_dir(of)?.map(|e| e.map(|e| e.path())).collect();
    Ok(entries?.into_iter().filter(|p| p.is_dir()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_cargo_fmt_does_not() {
        let root = tools::empty_dir("fmt");
        let topic = root.join("crates/controls/src/network");
        std::fs::create_dir_all(&topic).unwrap();
        std::fs::write(topic.join("a.rs"), "").unwrap();
        std::fs::write(topic.join("a.txt"), "").unwrap();
        std::fs::write(root.join("crates/controls/src/lib.rs"), "").unwrap();
        assert_eq!(unseen(&root).unwrap(), [topic.join("a.rs")]);
    }
}
