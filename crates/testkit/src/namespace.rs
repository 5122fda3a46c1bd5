//! A machine within the machine: mount, network and PID namespaces with their own /etc, /run, /proc, /sys and
//! libvirt directories, and a process that holds them open.
//!
//! Everything private is a tmpfs or an overlay on one, and every process is a child of the namespace's
//! init, so that one death undoes it all: the kernel kills what is in a PID namespace with its init, and
//! unmounts a mount namespace that nobody is in (`pid_namespaces(7)`, `mount_namespaces(7)`). The init
//! waits for the end of its standard input, which comes when the owner closes it or is itself killed.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, ResolveFlags, mkdirat, open, openat2};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::tools::{SYSTEM_PATH, text};

/// The directories that are private inside; nothing else may be written.
pub const PRIVATE: [&str; 5] = ["/etc", "/run", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt"];

/// How long a command may run inside, in seconds; a start under nwfilter takes 2 to 6.
const COMMAND_SECONDS: &str = "120";
/// How long the kernel gets to take the namespaces down.
const END: Duration = Duration::from_secs(10);

/// Runs as PID 1 of the namespaces.
///
/// - The first line must come before the new /proc: it learns this process's PID outside.
/// - /dev/kvm can be looked at but not opened. Where KVM half works, QEMU's probe says yes and libvirt's says no,
///   and libvirt probes QEMU anew at every turn (`virQEMUCapsIsValid`): 80 times, 30 seconds, for one domain.
/// - The old /sys goes away instead of being hidden: hidden cgroup mounts stay in /proc/mounts, where libvirt
///   finds them and then fails to use them (`virCgroupV1MakeGroup`). Without cgroups two daemons can't meet in
///   `machine/qemu-1-NAME`, nor leave it behind. The new one shows the interfaces of the new network.
/// - `wait` reaps orphans: a dead QEMU that stays a zombie looks alive to libvirt, and `destroy` fails.
const INIT: &str = r#"
set -e
umask 022
read -r outside rest < /proc/self/stat
mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/upper /run/work
mount -t overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work overlay /etc
umount -l /run
if [ -e /dev/kvm ]; then
    mount -t tmpfs -o nodev tmpfs /run
    cp -a /dev/kvm /run/kvm
    mount --bind /run/kvm /dev/kvm
    umount -l /run
fi
mount -t tmpfs -o mode=755 tmpfs /run
for directory in /var/lib/libvirt /var/log/libvirt /var/cache/libvirt; do
    mount -t tmpfs -o mode=755 tmpfs "$directory"
done
umount -R -l /sys
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
ip link set lo up
echo "$outside"
exec 3<&0
cat <&3 >/dev/null & wait $!
"#;

/// Says why no namespaces can be made here: a missing tool or directory, or a container that forbids them.
///
/// # Errors
/// The reason to skip, in words.
pub fn need() -> Result<(), String> {
    crate::need(&["unshare", "nsenter", "timeout", "sh", "mount", "umount", "ip"])?;
    if let Some(absent) = PRIVATE.into_iter().find(|directory| !Path::new(directory).is_dir()) {
        return Err(format!("no {absent}"));
    }
    let mut probe = Command::new("unshare");
    probe.args(["--mount", "--net", "--pid", "--fork", "true"]).env("PATH", SYSTEM_PATH);
    let output = probe.output().map_err(|error| format!("unshare: {error}"))?;
    text("namespaces", output).map(drop)
}

/// Namespaces that live as long as this value, or as the process that owns it.
#[derive(Debug)]
pub struct Namespace {
    unshare: Child,
    /// Open while the namespaces shall live.
    life: Option<ChildStdin>,
    init: Pid,
}

impl Namespace {
    /// Makes the namespaces, with the loopback interface up and no other.
    ///
    /// # Errors
    /// What the set-up said: not root, no overlay file system, /var/lib/libvirt absent …
    pub fn new() -> Result<Self, String> {
        let mut unshare = Command::new("unshare")
            .args(["--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", INIT])
            .env("PATH", SYSTEM_PATH)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("unshare: {error}"))?;
        let life = unshare.stdin.take();
        let init = first_line(&mut unshare).and_then(|line| {
            let number = line.trim().parse().ok()?;
            Pid::from_raw(number)
        });
        let Some(init) = init else {
            drop(life);
            let mut said = String::new();
            if let Some(mut errors) = unshare.stderr.take() {
                let _ = errors.read_to_string(&mut said);
            }
            let _ = unshare.wait();
            return Err(format!("no namespaces: {}", said.trim()));
        };
        Ok(Self { unshare, life, init })
    }

    /// Runs a command inside, as root, in `/`, with the caller's environment but for `PATH` and the locale,
    /// and collects what it prints. After two minutes it is killed and its status is 124; 127 means no such
    /// command.
    ///
    /// # Errors
    /// The command could not be started at all.
    pub fn exec(&self, argv: &[&str]) -> Result<Output, String> {
        Command::new("nsenter")
            .args(["--mount", "--net", "--pid", "--wd=/", "--target", &self.init().to_string(), "--"])
            .args(["timeout", "--kill-after=5", COMMAND_SECONDS])
            .args(argv)
            .env("PATH", SYSTEM_PATH)
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", "/root")
            .env_remove("LIBVIRT_DEFAULT_URI")
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("nsenter: {error}"))
    }

    /// The PID of the namespaces' init, as seen outside.
    #[must_use]
    pub fn init(&self) -> i32 {
        self.init.as_raw_nonzero().get()
    }

    /// The root directory inside, as seen outside. Absolute symbolic links below it lead back out.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root", self.init()))
    }

    /// The bytes of a file inside.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.root().join(path.trim_start_matches('/'))).map_err(|error| format!("{path}: {error}"))
    }

    /// Writes a file inside with exactly the permissions `mode`, over what is there, making the directories
    /// above it. The path must lie in one of the [`PRIVATE`] directories and pass no symbolic link, so that a
    /// slip can't reach the machine's own files.
    ///
    /// # Errors
    /// The path is refused, or can't be written.
    pub fn write(&self, path: &str, bytes: &[u8], mode: u32) -> Result<(), String> {
        let (base, names) = split(path).ok_or_else(|| format!("{path}: not in a private directory"))?;
        let base = self.root().join(base.trim_start_matches('/'));
        write_beneath(&base, &names, bytes, mode).map_err(|error| format!("{path}: {error}"))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.life.take());
        let deadline = Instant::now() + END;
        while let Ok(None) = self.unshare.try_wait() {
            if Instant::now() > deadline {
                // `unshare` dies with its child; killing only `unshare` would leave this to the kernel's signal.
                let _ = kill_process(self.init, Signal::KILL);
                let _ = self.unshare.wait();
                return;
            }
            sleep(Duration::from_millis(5));
        }
    }
}

fn first_line(child: &mut Child) -> Option<String> {
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    Some(line)
}

/// The private directory a path lies in, and the names below it; `None` for any other path, or one with `..`.
fn split(path: &str) -> Option<(&'static str, Vec<&Path>)> {
    let base = PRIVATE.into_iter().find(|base| Path::new(path).starts_with(base))?;
    let below = Path::new(path).strip_prefix(base).ok()?;
    let mut names = Vec::new();
    for part in below.components() {
        let Component::Normal(name) = part else { return None };
        names.push(Path::new(name));
    }
    if names.is_empty() { None } else { Some((base, names)) }
}

fn write_beneath(base: &Path, names: &[&Path], bytes: &[u8], mode: u32) -> Result<(), String> {
    let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // Not through a link by the name of a private directory, but /proc/PID/root is itself one.
    let mut at =
        open(base, directory | OFlags::NOFOLLOW, Mode::empty()).map_err(|error| error.to_string())?;
    let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let Some((name, above)) = names.split_last() else { return Err("no file name".into()) };
    for step in above {
        match mkdirat(&at, *step, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.to_string()),
        }
        at = openat2(&at, *step, directory, Mode::empty(), inside).map_err(|error| error.to_string())?;
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
    let owner_only = Mode::from_raw_mode(0o600);
    let file = openat2(&at, *name, flags, owner_only, inside).map_err(|error| error.to_string())?;
    let mut file = File::from(file);
    file.write_all(bytes).map_err(|error| error.to_string())?;
    rustix::fs::fchmod(&file, Mode::from_raw_mode(mode)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
