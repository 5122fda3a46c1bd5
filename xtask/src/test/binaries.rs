//! The test binaries of the workspace: built by cargo, run by us one by one, so that a deadline can drop some and the
//! order can be ours.
use super::group::{self, End, Limit};
use super::report::{Finished, read};
use crate::{target, tools};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// One of them.
#[derive(Clone)]
pub struct Binary {
    /// `package target`.
    pub name: String,
    file: PathBuf,
    /// Where cargo would run it.
    folder: PathBuf,
}

/// One test of a binary.
pub struct Case {
    /// `package target test`.
    pub name: String,
    test: String,
    binary: Binary,
}

/// Builds those of a package, or all (`--workspace`); an error carries what the compiler said.
pub fn build(which: &[&str]) -> Result<Vec<Binary>> {
    let mut cargo = target::cargo()?;
    cargo.args(["test", "--locked", "--no-run", "--message-format", "json-render-diagnostics"]);
    cargo.args(which);
    let done = cargo.stderr(Stdio::inherit()).output()?;
    if !done.status.success() {
        bail!("{}", tools::shown(&cargo));
    }
    let mut all: Vec<Binary> = String::from_utf8_lossy(&done.stdout).lines().filter_map(parse).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// One message of cargo: a built test, or something else.
fn parse(line: &str) -> Option<Binary> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let file = PathBuf::from(message["executable"].as_str()?);
    let folder = PathBuf::from(message["manifest_path"].as_str()?).parent()?.to_path_buf();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    Some(Binary { name: format!("{package} {}", message["target"]["name"].as_str()?), file, folder })
}

impl Binary {
    /// Does it need root and Debian's packages?
    pub fn is_real(&self) -> bool {
        self.name.split(' ').next_back().is_some_and(|target| target.starts_with("real_"))
    }

    /// Does it need the lab?
    pub fn is_lab(&self) -> bool {
        self.name.starts_with("lab lab_")
    }

    /// Its tests, one by one; with those that are marked `ignored`, or without.
    pub fn cases(&self, ignored: bool) -> Result<Vec<Case>> {
        let list = |more: &[&str]| -> Result<Vec<String>> {
            let listed = tools::output(self.command().args(["--list", "--format", "terse"]).args(more))?;
            Ok(listed.lines().filter_map(|l| l.strip_suffix(": test")).map(String::from).collect())
        };
        let mut tests = list(&[])?;
        if !ignored {
            let left = list(&["--ignored"])?;
            tests.retain(|t| !left.contains(t));
        }
        let case = |test: String| Case { name: format!("{} {test}", self.name), test, binary: self.clone() };
        Ok(tests.into_iter().map(case).collect())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.file);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder).stdin(Stdio::null());
        command
    }

    /// How many tests it has; one if it can't say.
    pub fn count(&self) -> usize {
        let listed = tools::output(self.command().args(["--list", "--format", "terse"])).unwrap_or_default();
        listed.lines().filter(|l| l.ends_with(": test")).count().max(1)
    }

    /// Runs it; none if the tier's deadline came first. Who takes half a tier alone hangs, and has failed.
    pub fn run(&self, tier: &Limit) -> Result<Option<Finished>> {
        if tier.left().is_zero() {
            return Ok(None);
        }
        let share = tier.share();
        let own = Limit::from_now(share.min(tier.left()));
        let whole_share = tier.left() >= share;
        let begun = Instant::now();
        let (end, mut text) = logged(self.command().arg("--show-output"), &self.name, &own)?;
        let took = begun.elapsed().as_secs_f64();
        let success = match end {
            End::Done(status) => status.success(),
            End::Deadline if whole_share => {
                text.push_str(&format!("\nkilled: it ran for {took:.0} s, half of its tier's time"));
                false
            }
            End::Deadline => return Ok(None),
        };
        Ok(Some(Finished { counts: read(&text, success), text, took }))
    }

    #[cfg(test)]
    pub fn named(name: &str) -> Self {
        Binary { name: name.into(), file: PathBuf::new(), folder: PathBuf::new() }
    }
}

impl Case {
    /// Runs it alone; how it ended and what it printed.
    pub fn run(&self, environment: &[(&str, &OsStr)], limit: &Limit) -> Result<(End, String)> {
        let mut command = self.binary.command();
        command.args(["--exact", &self.test, "--include-ignored", "--nocapture"]);
        logged(command.envs(environment.iter().copied()), &self.name, limit)
    }
}

/// Runs a command; how it ended and what it printed. To a file, not a pipe: what a forgotten grandchild holds open must
/// not keep us waiting.
fn logged(command: &mut Command, name: &str, limit: &Limit) -> Result<(End, String)> {
    let file = format!("xtask-{}-{}.log", std::process::id(), name.replace(' ', "-"));
    let log = std::env::temp_dir().join(file);
    let out = File::create(&log).with_context(|| log.display().to_string())?;
    let end = group::run(command.stdout(out.try_clone()?).stderr(out), limit);
    let text = String::from_utf8_lossy(&std::fs::read(&log)?).into_owned();
    std::fs::remove_file(&log).ok();
    Ok((end?, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn cargos_messages_give_tests_alone() {
        let test = r#"{"reason":"compiler-artifact","manifest_path":"/x/crates/host/Cargo.toml",
            "target":{"name":"real_live"},"profile":{"test":true},"executable":"/t/real_live-1"}"#
            .replace('\n', "");
        let binary = parse(&test).unwrap();
        assert_eq!(binary.name, "host real_live");
        assert!(binary.is_real() && !Binary::named("host unreal_x").is_real());
        assert!(Binary::named("lab lab_audit").is_lab() && !Binary::named("engine lab_hosts").is_lab());
        assert!(parse(&test.replace("\"test\":true", "\"test\":false")).is_none());
        assert!(parse("{\"reason\":\"build-finished\"}").is_none());
    }

    fn script(name: &str, text: &str) -> Binary {
        use std::os::unix::fs::PermissionsExt;
        let folder = tools::empty_dir(name);
        let file = folder.join("test");
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        Binary { name: format!("xtask {name}"), file, folder }
    }

    #[test]
    fn a_hang_fails_and_a_late_start_is_dropped() {
        let hang = script("hang", "sleep 60");
        let tier = Limit::from_now(Duration::from_millis(400));
        let done = hang.run(&tier).unwrap().unwrap();
        assert_eq!((done.counts.passed, done.counts.failed), (0, 1));
        assert!(done.text.contains("killed"));
        // Less than a share is left: not its fault.
        assert!(hang.run(&tier).unwrap().is_none());
        assert!(hang.run(&tier).unwrap().is_none());
    }
}
