//! One run: a VM brought up, handed its work, its answer taken, ended. Nothing is left running, whatever happens in it.
use crate::machine::{self, Machine, Storage};
use crate::process::{self, Owned};
use crate::qmp::{self, Monitor};
use crate::request::Request;
use crate::share::Share;
use crate::snapshot;
use crate::store::{self, Lab};
use crate::tools;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// From the start of QEMU to a guest that listens.
const RESTORED: Duration = Duration::from_secs(60);
const BOOTED: Duration = Duration::from_secs(240);
/// How long after its own limit the guest has to say that the limit came.
const GRACE: Duration = Duration::from_secs(15);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The script ended, by itself or at its limit (then with code 124, as of timeout(1)).
    Done,
    /// The guest's kernel panicked, or the VM was gone.
    Panic,
    /// The guest said nothing in time.
    Silence,
}

/// What a run gave.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The script's exit code; 125 after a panic, 124 after silence.
    pub code: i32,
    /// How it ended.
    pub end: End,
    /// What the script printed.
    pub stdout: String,
    /// What it printed to stderr.
    pub stderr: String,
    /// The guest's audit log, from its boot.
    pub audit: String,
    /// The guest's serial console; a restored one says little.
    pub console: String,
    /// The guest's kernel log, as of /dev/kmsg.
    pub kernel: String,
    /// What the script left in /run/lab/out, by name.
    pub made: BTreeMap<String, Vec<u8>>,
    /// From the start of QEMU to its end.
    pub took: Duration,
}

/// The virtio port that the agent listens on.
#[derive(Debug)]
pub(crate) struct Port {
    stream: UnixStream,
    pending: Vec<u8>,
}

impl Port {
    pub(crate) fn new(stream: UnixStream) -> Result<Self> {
        Ok(Port { stream, pending: Vec::new() })
    }

    /// The next line; none if it doesn't come in time.
    pub(crate) fn line(&mut self, limit: Duration) -> Result<Option<String>> {
        let until = Instant::now() + limit;
        loop {
            if let Some(end) = self.pending.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.pending.len() > 4096 {
                return Ok(None);
            }
            self.stream.set_read_timeout(Some(left))?;
            let mut bytes = [0; 256];
            match self.stream.read(&mut bytes) {
                Ok(0) => bail!("QEMU closed the agent's port"),
                Ok(n) => self.pending.extend_from_slice(bytes.get(..n).unwrap_or_default()),
                Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Ok(None);
                }
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(why) => return Err(why).context("the agent's port"),
            }
        }
    }
}

impl Lab {
    /// Brings a VM up, runs the script in it, and gives what came of it. The lab must be built.
    ///
    /// # Errors
    /// No VM could be brought up: no memory, a damaged cache, a package that is not here. What goes wrong in the VM is an
    /// [`Outcome`].
    pub fn run(&self, request: &Request) -> Result<Outcome> {
        let share = Share::new()?;
        share.fill(&request.script, &request.files)?;
        let begun = Instant::now();
        let (end, code) = match self.ready(request, &share, false)? {
            Some(mut vm) => vm.work(request)?,
            None => (End::Silence, 124),
        };
        Ok(Outcome {
            code,
            end,
            stdout: share.out("stdout"),
            stderr: share.out("stderr"),
            audit: share.out("audit.log"),
            console: share.out("console"),
            kernel: share.out("kmsg"),
            made: share.made(),
            took: begun.elapsed(),
        })
    }

    /// A shell for a person, at the terminal that we were started at, until they leave it.
    ///
    /// # Errors
    /// As [`Lab::run`].
    pub fn shell(&self, request: &Request) -> Result<()> {
        let share = Share::new()?;
        share.fill("true", &request.files)?;
        let mut vm = self.ready(request, &share, true)?.context("the VM didn't come up")?;
        writeln!(vm.port.stream, "shell {}", clock(request)?)?;
        while vm.qemu.ended()?.is_none() {
            match vm.port.line(Duration::from_millis(200)) {
                Ok(Some(line)) if line.starts_with("done") => break,
                Ok(_) => {}
                // Powered off from inside.
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// A VM whose agent waits for its order; none if the guest never got so far.
    fn ready(&self, request: &Request, share: &Share, terminal: bool) -> Result<Option<Vm>> {
        process::need_memory(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default(), machine::NEEDED)?;
        let boots = request.boots();
        let folder = if boots { self.image_folder() } else { self.snapshot_folder(request.mac) };
        if let Some(why) = store::damage(&folder) {
            bail!("{}: {why}: cargo xtask lab build", folder.display());
        }
        let machine = Machine {
            image: self.image_folder(),
            run: share.folder().to_owned(),
            storage: if boots { Storage::Boot } else { Storage::Restore(folder.clone()) },
            mac: request.mac,
            iommu: request.iommu,
            tpm: request.tpm || !boots,
            prepare: !boots,
            terminal,
            append: request.append.clone(),
        };
        if !boots {
            tpm_state(&folder, &share.folder().join("vm/tpm"))?;
        }
        let tpm = if machine.tpm { Some(process::tpm(&machine)?) } else { None };
        let mut qemu = process::qemu(&machine)?;
        let until = Instant::now() + if boots { BOOTED } else { RESTORED };
        let mut alive = || alive(&mut qemu, &machine);
        let mut monitor = Monitor::new(qmp::connect(&machine.monitor_socket(), until, &mut alive)?)?;
        if !boots {
            snapshot::load(&mut monitor, &folder).with_context(|| {
                format!("restoring {}: {}", folder.display(), process::said(&machine.run.join("vm/qemu.log")))
            })?;
        }
        let mut port = Port::new(qmp::connect(&machine.port_socket(), until, &mut alive)?)?;
        if request.nvme {
            monitor.ask("device_add", machine::nvme())?;
        }
        if boots && !said_ready(&mut port, until) {
            return Ok(None);
        }
        Ok(Some(Vm { monitor, port, qemu, _tpm: tpm }))
    }
}

/// A VM that waits for its order.
struct Vm {
    monitor: Monitor,
    port: Port,
    // Before the TPM: QEMU is ended first.
    qemu: Owned,
    _tpm: Option<Owned>,
}

impl Vm {
    fn work(&mut self, request: &Request) -> Result<(End, i32)> {
        let seconds = request.limit.as_secs().max(1);
        writeln!(self.port.stream, "run {} {seconds}", clock(request)?).context("the agent's port")?;
        let until = Instant::now() + request.limit + GRACE;
        loop {
            match self.port.line(Duration::from_millis(500)) {
                Ok(Some(line)) => {
                    if let Some(code) = line.strip_prefix("done ") {
                        self.monitor.quit();
                        self.qemu.wait(Duration::from_secs(5));
                        return Ok((End::Done, code.trim().parse().unwrap_or(125)));
                    }
                }
                Ok(None) if self.qemu.ended()?.is_some() => return Ok((End::Panic, 125)),
                Ok(None) if Instant::now() > until => return Ok((End::Silence, 124)),
                Ok(None) => {}
                // A panic ends QEMU, and with it the port.
                Err(_) => {
                    self.qemu.wait(Duration::from_secs(5));
                    return Ok((End::Panic, 125));
                }
            }
        }
    }
}

/// Waits for the agent of a VM that boots. It may hang, or be gone: the console says more then.
fn said_ready(port: &mut Port, until: Instant) -> bool {
    while Instant::now() < until {
        match port.line(Duration::from_millis(500)) {
            Ok(Some(line)) if line == "ready" => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

/// An error if QEMU has ended, with what it said.
pub(crate) fn alive(qemu: &mut Owned, machine: &Machine) -> Result<()> {
    if let Some(status) = qemu.ended()? {
        bail!("QEMU ended ({status}): {}", process::said(&machine.run.join("vm/qemu.log")));
    }
    Ok(())
}

/// The snapshot's TPM, copied: each run has its own.
fn tpm_state(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)?.flatten() {
        let name = entry.file_name();
        if let Some(name) = name.to_string_lossy().strip_prefix("tpm-") {
            std::fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

fn clock(request: &Request) -> Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("this host's clock is before 1970")?;
    Ok(request.clock.unwrap_or(now.as_secs()))
}

/// A command of words as a script.
#[must_use]
pub fn script(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|w| tools::quoted(w)).collect();
    format!("exec {}", words.join(" "))
}
