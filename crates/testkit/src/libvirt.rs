//! A libvirtd and a virtlogd of one's own, in namespaces of their own.
//!
//! The daemons are the installed ones, started by hand as root: no systemd, no D-Bus, no cgroups. What runs
//! under them is real QEMU, real labels (DAC) and real nwfilter rules, on the `libvirt` paths that a tool
//! expects, for as long as the [`PrivateLibvirt`] lives.

use std::path::PathBuf;
use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::namespace::Namespace;
use crate::tools::text;

/// How long the daemons get to answer after their start.
const START: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
/// How much of the daemon's log an error shows, in lines.
const LOG_LINES: usize = 12;
const TOOLS: [&str; 5] = ["virtlogd", "libvirtd", "virsh", "qemu-img", "qemu-system-x86_64"];

/// A file to be in place before the daemons start.
#[derive(Debug, Clone)]
pub struct PrivateFile {
    /// Where; in one of [`crate::namespace::PRIVATE`], such as `/etc/pki/CA/cacert.pem`.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Its permission bits.
    pub mode: u32,
}

/// How a private libvirt differs from the installed one; the default is not at all.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Laid over the machine's own /etc, after the two configuration texts below.
    pub files: Vec<PrivateFile>,
    /// The whole of /etc/libvirt/libvirtd.conf, instead of the installed one.
    pub libvirtd_conf: Option<String>,
    /// The whole of /etc/libvirt/qemu.conf, instead of the installed one.
    pub qemu_conf: Option<String>,
    /// Start libvirtd with `--listen`: it serves TCP and TLS as libvirtd.conf says. TLS is on by default
    /// there and then needs its certificates in /etc/pki.
    pub listen: bool,
}

impl Options {
    /// A daemon that anyone may command over TCP without authentication, on the private loopback alone, port
    /// 16509 (`src/remote/libvirtd.conf.in`).
    #[must_use]
    pub fn open_tcp() -> Self {
        let conf = "listen_tls = 0\nlisten_tcp = 1\nauth_tcp = \"none\"\nlisten_addr = \"127.0.0.1\"\n";
        Self { libvirtd_conf: Some(conf.into()), listen: true, ..Self::default() }
    }

    /// The same with one more file.
    #[must_use]
    pub fn with_file(mut self, path: &str, bytes: impl Into<Vec<u8>>, mode: u32) -> Self {
        self.files.push(PrivateFile { path: path.into(), bytes: bytes.into(), mode });
        self
    }

    /// Every file to write, in order.
    fn all_files(&self) -> Vec<PrivateFile> {
        let conf = |name: &str, text: &Option<String>, mode| {
            let bytes = text.as_ref()?.clone().into_bytes();
            Some(PrivateFile { path: format!("/etc/libvirt/{name}"), bytes, mode })
        };
        // The modes are Debian's.
        let texts =
            [conf("libvirtd.conf", &self.libvirtd_conf, 0o644), conf("qemu.conf", &self.qemu_conf, 0o600)];
        texts.into_iter().flatten().chain(self.files.iter().cloned()).collect()
    }
}

/// A running private libvirt; its end is the end of all that it started.
#[derive(Debug)]
pub struct PrivateLibvirt {
    namespace: Namespace,
    listen: bool,
}

/// Says why no private libvirt can run here.
///
/// # Errors
/// The reason to skip, in words.
pub fn need() -> Result<(), String> {
    crate::need(&TOOLS)?;
    crate::namespace::need()
}

impl PrivateLibvirt {
    /// Starts virtlogd and libvirtd and waits until libvirt answers with its hypervisor's version, 30
    /// seconds at most.
    ///
    /// # Errors
    /// The namespaces, a file or a daemon failed; with the end of the daemon's log.
    pub fn start(options: &Options) -> Result<Self, String> {
        let this = Self { namespace: Namespace::new()?, listen: options.listen };
        for file in options.all_files() {
            this.namespace.write(&file.path, &file.bytes, file.mode)?;
        }
        this.run(&["virtlogd", "--daemon"])?;
        this.start_libvirtd()?;
        Ok(this)
    }

    /// Stops libvirtd and starts it again, as after a change of its configuration. Domains go on running.
    ///
    /// # Errors
    /// The daemon doesn't stop, or doesn't come back.
    pub fn restart_libvirtd(&self) -> Result<(), String> {
        let gone =
            "pid=$(cat /run/libvirtd.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.02; done";
        self.run(&["sh", "-c", gone])?;
        self.start_libvirtd()
    }

    fn start_libvirtd(&self) -> Result<(), String> {
        let mut argv = vec!["libvirtd", "--daemon"];
        if self.listen {
            argv.push("--listen");
        }
        self.run(&argv).map_err(|error| self.with_log(error))?;
        let deadline = Instant::now() + START;
        loop {
            match self.virsh(&["version"]) {
                Ok(_) => return Ok(()),
                // A daemon with a bad qemu.conf comes up and then gives up.
                Err(error) if !self.libvirtd_lives() || Instant::now() > deadline => {
                    return Err(self.with_log(error));
                }
                Err(_) => sleep(POLL),
            }
        }
    }

    fn libvirtd_lives(&self) -> bool {
        self.pid_in("/run/libvirtd.pid").is_ok_and(|pid| self.proc_dir(pid).exists())
    }

    fn pid_in(&self, path: &str) -> Result<u32, String> {
        let bytes = self.namespace.read(path)?;
        String::from_utf8_lossy(&bytes).trim().parse().map_err(|error| format!("{path}: {error}"))
    }

    fn with_log(&self, error: String) -> String {
        let Ok(log) = self.namespace.read("/var/log/libvirt/libvirtd.log") else { return error };
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default();
        format!("{error}\nlibvirtd.log:\n{}", tail.join("\n"))
    }

    /// The namespaces, to read and write files inside.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Runs a command where the private libvirt is *the* libvirt: its /etc, /run, /proc, /sys and network.
    ///
    /// # Errors
    /// The command could not be started at all.
    pub fn exec(&self, argv: &[&str]) -> Result<Output, String> {
        self.namespace.exec(argv)
    }

    /// Runs a command that must succeed, and gives what it printed.
    ///
    /// # Errors
    /// It failed; with its standard error.
    pub fn run(&self, argv: &[&str]) -> Result<String, String> {
        text(&argv.join(" "), self.exec(argv)?)
    }

    /// Runs `virsh -c qemu:///system ARGUMENTS`, which must succeed, and gives what it printed.
    ///
    /// # Errors
    /// It failed; with its standard error.
    pub fn virsh(&self, arguments: &[&str]) -> Result<String, String> {
        let mut argv = vec!["virsh", "--quiet", "--connect", "qemu:///system"];
        argv.extend_from_slice(arguments);
        self.run(&argv)
    }

    /// Makes the domain of this XML known, and checks it against libvirt's schema.
    ///
    /// # Errors
    /// What libvirt said.
    pub fn define(&self, xml: &str) -> Result<(), String> {
        let path = "/run/baluarte-test-domain.xml";
        self.namespace.write(path, xml.as_bytes(), 0o600)?;
        self.virsh(&["define", "--validate", path]).map(drop)
    }

    /// Starts a defined domain.
    ///
    /// # Errors
    /// What libvirt said; with the end of its log.
    pub fn start_domain(&self, name: &str) -> Result<(), String> {
        self.virsh(&["start", name]).map(drop).map_err(|error| self.with_log(error))
    }

    /// Pulls the plug of a running domain.
    ///
    /// # Errors
    /// What libvirt said.
    pub fn destroy(&self, name: &str) -> Result<(), String> {
        self.virsh(&["destroy", name]).map(drop)
    }

    /// Forgets the persistent definition of a domain.
    ///
    /// # Errors
    /// What libvirt said.
    pub fn undefine(&self, name: &str) -> Result<(), String> {
        self.virsh(&["undefine", name]).map(drop)
    }

    /// The XML of a domain: the live one where it runs.
    ///
    /// # Errors
    /// What libvirt said.
    pub fn dumpxml(&self, name: &str) -> Result<String, String> {
        self.virsh(&["dumpxml", name])
    }

    /// The state of a domain and its reason, as in `running (booted)`.
    ///
    /// # Errors
    /// What libvirt said.
    pub fn state(&self, name: &str) -> Result<String, String> {
        Ok(self.virsh(&["domstate", "--reason", name])?.trim().to_owned())
    }

    /// The PID of a running domain's QEMU, as seen inside; see [`PrivateLibvirt::proc_dir`].
    ///
    /// # Errors
    /// The domain doesn't run.
    pub fn qemu_pid(&self, name: &str) -> Result<u32, String> {
        self.pid_in(&format!("/run/libvirt/qemu/{name}.pid"))
    }

    /// Where a process inside is seen from outside: its `/proc/PID`.
    #[must_use]
    pub fn proc_dir(&self, pid: u32) -> PathBuf {
        self.namespace.root().join(format!("proc/{pid}"))
    }

    /// Makes a bridge without uplink, such as [`crate::domains::BRIDGE`], and brings it up.
    ///
    /// # Errors
    /// What `ip` said.
    pub fn add_bridge(&self, name: &str) -> Result<(), String> {
        self.run(&["ip", "link", "add", name, "type", "bridge"])?;
        self.run(&["ip", "link", "set", name, "up"]).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_files_win_over_the_configuration_texts() {
        let options = Options::open_tcp().with_file("/etc/libvirt/libvirtd.conf", "x", 0o600);
        let files = options.all_files();
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["/etc/libvirt/libvirtd.conf", "/etc/libvirt/libvirtd.conf"]);
        assert_eq!(files[1].bytes, b"x");
        assert!(Options::default().all_files().is_empty());
    }
}
