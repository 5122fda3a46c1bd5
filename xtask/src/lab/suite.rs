//! The lab's tests, one VM each, two at a time: `xtask lab test`, tier 4 of `xtask test`, and `xtask soak lab`.
use super::ready;
use crate::target;
use crate::test::binaries::{self, Binary, Case};
use crate::test::dropped::Memory;
use crate::test::group::{End, Limit};
use crate::test::report::{Counts, Totals, read};
use anyhow::{Result, bail};
use lab::{Mac, Release, Request};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Tests at a time: each VM has two processors, and this machine has about as many.
const AT_ONCE: usize = 2;
/// For one test. The slowest boots twice and builds policies.
const EACH: Duration = Duration::from_secs(600);

/// Which tests to run.
pub struct Suite {
    /// Also those that are left to the soak.
    pub all: bool,
    /// The Debian in the lab.
    pub release: Release,
    /// Those whose names hold one of these; all if none.
    pub names: Vec<String>,
}

/// One test that ran.
struct Done {
    counts: Counts,
    text: String,
    took: f64,
}

impl Suite {
    /// Builds what is needed, then runs the tests until the limit. What it drops is printed and goes first next time.
    pub fn run(&self, limit: Duration, totals: &mut Totals) -> Result<()> {
        for mac in [Mac::Selinux, Mac::Apparmor] {
            ready(self.release, &Request::script("").on(mac))?;
        }
        // As it is shipped: a debug build takes ten times as long in the VM.
        let binary = target::release("baluarte")?;
        let mut cases = self.cases()?;
        let mut memory = Memory::load(4);
        memory.put_first(&mut cases, |case| &case.name);
        println!("lab: {} tests, {AT_ONCE} at a time, {} minutes at most", cases.len(), limit.as_secs() / 60);
        println!("  {:<42} {:<9} {:<16} {:<16} how", "wall", "under", "present", "taken away");
        let limit = Limit::from_now(limit);
        let queue = Mutex::new(VecDeque::from(cases));
        let done = Mutex::new(Vec::new());
        let begun = Instant::now();
        std::thread::scope(|threads| {
            for _ in 0..AT_ONCE {
                threads.spawn(|| {
                    while let Some(case) = next(&queue, &limit) {
                        let result = self.one(&case, &binary);
                        say(&case, &result);
                        lock(&done).push((case, result));
                    }
                });
            }
        });
        for (case, result) in lock(&done).drain(..) {
            memory.forget(&case.name);
            totals.count(&case.name, &result.counts);
        }
        for case in lock(&queue).drain(..) {
            memory.drop(&case.name);
            println!("skipped: {}: dropped by the deadline; goes first next time", case.name);
            totals.skipped += 1;
        }
        println!("lab: {:.0} s", begun.elapsed().as_secs_f64());
        memory.save()
    }

    fn cases(&self) -> Result<Vec<Case>> {
        let mut cases = Vec::new();
        for binary in binaries::build(&["--package", "lab"])?.into_iter().filter(Binary::is_lab) {
            cases.extend(binary.cases(self.all)?);
        }
        if !self.names.is_empty() {
            cases.retain(|case| self.names.iter().any(|n| case.name.contains(n.as_str())));
        }
        if cases.is_empty() {
            bail!("no lab test is named like {:?}", self.names);
        }
        Ok(cases)
    }

    /// A test that can't be started has failed: the others go on.
    fn one(&self, case: &Case, binary: &Path) -> Done {
        let begun = Instant::now();
        let environment =
            [(lab::wall::BINARY, binary.as_os_str()), (lab::wall::RELEASE, self.release.name().as_ref())];
        let ran = case.run(&environment, &Limit::from_now(EACH));
        let took = begun.elapsed().as_secs_f64();
        let (success, mut text) = match ran {
            Ok((End::Done(status), text)) => (status.success(), text),
            Ok((End::Deadline, text)) => (false, format!("{text}\nkilled after {took:.0} s")),
            Err(why) => (false, format!("{why:#}")),
        };
        let counts = read(&text, success);
        if !success {
            text = format!("{}\n{}", case.name, text.trim());
        }
        Done { counts, text, took }
    }
}

fn next(queue: &Mutex<VecDeque<Case>>, limit: &Limit) -> Option<Case> {
    if limit.left().is_zero() { None } else { lock(queue).pop_front() }
}

/// A row for each wall that was seen, all that a test said where it failed.
fn say(case: &Case, done: &Done) {
    if done.counts.failed > 0 {
        println!("{}", done.text);
        return;
    }
    let mut said = false;
    for row in done.text.lines().filter_map(|l| l.strip_prefix("wall: ")) {
        let cells: Vec<&str> = row.split('\t').map(str::trim).collect();
        let [wall, mac, present, removed, how] = cells[..] else { continue };
        let (present, removed) = (format!("-> {present}"), format!("-> {removed}"));
        println!("  {wall:<42} {mac:<9} {present:<16} {removed:<16} {how}");
        said = true;
    }
    for reason in &done.counts.reasons {
        println!("  {}: {reason}", case.name);
    }
    if !said && done.counts.passed > 0 {
        println!("  {} ({:.1} s)", case.name, done.took);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
