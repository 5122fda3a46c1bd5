//! The running machine, or a directory tree whose links cannot lead out of it.

use std::{
    ffi::CStr,
    io,
    os::fd::{AsFd as _, OwnedFd},
};

use model::recording::{Stat, Vantage};
use rustix::{
    buffer::spare_capacity,
    fs::{self, FileType, Mode, OFlags, ResolveFlags},
};

use super::{Content, Namespace, Query, Source};
use crate::{namespace, recorder::LIMIT};

/// Longest directory listing that is read. A longer one is an error: half a list looks like a whole one.
const NAMES: usize = 1 << 18;

/// How much is read at once of a file that does not say its size, in bytes.
const CHUNK: usize = 16_384;

/// Extended attributes worth keeping: labels, ACLs, file capabilities, libvirt's memory of former owners.
const XATTRS: [&str; 6] = [
    "security.selinux",
    "security.capability",
    "system.posix_acl_access",
    "trusted.libvirt.security.dac",
    "trusted.libvirt.security.ref_dac",
    "trusted.libvirt.security.selinux",
];

/// A directory seen as the root of a machine.
#[derive(Debug)]
pub struct Directory {
    root: OwnedFd,
    vantage: Vantage,
}

impl Directory {
    /// The running machine.
    ///
    /// # Errors
    /// As opening `/`.
    pub fn live() -> io::Result<Self> {
        Self::open("/", Vantage::Live)
    }

    /// A directory tree; every path, and every symbolic link met on the way, is resolved inside it (`openat2(2)`,
    /// `RESOLVE_IN_ROOT`).
    ///
    /// # Errors
    /// As opening the directory.
    pub fn tree(path: &str) -> io::Result<Self> {
        Self::open(path, Vantage::Tree)
    }

    fn open(path: &str, vantage: Vantage) -> io::Result<Self> {
        let root = fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self { root, vantage })
    }

    fn at(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let path = if path.is_empty() { "." } else { path };
        let flags = flags | OFlags::CLOEXEC;
        Ok(match self.vantage {
            Vantage::Live => fs::openat(&self.root, path, flags, Mode::empty())?,
            Vantage::Tree => fs::openat2(&self.root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT)?,
        })
    }

    /// Opens for reading what is a regular file or a block device, without ever opening anything else for reading: a
    /// FIFO would hang, and a watchdog would start to tick.
    fn readable(&self, path: &str) -> io::Result<(OwnedFd, Stat)> {
        self.regular(match self.vantage {
            Vantage::Live => fs::statat(&self.root, path, fs::AtFlags::empty())?,
            Vantage::Tree => fs::fstat(&self.at(path, OFlags::PATH)?)?,
        })?;
        let file = self.at(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let stat = self.regular(fs::fstat(&file)?)?;
        Ok((file, convert(&stat)))
    }

    fn regular(&self, stat: fs::Stat) -> io::Result<fs::Stat> {
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Ok(stat),
            // A device node of a tree is a device of this machine: it leads out like no link does.
            FileType::BlockDevice if self.vantage == Vantage::Live => Ok(stat),
            kind => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("it is a {}, not a file", word(kind)),
            )),
        }
    }
}

impl Source for Directory {
    fn vantage(&self) -> Vantage {
        self.vantage
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        let file = self.at(path, OFlags::PATH)?;
        let mut stat = convert(&fs::fstat(&file)?);
        // An O_PATH descriptor takes no fgetxattr(2); only what can be opened for reading anyway has its labels read.
        if let Ok((file, _)) = self.readable(path) {
            stat.xattrs = xattrs(&file);
        }
        Ok(stat)
    }

    fn read(&self, path: &str, limit: usize) -> io::Result<Content> {
        let (file, mut stat) = self.readable(path)?;
        // Files of the kernel have no attributes worth a system call each.
        if !(path.starts_with("proc/") || path.starts_with("sys/")) {
            stat.xattrs = xattrs(&file);
        }
        // One byte more than it says shows that it ends there; the kernel's files say that they are empty.
        let size = usize::try_from(stat.size).unwrap_or(usize::MAX);
        let mut bytes = Vec::with_capacity(if size == 0 { 0 } else { size.min(limit) + 1 });
        fill(&file, &mut bytes, limit.saturating_add(1), None, stat.size)?;
        let truncated = bytes.len() > limit;
        bytes.truncate(limit);
        Ok(Content { bytes, stat, truncated })
    }

    fn read_at(&self, path: &str, offset: u64, limit: usize) -> io::Result<Vec<u8>> {
        let (file, _) = self.readable(path)?;
        let mut bytes = vec![];
        fill(&file, &mut bytes, limit, Some(offset), 0)?;
        Ok(bytes)
    }

    fn names(&self, path: &str) -> io::Result<Vec<String>> {
        let directory = self.at(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut names = vec![];
        for entry in fs::Dir::new(directory)? {
            let entry = entry?;
            let name: &CStr = entry.file_name();
            // A name that is not UTF-8 cannot be a key; libvirt writes none.
            if let Ok(name) = name.to_str()
                && name != "."
                && name != ".."
            {
                if names.len() == NAMES {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        format!("it has more than {NAMES} names"),
                    ));
                }
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn link(&self, path: &str) -> io::Result<String> {
        let target = match self.vantage {
            Vantage::Live => fs::readlinkat(&self.root, path, Vec::new())?,
            Vantage::Tree => {
                let flags = OFlags::PATH | OFlags::NOFOLLOW;
                fs::readlinkat(self.at(path, flags)?.as_fd(), "", Vec::new())?
            }
        };
        target
            .into_string()
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the link's target is not UTF-8"))
    }

    fn netlink(&self, query: Query, namespace: Option<&Namespace>) -> io::Result<Vec<u8>> {
        match (self.vantage, namespace) {
            (Vantage::Live, None) => crate::netlink::query(query),
            (Vantage::Live, Some(namespace)) => inside(namespace, || crate::netlink::query(query))?,
            // A tree may hold answers that were saved into it.
            (Vantage::Tree, None) => match self.read(query.key(), LIMIT)? {
                Content { truncated: true, .. } => Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("it is larger than {LIMIT} bytes"),
                )),
                content => Ok(content.bytes),
            },
            (Vantage::Tree, Some(_)) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn namespaces(&self) -> io::Result<Vec<Namespace>> {
        match self.vantage {
            Vantage::Live => {
                let listed = namespace::list()?;
                let others = listed.found.into_iter().filter(|other| other.inode != listed.own);
                let path = |other: &namespace::Namespace| other.path.to_string_lossy().into_owned();
                Ok(others.map(|other| Namespace { inode: other.inode, path: path(&other) }).collect())
            }
            Vantage::Tree => Ok(vec![]),
        }
    }

    fn read_in(
        &self,
        namespace: &Namespace,
        paths: &[String],
    ) -> io::Result<Vec<(String, io::Result<Vec<u8>>)>> {
        inside(namespace, || {
            paths
                .iter()
                .map(|path| (path.clone(), self.read(path, LIMIT).map(|content| content.bytes)))
                .collect()
        })
    }
}

/// Does something inside a network namespace.
fn inside<T: Send>(namespace: &Namespace, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    namespace::in_namespace(namespace.path.as_ref(), work).map_err(io::Error::other)
}

/// Reads until the end or `limit` bytes, from the file's position or from `offset`. A file that says its `size` and gives
/// as much when asked for more has ended.
fn fill(file: &OwnedFd, bytes: &mut Vec<u8>, limit: usize, offset: Option<u64>, size: u64) -> io::Result<()> {
    while bytes.len() < limit {
        let (at, room) = (bytes.len() as u64, (limit - bytes.len()).min(CHUNK));
        // A file that says its size has its room already.
        if bytes.capacity() == bytes.len() {
            bytes.reserve_exact(room);
        }
        let read = match offset {
            Some(offset) => rustix::io::pread(file, spare_capacity(bytes), offset + at),
            None => rustix::io::read(file, spare_capacity(bytes)),
        };
        match read {
            Ok(0) => break,
            Ok(_) if size > 0 && bytes.len() as u64 == size => break,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bytes.truncate(limit);
    Ok(())
}

fn convert(stat: &fs::Stat) -> Stat {
    Stat {
        mode: stat.st_mode,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        inode: stat.st_ino,
        device: format!("{}:{}", fs::major(stat.st_dev), fs::minor(stat.st_dev)),
        mtime: stat.st_mtime,
        ctime: stat.st_ctime,
        xattrs: Default::default(),
    }
}

/// The attributes of [`XATTRS`] an open file has; text as it is, anything else as `0x` and hexadecimal.
fn xattrs(file: &OwnedFd) -> std::collections::BTreeMap<String, String> {
    let mut names = [0; 4096];
    let Ok(length) = fs::flistxattr(file, &mut names[..]) else { return Default::default() };
    let names = names.get(..length).unwrap_or_default();
    let present = |name: &str| names.split(|byte| *byte == 0).any(|present| present == name.as_bytes());
    let mut found = std::collections::BTreeMap::new();
    for name in XATTRS.into_iter().filter(|name| present(name)) {
        let mut value = [0; 1024];
        if let Ok(length) = fs::fgetxattr(file, name, &mut value[..]) {
            let value = value.get(..length).unwrap_or_default();
            let value = value.strip_suffix(b"\0").unwrap_or(value);
            let printable = value.iter().all(|byte| (b' '..=b'~').contains(byte));
            let text = if printable {
                String::from_utf8_lossy(value).into_owned()
            } else {
                format!("0x{}", model::digest::hex(value))
            };
            found.insert(name.to_owned(), text);
        }
    }
    found
}

fn word(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "directory",
        FileType::Symlink => "symbolic link",
        FileType::Fifo => "FIFO",
        FileType::Socket => "socket",
        FileType::CharacterDevice => "character device",
        FileType::BlockDevice => "block device",
        _ => "thing of unknown type",
    }
}
