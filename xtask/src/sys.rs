//! The two system calls that neither std nor rustix offers: what one child used, and a child that dies with us.
#![allow(unsafe_code)]
use anyhow::{Context, Result, bail};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// What a child used until its end, its own reaped children included.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// Peak resident set in KiB. The kernel counts our own peak into it, since the child was ours before exec.
    pub peak_kib: u64,
    /// How it ended.
    pub status: ExitStatus,
}

/// Starts a command, waits for it and says what it used (`wait4(2)`).
pub fn measure(command: &mut Command) -> Result<Usage> {
    let child = command.spawn().with_context(|| crate::tools::shown(command))?;
    let pid = libc::pid_t::try_from(child.id()).context("pid")?;
    let mut status = 0;
    loop {
        // SAFETY: an all-zero rusage is a valid value of that plain C struct.
        let mut used: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are to live locals of the types that wait4 writes; the child is ours and unreaped, since
        // `child` is never waited for elsewhere.
        let got = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut used) };
        if got == pid {
            let cpu = time(used.ru_utime) + time(used.ru_stime);
            let peak_kib = u64::try_from(used.ru_maxrss).unwrap_or(0);
            return Ok(Usage { cpu, peak_kib, status: ExitStatus::from_raw(status) });
        }
        let why = std::io::Error::last_os_error();
        if why.kind() != std::io::ErrorKind::Interrupted {
            bail!("wait4: {why}");
        }
    }
}

fn time(t: libc::timeval) -> Duration {
    let seconds = u64::try_from(t.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(u64::try_from(t.tv_usec).unwrap_or(0))
}

/// Gives the child a process group of its own, to be killed whole at a deadline, and has the kernel end it when we
/// die: with its own group it doesn't hear the terminal's Ctrl-C.
pub fn own_group(command: &mut Command) -> &mut Command {
    command.process_group(0);
    // SAFETY: between fork and exec only prctl is called, which is async-signal-safe and allocates nothing.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_child_costs_more_than_an_idle_one() {
        let idle = measure(&mut Command::new("true")).unwrap();
        let busy = measure(
            Command::new("sh").args(["-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 3"]),
        )
        .unwrap();
        assert!(busy.cpu > idle.cpu, "{busy:?} {idle:?}");
        assert!(idle.peak_kib > 100, "{idle:?}");
        assert_eq!(busy.status.code(), Some(3));
    }
}
