//! A child with a deadline. It leads a process group of its own, and at the deadline that group alone is ended.
use crate::{sys, tools};
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// When to stop.
pub struct Limit {
    at: Instant,
    whole: Duration,
}

impl Limit {
    /// This long from now.
    pub fn from_now(whole: Duration) -> Self {
        Limit { at: Instant::now() + whole, whole }
    }
    /// What is left.
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
    /// The most that one of several children may take: half of the whole. Who needs more hangs.
    pub fn share(&self) -> Duration {
        self.whole / 2
    }
}

/// How a child ended.
pub enum End {
    /// By itself.
    Done(ExitStatus),
    /// By us.
    Deadline,
}

/// Runs a command until its end or the limit.
pub fn run(command: &mut Command, limit: &Limit) -> Result<End> {
    let left = limit.left();
    let mut child = sys::own_group(command).spawn().with_context(|| tools::shown(command))?;
    let until = Instant::now() + left;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(End::Done(status));
        }
        if Instant::now() >= until {
            end(&mut child)?;
            return Ok(End::Deadline);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Asks the group to end, and five seconds later makes it. The child is reaped last, so that until then its id is
/// that of its group and no other's.
fn end(child: &mut Child) -> Result<()> {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("pid")?;
    kill_process_group(group, Signal::TERM).ok();
    std::thread::sleep(Duration::from_secs(if cfg!(test) { 0 } else { 5 }));
    kill_process_group(group, Signal::KILL).ok();
    child.wait()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_ends_the_child_and_its_children() {
        let dir = tools::empty_dir("group");
        let late = dir.join("late");
        let script = format!("(sleep 2; touch {}) & wait", late.display());
        let begun = Instant::now();
        let end = run(Command::new("sh").args(["-c", &script]), &Limit::from_now(Duration::from_millis(200)))
            .unwrap();
        assert!(matches!(end, End::Deadline));
        assert!(begun.elapsed() < Duration::from_secs(2));
        std::thread::sleep(Duration::from_millis(2300));
        assert!(!late.exists(), "the grandchild outlived its group");
    }

    #[test]
    fn an_end_of_its_own_is_told() {
        let limit = Limit::from_now(Duration::from_secs(10));
        let end = run(Command::new("sh").args(["-c", "exit 4"]), &limit).unwrap();
        assert!(matches!(end, End::Done(s) if s.code() == Some(4)));
    }
}
