//! `xtask lab`: the hypervisor in a box, built, run and tested.
mod arguments;
mod hosts;
pub mod suite;

use crate::test::report::Totals;
use crate::tools;
use anyhow::{Context, Result, bail};
use arguments::{Arguments, Words};
use lab::{End, Lab, Outcome, Release};
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use suite::Suite;

pub const HELP: &str = "\
cargo xtask lab WHAT: a whole hypervisor in a VM under software emulation, restored from a snapshot in seconds

  build [--release bookworm|trixie] [--again]
      Builds what is missing of it, of Debian's packages, in the cache: 5 minutes on 2 cores, then nothing.
      Needs root. --again builds all of it anew, with the packages of today.
  run [OPTION…] [FILE…] -- COMMAND [WORD…]
      Runs a command in a fresh one. FILEs and folders are in its working folder. The exit code is the command's;
      124 after a time-out, 125 when the VM panicked.
        --mac selinux|apparmor|none   the security module that enforces (selinux)
        --iommu intel|amd|none        the IOMMU (intel); the others boot cold
        --tpm                         a TPM 2.0, when it boots cold; a snapshot always has one
        --cold                        boot, and don't restore: a minute more; its guests start by `lab-prepare`
        --append WORDS                more of the kernel's command line; boots cold
        --nvme                        an NVMe controller with SR-IOV
        --timeout SECONDS             for the command (300)
        --release bookworm|trixie     which Debian (bookworm)
        --logs FOLDER                 keep stdout, stderr, audit.log, console and kmsg there
  shell [OPTION…] [FILE…]
      The same for a person: a shell on its console, until you leave it.
  test [--all] [--release bookworm|trixie] [NAME…]
      The suite: each wall seen standing, taken away, and seen missing, each time in a fresh VM. --all runs those
      too that CI leaves to `cargo xtask soak lab`.
  hosts
      Writes hosts/lab-*.zst anew: what `baluarte collect` records in it.";

/// Runs one of them; the exit code is the task's, or that of what ran in the VM.
pub fn run(words: &[&str]) -> Result<ExitCode> {
    match words {
        [] | ["help" | "--help" | "-h", ..] | [_, "--help" | "-h", ..] => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        ["build", rest @ ..] => build(rest),
        ["run", rest @ ..] => command(Arguments::read(rest, Words::Needed)?),
        ["shell", rest @ ..] => {
            let asked = Arguments::read(rest, Words::None)?;
            ready(asked.release, &asked.request)?.shell(&asked.request)?;
            Ok(ExitCode::SUCCESS)
        }
        ["test", rest @ ..] => test(rest),
        ["hosts"] => hosts::write().map(|()| ExitCode::SUCCESS),
        _ => bail!("no such task: lab {}\n\n{HELP}", words.join(" ")),
    }
}

fn test(words: &[&str]) -> Result<ExitCode> {
    let mut suite = Suite { all: false, release: Release::Bookworm, names: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--all" => suite.all = true,
            "--release" => {
                suite.release = arguments::value("--release", words.next().copied(), Release::named)?
            }
            other if other.starts_with('-') => {
                bail!("lab test takes --all, --release and names, not {other}")
            }
            name => suite.names.push(name.to_owned()),
        }
    }
    let mut totals = Totals::default();
    suite.run(Duration::from_secs(3 * 3600), &mut totals)?;
    for failure in &totals.failures {
        println!("failed: {failure}");
    }
    println!("{} passed, {} failed, {} skipped", totals.passed, totals.failed, totals.skipped);
    Ok(if totals.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn build(words: &[&str]) -> Result<ExitCode> {
    let (mut release, mut again) = (Release::Bookworm, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--again" => again = true,
            "--release" => release = arguments::value("--release", words.next().copied(), Release::named)?,
            other => bail!("lab build takes --release and --again, not {other}"),
        }
    }
    let lab = Lab::open(&tools::root(), release)?;
    if again {
        lab.forget()?;
    }
    let begun = Instant::now();
    lab.build(&progress())?;
    println!(
        "lab: {} is ready ({:.1} s): {}",
        release.name(),
        begun.elapsed().as_secs_f64(),
        lab.image_folder().display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Lines with the time since the start, to stderr.
pub fn progress() -> impl Fn(&str) + Sync {
    let begun = Instant::now();
    move |step| eprintln!("lab: {:5.1} s  {step}", begun.elapsed().as_secs_f64())
}

/// The lab, with all that a request needs of it built.
pub fn ready(release: Release, request: &lab::Request) -> Result<Lab> {
    let lab = Lab::open(&tools::root(), release)?;
    lab.build_image(&progress())?;
    if !request.boots() {
        lab.build_snapshot(request.mac, &progress())?;
    }
    Ok(lab)
}

fn command(asked: Arguments) -> Result<ExitCode> {
    let outcome = ready(asked.release, &asked.request)?.run(&asked.request)?;
    std::io::stdout().write_all(outcome.stdout.as_bytes())?;
    std::io::stderr().write_all(outcome.stderr.as_bytes())?;
    if let Some(folder) = &asked.logs {
        keep(folder, &outcome).with_context(|| folder.display().to_string())?;
    }
    match outcome.end {
        End::Done if outcome.code == 124 => {
            eprintln!("lab: the command ran into its limit of {} s", asked.request.limit.as_secs())
        }
        End::Done => {}
        End::Panic => eprintln!(
            "lab: the VM was gone before the command ended; its console's end:\n{}",
            end_of(&outcome)
        ),
        End::Silence => {
            eprintln!("lab: the VM said nothing in time; its console's end:\n{}", end_of(&outcome))
        }
    }
    eprintln!(
        "lab: {} {:.1} s, exit code {}",
        asked.request.mac.name(),
        outcome.took.as_secs_f64(),
        outcome.code
    );
    Ok(ExitCode::from(u8::try_from(outcome.code).unwrap_or(1)))
}

fn end_of(outcome: &Outcome) -> String {
    let text = if outcome.console.trim().is_empty() { &outcome.kernel } else { &outcome.console };
    // What a panic begins with says more than the registers that it ends with.
    let begin =
        ["Kernel panic", "BUG: ", "sysrq triggered crash"].iter().filter_map(|words| text.find(words)).min();
    let text = begin.and_then(|at| text.get(at..)).unwrap_or(text);
    match begin {
        Some(_) => text.lines().take(12).collect::<Vec<_>>().join("\n"),
        None => lab::tools::tail(text, 20),
    }
}

fn keep(folder: &std::path::Path, outcome: &Outcome) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let files = [
        ("stdout", &outcome.stdout),
        ("stderr", &outcome.stderr),
        ("audit.log", &outcome.audit),
        ("console", &outcome.console),
        ("kmsg", &outcome.kernel),
    ];
    for (name, text) in files {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
