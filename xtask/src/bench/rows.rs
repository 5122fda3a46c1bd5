//! The measurements of our own binary, each with its limit.
use super::{Options, Samples, sample};
use crate::tools;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is measured on.
pub struct Bench<'a> {
    pub binary: PathBuf,
    pub options: &'a Options,
    /// A tree of a host without VMs.
    pub empty: PathBuf,
    /// The same with many.
    pub full: PathBuf,
    /// A folder for recordings.
    pub work: PathBuf,
}

/// One line of the table.
pub struct Row {
    pub what: String,
    pub unit: &'static str,
    pub outcome: Outcome,
}

/// What came out.
pub enum Outcome {
    /// `best` must not pass `limit`.
    Measured { best: f64, median: f64, limit: f64, instructions: Option<u64> },
    /// A yes or a no.
    Holds(bool),
    /// The thing itself failed.
    Broken(String),
    /// Something it needs isn't here.
    NotMeasured(String),
}

impl Row {
    /// Does it make the run fail?
    pub fn failed(&self) -> bool {
        match &self.outcome {
            Outcome::Measured { best, limit, .. } => best > limit || best.is_nan(),
            Outcome::Holds(yes) => !yes,
            Outcome::Broken(_) => true,
            Outcome::NotMeasured(_) => false,
        }
    }
    /// The best, if it was measured.
    pub fn best(&self) -> Option<f64> {
        match self.outcome {
            Outcome::Measured { best, .. } => Some(best),
            _ => None,
        }
    }
}

pub const HOST_CPU: &str = "full check of this host";
pub const PER_VM: &str = "each further VM, parsed and judged";

/// Limits, from the issue that set them.
const HOST_CPU_S: f64 = 0.25;
const HOST_PEAK_MB: f64 = 24.0;
const TREE_CPU_S_OF_10000: f64 = 0.6;
const PER_VM_MS: f64 = 0.06;

/// All rows, in the order of the page.
pub fn all(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = host(bench)?;
    rows.extend(many(bench)?);
    rows.push(row("collecting a running VM live", "ms CPU", super::live::measure(bench)));
    rows.push(row("`--evidence` gives the very findings of the run that recorded", "", identity(bench)?));
    Ok(rows)
}

fn row(what: impl Into<String>, unit: &'static str, outcome: Outcome) -> Row {
    Row { what: what.into(), unit, outcome }
}

fn check(bench: &Bench, args: &[&str]) -> Command {
    let mut command = Command::new(&bench.binary);
    command.arg("check").args(args);
    command
}

/// Exit codes of a run that evaluated something: clean, findings, an expired waiver.
fn evaluated(samples: &Samples) -> Result<(), String> {
    match samples.code {
        Some(0 | 1 | 4) => Ok(()),
        Some(3) => Err("exit code 3: nothing evaluated".into()),
        Some(code) => Err(format!("exit code {code}")),
        None => Err("ended by a signal".into()),
    }
}

fn host(bench: &Bench) -> Result<Vec<Row>> {
    let mut command = check(bench, &["--format", "json"]);
    let samples = sample(&mut command, bench.options.runs)?;
    let (cpu, peak) = match evaluated(&samples) {
        Ok(()) => (
            Outcome::Measured {
                best: samples.best(),
                median: samples.median(),
                limit: HOST_CPU_S,
                instructions: instructions(bench, &command),
            },
            // A peak isn't disturbed downwards, so the highest is judged.
            Outcome::Measured {
                best: samples.peak,
                median: samples.peak,
                limit: HOST_PEAK_MB,
                instructions: None,
            },
        ),
        Err(why) => (Outcome::Broken(why.clone()), Outcome::Broken(why)),
    };
    Ok(vec![row(HOST_CPU, "s CPU", cpu), row(format!("{HOST_CPU}, peak memory"), "MB", peak)])
}

fn many(bench: &Bench) -> Result<Vec<Row>> {
    let root = |path: &Path| ["--root".to_owned(), path.display().to_string()];
    let of = |path: &Path| check(bench, &root(path).each_ref().map(String::as_str));
    let without = sample(&mut of(&bench.empty), bench.options.runs)?;
    let mut command = of(&bench.full);
    let with = sample(&mut command, bench.options.runs)?;
    let vms = bench.options.vms as f64;
    let whole = format!("{vms} domain XMLs in a tree");
    // A tree without VMs may leave nothing to evaluate; the full one must not.
    let usable = evaluated(&with).and(match without.code {
        Some(3) => Ok(()),
        _ => evaluated(&without),
    });
    let (whole_outcome, each) = match usable {
        Ok(()) => (
            Outcome::Measured {
                best: with.best(),
                median: with.median(),
                limit: TREE_CPU_S_OF_10000 * vms / 10_000.0,
                instructions: instructions(bench, &command),
            },
            Outcome::Measured {
                best: (with.best() - without.best()) / vms * 1e3,
                median: (with.median() - without.median()) / vms * 1e3,
                limit: PER_VM_MS,
                instructions: None,
            },
        ),
        Err(why) => (Outcome::Broken(why.clone()), Outcome::Broken(why)),
    };
    Ok(vec![row(whole, "s CPU", whole_outcome), row(PER_VM, "ms CPU", each)])
}

/// The difference between a check with and without a running domain, which must be a private one.
/// Byte for byte, JSON.
fn identity(bench: &Bench) -> Result<Outcome> {
    let recording = bench.work.join("host.zst").display().to_string();
    std::fs::remove_file(&recording).ok();
    let recorded = check(bench, &["--record", &recording, "--format", "json"]).output()?;
    if !matches!(recorded.status.code(), Some(0 | 1 | 4)) || !Path::new(&recording).is_file() {
        return Ok(Outcome::Broken(format!("check --record: {}", recorded.status)));
    }
    let judged = check(bench, &["--evidence", &recording, "--format", "json"]).output()?;
    std::fs::remove_file(&recording).ok();
    let same = !recorded.stdout.is_empty() && recorded.stdout == judged.stdout;
    Ok(Outcome::Holds(same && recorded.status.code() == judged.status.code()))
}

/// How many a command executes, by valgrind; none unless asked for and there.
fn instructions(bench: &Bench, command: &Command) -> Option<u64> {
    if !bench.options.instructions {
        return None;
    }
    let mut valgrind = Command::new(tools::on_path("valgrind")?);
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    let done = valgrind.arg(command.get_program()).args(command.get_args()).output().ok()?;
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    text.lines().find_map(|l| l.split("Collected : ").nth(1)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bench_of<'a>(script: &str, options: &'a Options) -> Bench<'a> {
        use std::os::unix::fs::PermissionsExt;
        let work = tools::empty_dir(&format!("rows-{}", script.len()));
        let binary = work.join("baluarte");
        std::fs::write(&binary, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
        Bench { binary, options, empty: work.join("empty"), full: work.join("full"), work }
    }

    const OPTIONS: Options = Options { peers: false, runs: 1, vms: 2, binary: None, instructions: false };

    #[test]
    fn a_limit_passed_a_no_and_a_break_fail() {
        let measured = |best| Outcome::Measured { best, median: best, limit: 1.0, instructions: None };
        let failed = |outcome| row("x", "s", outcome).failed();
        assert!(!failed(measured(1.0)) && failed(measured(1.1)) && failed(measured(f64::NAN)));
        assert!(!failed(Outcome::Holds(true)) && failed(Outcome::Holds(false)));
        assert!(failed(Outcome::Broken("x".into())) && !failed(Outcome::NotMeasured("x".into())));
    }

    #[test]
    fn a_check_that_evaluates_nothing_is_broken_not_fast() {
        assert!(host(&bench_of("exit 3", &OPTIONS)).unwrap().iter().all(Row::failed));
        assert!(many(&bench_of("exit 2 #", &OPTIONS)).unwrap().iter().all(Row::failed));
    }

    #[test]
    fn identity_compares_what_two_runs_print() {
        // $2 is the option, $3 the recording.
        let same = bench_of("test \"$2\" = --record && echo x > \"$3\"; echo findings; exit 1", &OPTIONS);
        assert!(matches!(identity(&same).unwrap(), Outcome::Holds(true)));
        let differs =
            bench_of("test \"$2\" = --record && echo x > \"$3\"; echo \"findings $2\"; exit 1", &OPTIONS);
        assert!(matches!(identity(&differs).unwrap(), Outcome::Holds(false)));
        let silent = bench_of("exit 0", &OPTIONS);
        assert!(matches!(identity(&silent).unwrap(), Outcome::Broken(_)));
    }
}
