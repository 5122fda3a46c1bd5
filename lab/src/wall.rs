//! One wall, seen standing, taken away in the VM, and seen missing: what the tests of the lab are made of.
//!
//! A wall is tested by running `baluarte check` twice in one fresh VM, with a script in between. The control must pass before
//! and fail after, and no other verdict may change for the worse than those named with it.
use crate::request::{Mac, Release, Request};
use crate::run::{End, Outcome};
use crate::store::Lab;
use crate::tools;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `lab` tests read these; `cargo xtask lab test` sets them.
pub const BINARY: &str = "BALUARTE_LAB_BINARY";
/// The release that a run is about; bookworm if unset.
pub const RELEASE: &str = "BALUARTE_LAB_RELEASE";

/// What the scripts of tests may call.
pub const PRELUDE: &str = include_str!("wall.sh");

/// Verdicts of one check: control and subject to status.
pub type Verdicts = BTreeMap<(String, String), String>;

/// What tests need: a lab that is built, and a binary to put into it.
#[derive(Debug)]
pub struct Bench {
    /// The lab.
    pub lab: Lab,
    /// The `baluarte` that is tested.
    pub binary: PathBuf,
}

impl Bench {
    /// It, or why a test can't run here.
    ///
    /// # Errors
    /// The reason, for a line `skipped: …`.
    pub fn ready(mac: Mac) -> Result<Self, String> {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = root.as_deref().and_then(Path::parent).ok_or("not run by cargo")?;
        let release =
            std::env::var(RELEASE).ok().and_then(|n| Release::named(&n)).unwrap_or(Release::Bookworm);
        let lab = Lab::open(root, release).map_err(|e| format!("{e:#}"))?;
        let built = mac == Mac::None || crate::store::damage(&lab.snapshot_folder(mac)).is_none();
        if !built || crate::store::damage(&lab.image_folder()).is_some() {
            return Err("the lab is not built: cargo xtask lab test builds it".into());
        }
        let binary = std::env::var_os(BINARY).map(PathBuf::from).filter(|b| b.is_file());
        let binary =
            binary.ok_or_else(|| format!("${BINARY} names no file: cargo xtask lab test sets it"))?;
        Ok(Bench { lab, binary })
    }

    /// Runs a script beside the binary; a script that fails is an error with what it said.
    ///
    /// # Errors
    /// The VM doesn't come up, breaks off, or the script fails.
    pub fn run(&self, request: &Request) -> Result<Outcome> {
        let outcome = self.lab.run(&request.clone().with(&self.binary))?;
        if outcome.end != End::Done || outcome.code != 0 {
            let console =
                if outcome.end == End::Done { String::new() } else { tools::tail(&outcome.console, 20) };
            bail!(
                "{:?}, code {}:\n{}\n{}\n{console}",
                outcome.end,
                outcome.code,
                tools::tail(&outcome.stdout, 10),
                tools::tail(&outcome.stderr, 20)
            );
        }
        Ok(outcome)
    }
}

/// One wall.
#[derive(Debug, Clone)]
pub struct Wall<'a> {
    /// The control that sees it.
    pub control: &'a str,
    /// Where it stands.
    pub mac: Mac,
    /// What has to be so for it to be asked, such as a device passed through.
    pub given: &'a str,
    /// What takes it away (or, for [`Wall::raised`], puts it up).
    pub script: &'a str,
    /// Other controls that must see the same.
    pub also: &'a [&'a str],
    /// What the kernel is booted with, instead of restoring a snapshot. No guest runs there.
    pub boot: Option<&'a str>,
}

impl Wall<'_> {
    /// The wall stands, and is seen missing when the script has run.
    ///
    /// # Errors
    /// Anything else: which verdicts, in one text.
    pub fn removed(&self, bench: &Bench) -> Result<String> {
        let (before, after) = self.both(bench)?;
        let stood = verdict(&before, self.control);
        if stood != "pass" {
            bail!("{} stands: {stood}, not pass", self.control);
        }
        let worse = worse(&before, &after);
        let expected: Vec<&str> = std::iter::once(self.control).chain(self.also.iter().copied()).collect();
        let missing: Vec<&&str> = expected.iter().filter(|id| !worse.iter().any(|w| w.0 == **id)).collect();
        let surplus: Vec<String> = worse
            .iter()
            .filter(|w| !expected.contains(&w.0.as_str()))
            .map(|w| format!("{} {}: {}", w.0, w.1, w.2))
            .collect();
        if !missing.is_empty() || !surplus.is_empty() {
            bail!("after `{}`: not seen by {missing:?}; seen by others: {surplus:?}", self.script);
        }
        let gone = verdict(&after, self.control);
        if gone != "fail" {
            bail!("{} gone: {gone}, not fail", self.control);
        }
        Ok(self.line("pass", "fail"))
    }

    /// The wall is missing in the lab, and is seen when the script has put it up.
    ///
    /// # Errors
    /// Anything else.
    pub fn raised(&self, bench: &Bench) -> Result<String> {
        let (before, after) = self.both(bench)?;
        let (was, is) = (verdict(&before, self.control), verdict(&after, self.control));
        if was == "pass" || is != "pass" {
            bail!("{}: {was} before `{}`, {is} after it", self.control, self.script);
        }
        Ok(self.line("pass", &was))
    }

    /// A row of `cargo xtask lab test`.
    fn line(&self, present: &str, removed: &str) -> String {
        let how = if self.script.is_empty() { self.boot.unwrap_or_default() } else { self.script };
        format!(
            "wall: {}\t{}\t{present}\t{removed}\t{}",
            self.control,
            self.mac.name(),
            how.replace('\n', "; ")
        )
    }

    fn both(&self, bench: &Bench) -> Result<(Verdicts, Verdicts)> {
        // 0 and 1 say that it judged; findings are no failure here.
        let script = self.script;
        let request = |script: String| Request {
            limit: Duration::from_secs(240),
            ..Request::script(&script).on(self.mac)
        };
        let Some(boot) = self.boot else {
            let given = self.given;
            let script = format!("{PRELUDE}\nset -e\n{given}\ncheck before\n{script}\ncheck after");
            let outcome = bench.run(&request(script))?;
            return Ok((read(&outcome, "before")?, read(&outcome, "after")?));
        };
        let before = bench.run(&request(format!("{PRELUDE}\ncheck before")))?;
        let after = Request {
            append: boot.to_owned(),
            cold: true,
            tpm: true,
            ..request(format!("{PRELUDE}\nsystemctl is-system-running --wait\nset -e\n{script}\ncheck after"))
        };
        Ok((read(&before, "before")?, read(&bench.run(&after)?, "after")?))
    }
}

/// The verdicts in a report that a script left.
///
/// # Errors
/// There is none, or it is no report.
pub fn read(outcome: &Outcome, name: &str) -> Result<Verdicts> {
    let bytes = outcome.made.get(name).with_context(|| format!("the VM left no {name}"))?;
    let report: Value = serde_json::from_slice(bytes).with_context(|| format!("{name} is no report"))?;
    let findings = report.get("findings").and_then(Value::as_array).context("no findings")?;
    let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(findings
        .iter()
        .map(|f| {
            let subject = f.get("subject");
            let name = word(subject.and_then(|s| s.get("name")));
            ((word(f.get("id")), name), word(f.get("status")))
        })
        .collect())
}

/// The worst verdict of a control over its subjects; `none` if it gave none.
#[must_use]
pub fn verdict(verdicts: &Verdicts, control: &str) -> String {
    let of: Vec<&str> =
        verdicts.iter().filter(|((id, _), _)| id == control).map(|(_, s)| s.as_str()).collect();
    let order = ["fail", "unknown", "pass", "n/a"];
    order.into_iter().find(|status| of.contains(status)).unwrap_or("none").to_owned()
}

/// What fails or is unknown now and wasn't: control, subject, status.
#[must_use]
pub fn worse(before: &Verdicts, after: &Verdicts) -> Vec<(String, String, String)> {
    let bad = |status: &str| status == "fail" || status == "unknown";
    after
        .iter()
        .filter(|(key, status)| bad(status) && before.get(*key) != Some(*status))
        .map(|((id, subject), status)| (id.clone(), subject.clone(), status.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(list: &[(&str, &str, &str)]) -> Verdicts {
        list.iter().map(|(id, s, v)| (((*id).to_owned(), (*s).to_owned()), (*v).to_owned())).collect()
    }

    #[test]
    fn the_worst_counts_and_only_what_got_worse() {
        let before = verdicts(&[("a", "x", "pass"), ("a", "y", "fail"), ("b", "x", "n/a")]);
        let after =
            verdicts(&[("a", "x", "fail"), ("a", "y", "fail"), ("b", "x", "unknown"), ("c", "x", "pass")]);
        assert_eq!((verdict(&before, "a"), verdict(&before, "z")), ("fail".into(), "none".into()));
        let names: Vec<String> = worse(&before, &after).into_iter().map(|w| w.0 + &w.1 + &w.2).collect();
        assert_eq!(names, ["axfail", "bxunknown"]);
    }
}
