//! `xtask soak fuzz`: each fuzz target for a while, one after the other.
use crate::{target, tools};
use anyhow::{Result, bail};
use std::path::Path;

const INSTALL: &str =
    "cargo-fuzz is missing: `cargo install --locked cargo-fuzz`, and a C++ compiler (apt-get install g++)";

/// Runs every target for `--seconds N` (60); false if one found something.
pub fn run(args: &[&str]) -> Result<bool> {
    let seconds = match args {
        [] => 60,
        ["--seconds", rest @ ..] if rest.len() == 1 => tools::number("--seconds", rest.first())?,
        _ => bail!("soak fuzz takes --seconds N"),
    };
    let targets = targets(&tools::root())?;
    if targets.is_empty() {
        bail!("there is no fuzz target under fuzz/fuzz_targets, so nothing was fuzzed");
    }
    if tools::on_path("cargo-fuzz").is_none() {
        bail!("{INSTALL}");
    }
    let mut broken = Vec::new();
    for target in &targets {
        println!("soak: {target} for {seconds} s");
        // Sanitizers are unstable flags; the bootstrap variable lets the stable compiler take them.
        let mut fuzz = target::cargo()?;
        fuzz.args(["fuzz", "run", target, "--", &format!("-max_total_time={seconds}"), "-rss_limit_mb=2048"]);
        if !tools::succeeds(fuzz.env("RUSTC_BOOTSTRAP", "1"))? {
            broken.push(target.as_str());
        }
    }
    println!("soak: {} targets, {} broken {}", targets.len(), broken.len(), broken.join(" "));
    Ok(broken.is_empty())
}

/// The names of the fuzz targets, sorted.
fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/fuzz_targets");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "rs") {
            names.extend(path.file_stem().map(|s| s.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_rust_files_of_the_folder() {
        let root = tools::empty_dir("soak");
        assert!(targets(&root).unwrap().is_empty());
        std::fs::create_dir_all(root.join("fuzz/fuzz_targets")).unwrap();
        for name in ["xml.rs", "conf.rs", "notes.txt"] {
            std::fs::write(root.join("fuzz/fuzz_targets").join(name), "").unwrap();
        }
        assert_eq!(targets(&root).unwrap(), ["conf", "xml"]);
    }
}
