//! What every task needs: the root of the repository, the cache, cargo with a clean environment.
use anyhow::{Context, Result, bail};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository. Asked at run time: a target folder that several clones share may hold a binary of
/// ours that another clone built.
pub fn root() -> PathBuf {
    let from_cargo =
        env::var_os("CARGO_MANIFEST_DIR").and_then(|d| Some(Path::new(&d).parent()?.to_path_buf()));
    let here = from_cargo.or_else(|| env::current_dir().ok()).unwrap_or_default();
    let is_root = |d: &&Path| d.join("xtask/Cargo.toml").is_file();
    here.ancestors().find(is_root).unwrap_or(&here).to_path_buf()
}

/// Where things live that outlast a clone: tools, built files, the bench's trees, the lab.
pub use lab::store::cache;

/// Cargo in the root of the repository, without what the cargo that runs us has set for this one crate (build scripts
/// would see it and run again).
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let of_this_crate = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
        if name.to_str().is_some_and(|n| of_this_crate.iter().any(|p| n.starts_with(p))) {
            cargo.env_remove(name);
        }
    }
    cargo.current_dir(root());
    cargo
}

/// Runs to the end and gives what it printed; a failure carries its stderr.
pub fn output(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| shown(command))?;
    if !done.status.success() {
        bail!("{}: {}\n{}", shown(command), done.status, String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs to the end with our own stdout; whether it went well.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    Ok(command.status().with_context(|| shown(command))?.success())
}

/// A command as one would type it.
pub fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|a| a.to_string_lossy().into_owned()));
    words.join(" ")
}

/// The first executable file of this name on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let runs = |p: &PathBuf| p.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(runs)
}

/// The value after an option, as a number.
pub fn number(option: &str, value: Option<&&str>) -> Result<usize> {
    let text = value.with_context(|| format!("{option} needs a number"))?;
    text.parse().with_context(|| format!("{option} {text}: not a number"))
}

/// A fresh, empty folder for one test.
#[cfg(test)]
pub fn empty_dir(name: &str) -> PathBuf {
    let dir = env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
    std::fs::remove_dir_all(&dir).ok();
    std::fs::create_dir_all(&dir).unwrap();
    dir
}
