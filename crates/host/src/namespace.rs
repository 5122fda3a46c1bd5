//! Network namespaces: which there are, and how to read inside one.
//!
//! A namespace is seen here if a process is in it (`/proc/PID/ns/net`, by each process's first thread) or if it is
//! mounted where this process sees it (`ip netns add`, Docker, CNI: mounts of type `nsfs`). One held only by an open
//! file of a process, or by a thread other than the first, is not found.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    os::fd::AsFd,
    path::{Path, PathBuf},
    thread,
};

use formats::kernel::mount;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Processes looked at, at most (`PID_MAX_LIMIT` of the kernel).
const MAX_PROCESSES: usize = 1 << 22;
/// Processes remembered for one namespace.
const MAX_REMEMBERED: usize = 64;

/// A network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// The inode that is its identity, as in `net:[4026531840]`.
    pub inode: u64,
    /// A file that leads there: for [`in_namespace`].
    pub path: PathBuf,
    /// Its names under `/run/netns`.
    pub names: Vec<String>,
    /// Processes in it, the lowest numbers first, 64 at most.
    pub processes: Vec<u32>,
}

/// The namespaces that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    /// Each, by inode.
    pub found: Vec<Namespace>,
    /// Processes whose namespace could not be read: with any, there may be more namespaces than were found.
    pub unreadable: usize,
    /// The inode of this thread's own namespace.
    pub own: u64,
}

/// Lists the network namespaces of the machine.
///
/// # Errors
/// If `/proc` can't be listed, or this thread's own namespace can't be read.
pub fn list() -> io::Result<Namespaces> {
    let own = fs::read_link("/proc/thread-self/ns/net")?;
    let own =
        inode(&own).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a network namespace"))?;
    let mut found: BTreeMap<u64, Namespace> = BTreeMap::new();
    let mut unreadable = 0;
    let mut pids: Vec<u32> = fs::read_dir("/proc")?
        .take(MAX_PROCESSES)
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    pids.sort_unstable();
    for pid in pids {
        let path = PathBuf::from(format!("/proc/{pid}/ns/net"));
        match fs::read_link(&path) {
            Ok(target) => {
                let Some(inode) = inode(&target) else { continue };
                let namespace = found.entry(inode).or_insert_with(|| namespace(inode, path));
                if namespace.processes.len() < MAX_REMEMBERED {
                    namespace.processes.push(pid);
                }
            }
            // It has ended meanwhile, or is a zombie, which is in no namespace.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => {}
            Err(_) => unreadable += 1,
        }
    }
    for (inode, point) in mounted()? {
        let namespace = found.entry(inode).or_insert_with(|| namespace(inode, point.clone()));
        // A mount outlives any process.
        namespace.path.clone_from(&point);
        if let Some(name) = name(&point) {
            namespace.names.push(name);
        }
    }
    Ok(Namespaces { found: found.into_values().collect(), unreadable, own })
}

fn namespace(inode: u64, path: PathBuf) -> Namespace {
    Namespace { inode, path, names: Vec::new(), processes: Vec::new() }
}

/// The number in `net:[4026531840]`.
fn inode(target: &Path) -> Option<u64> {
    target.to_str()?.strip_prefix("net:[")?.strip_suffix(']')?.parse().ok()
}

/// Network namespaces that are mounted, and where; one mounted twice at a place counts once.
fn mounted() -> io::Result<Vec<(u64, PathBuf)>> {
    let bytes = fs::read("/proc/thread-self/mountinfo")?;
    let mounts = mount::mountinfo(&bytes)
        .map_err(|malformed| io::Error::new(io::ErrorKind::InvalidData, malformed))?;
    let mut points: Vec<(u64, PathBuf)> = mounts
        .into_iter()
        .filter(|mount| mount.kind == "nsfs")
        .filter_map(|mount| Some((inode(Path::new(&mount.root))?, PathBuf::from(mount.point.value))))
        .collect();
    points.sort();
    points.dedup();
    Ok(points)
}

/// The name that `ip netns` has for a mount point.
fn name(point: &Path) -> Option<String> {
    let name = point.strip_prefix("/run/netns").or_else(|_| point.strip_prefix("/var/run/netns")).ok()?;
    name.to_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Why nothing was done inside a namespace.
#[derive(Debug)]
pub enum Error {
    /// Its file could not be opened.
    Open(PathBuf, io::Error),
    /// No thread could be started.
    Thread(io::Error),
    /// The thread could not go in: `EPERM` without `CAP_SYS_ADMIN`, `EINVAL` if it is no network namespace.
    Enter(PathBuf, io::Error),
    /// What was done inside panicked.
    Panicked,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(path, error) => write!(f, "opening the namespace {}: {error}", path.display()),
            Self::Thread(error) => write!(f, "starting a thread: {error}"),
            Self::Enter(path, error) => write!(f, "entering the namespace {}: {error}", path.display()),
            Self::Panicked => f.write_str("what was done inside the namespace panicked"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(_, error) | Self::Thread(error) | Self::Enter(_, error) => Some(error),
            Self::Panicked => None,
        }
    }
}

/// Runs `work` inside the network namespace that `path` leads to, on a thread of its own that ends with it, so that
/// the rest of the process stays where it is.
///
/// Inside, netlink sockets and `/proc/sys/net` are the namespace's. Take care: `/proc/net` is that of the process's
/// first thread, so read `/proc/thread-self/net`; and `/sys/class/net` belongs to whoever mounted `/sys`, so ask
/// netlink instead.
///
/// # Errors
/// See [`Error`]; `work` has not been started unless it is [`Error::Panicked`].
pub fn in_namespace<T: Send>(path: &Path, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
    let file = fs::File::open(path).map_err(|error| Error::Open(path.to_owned(), error))?;
    thread::scope(|scope| {
        let inside = || {
            move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
                .map_err(|errno| Error::Enter(path.to_owned(), errno.into()))?;
            Ok(work())
        };
        let thread = thread::Builder::new().name("namespace".into()).spawn_scoped(scope, inside);
        thread.map_err(Error::Thread)?.join().map_err(|_| Error::Panicked)?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_namespace_is_among_those_found() {
        let namespaces = list().unwrap();
        let own = namespaces.found.iter().find(|namespace| namespace.inode == namespaces.own).unwrap();
        assert!(own.processes.contains(&std::process::id()) || own.processes.len() == MAX_REMEMBERED);
    }

    #[test]
    fn inodes_and_names_are_read() {
        assert_eq!(inode(Path::new("net:[4026531840]")), Some(4_026_531_840));
        assert_eq!(inode(Path::new("mnt:[4026531840]")), None);
        assert_eq!(name(Path::new("/run/netns/blue")), Some("blue".into()));
        assert_eq!(name(Path::new("/run/docker/netns/default")), None);
    }

    #[test]
    fn errors_say_what_failed() {
        assert!(matches!(in_namespace(Path::new("/nonexistent"), || ()), Err(Error::Open(..))));
        assert!(matches!(in_namespace(Path::new("/dev/null"), || ()), Err(Error::Enter(..))));
    }
}
