//! `xtask deny`: licences, banned crates and sources, by cargo-deny with `deny.toml`.
use crate::tools;
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The version that is installed where there is none; any other that is found is used.
const VERSION: &str = "0.20.2";

/// True if every dependency is allowed. Advisories are not asked: they need a network and change without a commit.
pub fn run() -> Result<bool> {
    let mut check = Command::new(find()?);
    check.current_dir(tools::root()).args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
    tools::succeeds(&mut check)
}

/// On `PATH`, in the cache, or built into the cache.
fn find() -> Result<PathBuf> {
    let folder = tools::cache().join("tools");
    let cached = folder.join("bin/cargo-deny");
    if let Some(path) = tools::on_path("cargo-deny").or_else(|| cached.is_file().then(|| cached.clone())) {
        return Ok(path);
    }
    println!("deny: building cargo-deny {VERSION} into {} (once; 4 minutes on 2 cores)", folder.display());
    let mut install = tools::cargo();
    // Its own target folder: cargo-deny's dependencies would mix with ours.
    install.env_remove("CARGO_TARGET_DIR");
    install
        .args(["install", "--locked", "--quiet", "cargo-deny", "--version", VERSION, "--root"])
        .arg(&folder);
    if !tools::succeeds(&mut install)? {
        bail!(
            "cargo-deny could not be built, so licences, bans and sources were NOT checked; install it yourself \
             (`cargo install --locked cargo-deny --version {VERSION}`) or put it at {}",
            cached.display()
        );
    }
    Ok(cached)
}
