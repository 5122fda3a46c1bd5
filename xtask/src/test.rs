//! `xtask test`: everything that must hold before a change lands, in tiers with a deadline each.
pub mod binaries;
pub mod dropped;
pub mod group;
mod packages;
pub mod report;

use crate::lab::suite::Suite;
use crate::{deny, fmt, target, tidy, tools};
use anyhow::{Result, bail};
use binaries::Binary;
use group::{End, Limit};
use report::Totals;
use std::time::{Duration, Instant};

/// Minutes for each tier. The lab's are its tests' alone: what they need may have to be built first.
const MINUTES: [u64; 4] = [25, 10, 20, 12];
/// Minutes for all; the lab gets what the others left of them.
const ALL: u64 = 80;

/// Runs the tiers; true if nothing failed.
pub fn run(args: &[&str]) -> Result<bool> {
    let (mut only, mut install) = (None, true);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--tier" => only = Some(tools::number("--tier", args.next())?),
            "--no-install" => install = false,
            other => bail!("test takes --tier N and --no-install, not {other}"),
        }
    }
    if only.is_some_and(|n| !(1..=4).contains(&n)) {
        bail!("the tiers are 1 to 4");
    }
    let begun = Instant::now();
    let wants = |tier| only.is_none_or(|n| n == tier);
    let mut totals = Totals::default();
    if wants(1) {
        build_and_laws(&limit(1), &mut totals)?;
    }
    if wants(2) || wants(3) {
        tests(wants(2), wants(3), install, &mut totals)?;
    }
    if wants(4) {
        println!("\n== tier 4: the lab");
        in_the_lab(install, begun, &mut totals)?;
    }
    println!();
    for failure in &totals.failures {
        println!("failed: {failure}");
    }
    // The last line, for people and for machines.
    println!("{} passed, {} failed, {} skipped", totals.passed, totals.failed, totals.skipped);
    Ok(totals.failed == 0)
}

fn limit(tier: usize) -> Limit {
    let minutes = MINUTES.get(tier - 1).copied().unwrap_or(1);
    Limit::from_now(Duration::from_secs(minutes * 60))
}

/// Tier 1. A step counts only when it fails: what is counted is tests.
fn build_and_laws(limit: &Limit, totals: &mut Totals) -> Result<()> {
    println!("== tier 1: build and laws");
    let mut own = |name: &str, result: Result<bool>| match result {
        Ok(true) => {}
        Ok(false) => totals.fail(name),
        Err(why) => totals.fail(&format!("{name}: {why:#}")),
    };
    own("fmt --check (mend: cargo xtask fmt)", fmt::run(&["--check"]));
    own("tidy", tidy::run());
    own("deny", deny::run());
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"];
    let build = ["build", "--workspace", "--all-targets", "--locked", "--quiet"];
    for args in [&clippy[..], &build[..]] {
        println!("{}", args.join(" "));
        match group::run(target::cargo()?.args(args), limit)? {
            End::Done(status) if status.success() => {}
            End::Done(status) => totals.fail(&format!("cargo {}: {status}", args[0])),
            End::Deadline => totals.fail(&format!("cargo {}: killed at the tier's deadline", args[0])),
        }
    }
    Ok(())
}

/// Tiers 2 and 3: the test binaries, which are built together.
fn tests(units: bool, real: bool, install: bool, totals: &mut Totals) -> Result<()> {
    println!("\n== building the tests");
    let all = match binaries::build(&["--workspace"]) {
        Ok(all) => all,
        Err(why) => {
            totals.fail(&format!("the tests don't build, so none ran: {why:#}"));
            return Ok(());
        }
    };
    let (parts, rest): (Vec<Binary>, Vec<Binary>) =
        all.into_iter().filter(|b| !b.is_lab()).partition(Binary::is_real);
    if units {
        println!("\n== tier 2: units, properties, every control");
        tier(2, rest, totals)?;
    }
    if real {
        println!("\n== tier 3: real parts on this machine");
        let ready = if parts.is_empty() { Ok(()) } else { packages::prepare(packages::REAL, install) };
        match ready {
            Ok(()) => tier(3, parts, totals)?,
            Err(packages::Lack::Skip(why)) => {
                println!("skipped: {why}");
                for binary in &parts {
                    let tests = binary.count();
                    println!("skipped: {} ({tests} tests)", binary.name);
                    totals.skipped += tests;
                }
            }
            Err(packages::Lack::Fail(why)) => totals.fail(&why),
        }
    }
    Ok(())
}

/// Tier 4: in the lab, which is built first if it isn't.
fn in_the_lab(install: bool, begun: Instant, totals: &mut Totals) -> Result<()> {
    let needed: Vec<&str> = lab::tools::NEEDED.iter().map(|(package, _)| *package).collect();
    match packages::prepare(&needed, install) {
        Ok(()) => {
            let left = Duration::from_secs(ALL * 60).saturating_sub(begun.elapsed());
            let limit = left.min(Duration::from_secs(MINUTES[3] * 60));
            let suite = Suite { all: false, release: lab::Release::Bookworm, names: Vec::new() };
            if let Err(why) = suite.run(limit, totals) {
                totals.fail(&format!("the lab: {why:#}"));
            }
        }
        Err(packages::Lack::Skip(why)) => println!("skipped: {why}"),
        Err(packages::Lack::Fail(why)) => totals.fail(&why),
    }
    Ok(())
}

/// Runs binaries until the deadline: first those that a deadline dropped last time.
fn tier(number: usize, mut binaries: Vec<Binary>, totals: &mut Totals) -> Result<()> {
    let limit = limit(number);
    let mut memory = dropped::Memory::load(number);
    memory.put_first(&mut binaries, |b| &b.name);
    if binaries.is_empty() {
        println!("no test binary in this tier yet");
    }
    for binary in &binaries {
        match binary.run(&limit)? {
            Some(result) => {
                memory.forget(&binary.name);
                totals.add(&binary.name, &result);
            }
            None => {
                memory.drop(&binary.name);
                let tests = binary.count();
                println!(
                    "skipped: {} ({tests} tests): dropped by the tier's deadline; goes first next time",
                    binary.name
                );
                totals.skipped += tests;
            }
        }
    }
    memory.save()
}
