//! Where cargo builds for us: a folder in the cache that clones share, so that a fresh clone needs not build what it
//! depends on once more.
//!
//! Cargo knows a crate of a workspace by its path inside that, and believes in times: in a folder that another clone
//! has used since, it would take that clone's newer objects for ours and test them. So a folder serves one run at a time
//! (a lock), and what it holds of our own crates is dropped when the last run was another clone's (a note).
use crate::tools;
use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};
use serde_json::Value;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder, and the lock that holds it until we end.
static HELD: OnceLock<(PathBuf, Option<File>)> = OnceLock::new();

/// Cargo, building into the folder.
pub fn cargo() -> Result<Command> {
    let mut cargo = tools::cargo();
    cargo.env("CARGO_TARGET_DIR", dir()?);
    Ok(cargo)
}

/// Builds a package with optimizations; its binary has the same name.
pub fn release(package: &str) -> Result<PathBuf> {
    println!("building {package}");
    let built = tools::succeeds(cargo()?.args(["build", "--release", "--locked", "--quiet", "-p", package]))?;
    let binary = dir()?.join("release").join(package);
    if !built || !binary.is_file() {
        bail!("there is no {}", binary.display());
    }
    Ok(binary)
}

/// `$CARGO_TARGET_DIR` if it is set; else one for this lock file and compiler that no other run uses.
pub fn dir() -> Result<&'static Path> {
    if HELD.get().is_none() {
        let held = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(set) => (PathBuf::from(set), None),
            None => {
                let (folder, lock) = free(&tools::cache(), &name()?)?;
                if moved_in(&folder, &tools::root())? {
                    drop_own_crates(&folder)?;
                }
                (folder, Some(lock))
            }
        };
        HELD.set(held).ok();
    }
    HELD.get().map(|(folder, _)| folder.as_path()).context("no target folder")
}

fn name() -> Result<String> {
    let mut hash = DefaultHasher::new();
    fs::read(tools::root().join("Cargo.lock")).context("Cargo.lock")?.hash(&mut hash);
    tools::output(Command::new("rustc").arg("-vV"))?.hash(&mut hash);
    let hex: String = format!("{:016x}", hash.finish()).chars().take(12).collect();
    Ok(format!("target-{hex}"))
}

/// The first of NAME, NAME-2, NAME-3 … that isn't locked.
fn free(cache: &Path, name: &str) -> Result<(PathBuf, File)> {
    for slot in 1.. {
        let folder = cache.join(if slot == 1 { name.to_owned() } else { format!("{name}-{slot}") });
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let lock = File::create(folder.join("xtask.lock"))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok((folder, lock)),
            Err(rustix::io::Errno::WOULDBLOCK) => {}
            Err(why) => return Err(why).with_context(|| folder.display().to_string()),
        }
    }
    bail!("no free target folder under {}", cache.display())
}

/// Notes whose folder it is now; true if it was another's.
fn moved_in(folder: &Path, root: &Path) -> Result<bool> {
    let note = folder.join("xtask.root");
    let ours = root.display().to_string();
    let last = fs::read_to_string(&note).ok();
    fs::write(&note, &ours)?;
    Ok(last.is_some_and(|l| l != ours))
}

fn drop_own_crates(folder: &Path) -> Result<()> {
    let metadata = tools::output(tools::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    for profile in ["dev", "release"] {
        let mut clean = tools::cargo();
        clean.args(["clean", "--quiet", "--locked", "--profile", profile]).env("CARGO_TARGET_DIR", folder);
        for name in packages.iter().filter_map(|p| p["name"].as_str()) {
            clean.args(["--package", name]);
        }
        tools::output(&mut clean)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_at_once_get_two_folders() {
        let cache = tools::empty_dir("target");
        let (first, lock) = free(&cache, "t").unwrap();
        let (second, _other) = free(&cache, "t").unwrap();
        assert_eq!((first.clone(), second), (cache.join("t"), cache.join("t-2")));
        drop(lock);
        assert_eq!(free(&cache, "t").unwrap().0, first);
    }

    #[test]
    fn another_clone_is_noticed() {
        let folder = tools::empty_dir("moved");
        let moved = |root: &str| moved_in(&folder, Path::new(root)).unwrap();
        assert!(!moved("/a") && !moved("/a") && moved("/b") && moved("/a"));
    }
}
