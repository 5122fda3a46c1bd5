//! Where facts come from: the running machine, a directory tree, or memory (for tests). One trait, so that one
//! collector serves all.

use std::io;

use model::recording::{Stat, Vantage};

mod directory;
mod memory;

pub use directory::Directory;
pub use memory::Memory;

pub use crate::netlink::Query;

/// What reading a file gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Its first bytes, up to the limit asked for.
    pub bytes: Vec<u8>,
    /// Its inode.
    pub stat: Stat,
    /// True where the file goes on after the limit.
    pub truncated: bool,
}

/// A network namespace that is not the host's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Inode of the namespace, as in `/proc/PID/ns/net`.
    pub inode: u64,
    /// A path that opens it (`proc/4242/ns/net`), without the leading slash.
    pub path: String,
}

/// A place facts are read from. Paths have no leading slash. Symbolic links are followed, inside a tree only within it.
pub trait Source: Send + Sync {
    /// From where this reads.
    fn vantage(&self) -> Vantage;

    /// The inode, following links.
    ///
    /// # Errors
    /// As `stat(2)`.
    fn stat(&self, path: &str) -> io::Result<Stat>;

    /// The first `limit` bytes of a regular file or block device (in a tree of a regular file alone); anything else is
    /// refused without opening it.
    ///
    /// # Errors
    /// As `open(2)` and `read(2)`; `InvalidInput` for what is neither file nor block device.
    fn read(&self, path: &str, limit: usize) -> io::Result<Content>;

    /// Up to `limit` bytes of a regular file or block device from `offset` on.
    ///
    /// # Errors
    /// As [`Source::read`].
    fn read_at(&self, path: &str, offset: u64, limit: usize) -> io::Result<Vec<u8>>;

    /// The names in a directory, sorted, at most 262,144 of them.
    ///
    /// # Errors
    /// As `opendir(3)`; `InvalidData` where there are more names.
    fn names(&self, path: &str) -> io::Result<Vec<String>>;

    /// The target of a symbolic link.
    ///
    /// # Errors
    /// As `readlink(2)`.
    fn link(&self, path: &str) -> io::Result<String>;

    /// The kernel's answer, as JSON lines; inside `namespace` where one is given.
    ///
    /// # Errors
    /// What the kernel said; `NotFound` where this source has no such answer.
    fn netlink(&self, query: Query, namespace: Option<&Namespace>) -> io::Result<Vec<u8>>;

    /// The network namespaces other than the host's own.
    ///
    /// # Errors
    /// As reading `/proc`.
    fn namespaces(&self) -> io::Result<Vec<Namespace>>;

    /// Files under `/proc/sys/net` as seen inside a network namespace, each with its own result.
    ///
    /// # Errors
    /// As entering the namespace.
    fn read_in(
        &self,
        namespace: &Namespace,
        paths: &[String],
    ) -> io::Result<Vec<(String, io::Result<Vec<u8>>)>>;
}
