//! The processes of one VM: QEMU and its TPM. None outlives us.
use crate::machine::Machine;
use crate::tools;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A child that is killed and reaped when it is dropped.
#[derive(Debug)]
pub struct Owned(Child);

impl Owned {
    /// How it ended, if it has.
    ///
    /// # Errors
    /// The kernel doesn't say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.0.try_wait().context("wait")
    }

    /// Waits so long for its end; true if it came.
    pub fn wait(&mut self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while Instant::now() < until {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return true;
            }
            sleep(Duration::from_millis(5));
        }
        false
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts QEMU. What it says goes to `qemu.log` of the run.
///
/// # Errors
/// It can't be started.
pub fn qemu(machine: &Machine) -> Result<Owned> {
    let log = File::create(machine.run.join("vm/qemu.log"))?;
    let mut command = machine.command();
    command.stderr(log.try_clone()?);
    if !machine.terminal {
        command.stdin(Stdio::null()).stdout(log);
    }
    command.spawn().map(Owned).context("qemu-system-x86_64")
}

/// Starts a TPM whose state is in the run's `vm/tpm`, and waits for its socket. It ends with QEMU.
///
/// # Errors
/// It can't be started, or ends at once.
pub fn tpm(machine: &Machine) -> Result<Owned> {
    let (state, socket) = (machine.run.join("vm/tpm"), machine.tpm_socket());
    std::fs::create_dir_all(&state)?;
    let log = machine.run.join("vm/swtpm.log");
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "swtpm", "socket", "--tpm2", "--terminate"]);
    command.args(["--flags", "not-need-init,startup-clear"]);
    command.arg("--tpmstate").arg(format!("dir={}", state.display()));
    command.arg("--ctrl").arg(format!("type=unixio,path={}", socket.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
    let mut child = Owned(command.spawn().context("swtpm")?);
    let until = Instant::now() + Duration::from_secs(20);
    while !socket.exists() {
        if child.ended()?.is_some() || Instant::now() > until {
            bail!("swtpm didn't come up: {}", said(&log));
        }
        sleep(Duration::from_millis(5));
    }
    Ok(child)
}

/// The end of a log.
#[must_use]
pub fn said(log: &Path) -> String {
    tools::tail(&String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()), 8)
}

/// Refuses to start a VM where it would not fit.
///
/// # Errors
/// There is less memory available than `needed` MiB.
pub fn need_memory(meminfo: &str, needed: u64) -> Result<()> {
    let line = meminfo.lines().find_map(|l| l.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    let Some(available) = kib.map(|k| k >> 10) else { return Ok(()) };
    if available < needed {
        bail!(
            "a lab VM takes {needed} MiB of memory, and {available} MiB are available: end something, or try elsewhere"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_memory_is_said() {
        assert!(need_memory("MemTotal: 9 kB\nMemAvailable:    4194304 kB\n", 2600).is_ok());
        let why = need_memory("MemAvailable: 1048576 kB\n", 2600).err().map(|e| e.to_string());
        assert!(why.is_some_and(|w| w.contains("1024 MiB are available")));
        assert!(need_memory("no such line", 2600).is_ok());
    }

    #[test]
    fn a_child_ends_with_its_owner() -> Result<()> {
        let child = Owned(Command::new("sleep").arg("60").spawn()?);
        let pid = child.0.id();
        drop(child);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
        Ok(())
    }
}
