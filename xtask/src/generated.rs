//! `xtask gen`: files made from the sources and kept in the repository, so that a reader needs no build.
use anyhow::{Result, bail};

/// Writes them, or says which are stale.
pub fn run(args: &[&str]) -> Result<bool> {
    match args {
        [] => println!("gen: nothing is generated yet"),
        ["--check"] => {
            let stale = stale();
            for path in &stale {
                println!("{path}: stale; run `cargo xtask gen`");
            }
            return Ok(stale.is_empty());
        }
        _ => bail!("gen takes --check or nothing"),
    }
    Ok(true)
}

/// The paths, from the root, that differ from what would be generated now. The manual, the schemas and the
/// completions come with the issues that make them.
pub fn stale() -> Vec<String> {
    Vec::new()
}
