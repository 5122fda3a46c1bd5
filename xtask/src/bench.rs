//! `xtask bench check`: what `baluarte check` costs, against its limits and beside its peers, in one run.
pub mod lab;
mod live;
mod page;
mod peers;
mod rows;
mod tree;

use crate::{sys, target, tools};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What was asked for.
pub struct Options {
    /// Run Lynis too.
    peers: bool,
    /// Each measurement is the best of so many.
    runs: usize,
    /// Domain XMLs in the big tree.
    vms: usize,
    /// Instead of building one.
    binary: Option<PathBuf>,
    /// Count instructions with valgrind.
    instructions: bool,
}

/// Measures, prints and writes the page; false if a limit was passed or something broke.
pub fn run(args: &[&str]) -> Result<bool> {
    if let ["roxmltree", folder] = args {
        // A child of ourselves, built with optimizations: the peer that is a library.
        println!("{}", peers::parse_and_walk(Path::new(folder))?);
        return Ok(true);
    }
    let options = options(args)?;
    let binary = match &options.binary {
        Some(file) => file.canonicalize().with_context(|| file.display().to_string())?,
        None => target::release("baluarte")?,
    };
    let work = tools::cache().join("bench");
    let empty = tree::write(&work.join("empty"), 0)?;
    let full = tree::write(&work.join("full"), options.vms)?;
    println!("bench: best of {} runs; {} domain XMLs in {}", options.runs, options.vms, full.display());
    let ours = rows::all(&rows::Bench { binary, options: &options, empty, full: full.clone(), work })?;
    let peers = peers::all(&options, &full, &ours)?;
    let text = page::write(&options, &ours, &peers);
    println!("{text}");
    let to = tools::root().join("book/src/benchmarks/check.md");
    std::fs::create_dir_all(to.parent().context("no folder")?)?;
    std::fs::write(&to, text)?;
    println!("written: {}", to.display());
    let bad = ours.iter().filter(|r| r.failed()).count();
    println!("{} rows, {bad} over their limit or broken", ours.len());
    Ok(bad == 0)
}

fn options(args: &[&str]) -> Result<Options> {
    let mut options = Options { peers: false, runs: 5, vms: 10_000, binary: None, instructions: false };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--peers" => options.peers = true,
            "--instructions" => options.instructions = true,
            "--runs" => options.runs = tools::number("--runs", args.next())?.max(1),
            "--vms" => options.vms = tools::number("--vms", args.next())?.max(1),
            "--binary" => options.binary = Some(args.next().context("--binary needs a file")?.into()),
            other => bail!("bench check does not take {other}"),
        }
    }
    Ok(options)
}

/// Several runs of one command, best first.
pub struct Samples {
    /// CPU seconds, user and system, ascending.
    pub cpu: Vec<f64>,
    /// The highest peak of the resident set, MB (10⁶ bytes).
    pub peak: f64,
    /// The exit code, which all share; none if a signal ended one.
    pub code: Option<i32>,
}

impl Samples {
    /// The least: what the machine's other work disturbed least.
    pub fn best(&self) -> f64 {
        self.cpu.first().copied().unwrap_or(f64::NAN)
    }
    /// The middle one.
    pub fn median(&self) -> f64 {
        self.cpu.get(self.cpu.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// Runs it `runs` times with its output thrown away, after one run that warms the page cache.
pub fn sample(command: &mut Command, runs: usize) -> Result<Samples> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let code = sys::measure(command)?.status.code();
    let mut samples = Samples { cpu: Vec::new(), peak: 0.0, code };
    for _ in 0..runs {
        let usage = sys::measure(command)?;
        if usage.status.code() != code {
            bail!("{}: ended once with {code:?} and once with {}", tools::shown(command), usage.status);
        }
        samples.cpu.push(usage.cpu.as_secs_f64());
        samples.peak = samples.peak.max(usage.peak_kib as f64 * 1024.0 / 1e6);
    }
    samples.cpu.sort_by(f64::total_cmp);
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_sorted_and_share_a_code() {
        let samples = sample(Command::new("sh").args(["-c", "exit 1"]), 3).unwrap();
        assert_eq!((samples.cpu.len(), samples.code), (3, Some(1)));
        assert!(samples.best() <= samples.median() && samples.peak > 0.1);
        let flips = tools::empty_dir("bench").join("ran");
        let script = format!("test -e {0} && exit 2; touch {0}", flips.display());
        assert!(sample(Command::new("sh").args(["-c", &script]), 1).is_err());
    }

    #[test]
    fn options_are_read_and_others_refused() {
        let o = options(&["--runs", "3", "--peers", "--vms", "10"]).unwrap();
        assert!((o.runs, o.vms, o.peers, o.instructions) == (3, 10, true, false));
        assert!(options(&["--run"]).is_err() && options(&["--runs", "x"]).is_err());
    }
}
