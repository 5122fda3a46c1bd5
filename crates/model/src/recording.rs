//! A recording: what was read from a machine, byte for byte, secrets masked in place. Evidence is derived from it.
//!
//! Keys are paths without the leading slash (`proc/cmdline`, `etc/libvirt/qemu.conf`). What is not a file has a
//! key of its own kind: `netlink/nft`, `netlink/link`, `netlink/audit-status`, `netlink/audit-rules` (JSON lines, one
//! object a line), and `netns/INODE/…` before any of these for what was read inside another network namespace.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The schema this code writes; a recording of a newer one is refused with a clear error.
pub const SCHEMA: u32 = 1;

/// What was read, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// [`SCHEMA`] of the writer.
    pub schema: u32,
    /// Version of the program that wrote it.
    pub tool: String,
    /// Stable name of the host: HMAC-SHA-256 of its machine id, 32 hex digits, so that the id itself never leaves.
    pub host_id: String,
    /// Host name, as the kernel knows it.
    pub host_name: String,
    /// The kernel's boot id, empty for a tree.
    pub boot_id: String,
    /// Seconds since 1970-01-01 UTC: the only clock that judging knows.
    pub collected_at: i64,
    /// With what rights it was read.
    pub privilege: Privilege,
    /// From where it was read.
    pub vantage: Vantage,
    /// Key of `basis_digest`s, 64 hex digits, derived from the machine id.
    pub digest_key: String,
    /// What became of each probe, by its name.
    pub probes: BTreeMap<String, Outcome>,
    /// Everything read, by key.
    pub entries: BTreeMap<String, Entry>,
}

impl Recording {
    /// True where nobody read the key, and a directory above it was listed without it or is not there.
    #[must_use]
    pub fn lacks(&self, key: &str) -> bool {
        let mut below = key;
        while let Some((directory, base)) = below.rsplit_once('/') {
            match self.entries.get(directory).map(|entry| &entry.body) {
                _ if self.entries.contains_key(below) => return false,
                // Names are sorted; a recording in which they are not only makes a fact absent or unknown.
                Some(Body::Names(names)) => {
                    return names.binary_search_by(|name| name.as_str().cmp(base)).is_err();
                }
                Some(Body::Absent) => return true,
                Some(_) => return false,
                None => below = directory,
            }
        }
        false
    }
}

/// With what rights a recording was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privilege {
    /// Effective uid 0.
    Root,
    /// Any other user: much will be unreadable, and is recorded as such.
    User,
}

/// From where a recording was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vantage {
    /// The running machine.
    Live,
    /// A directory: a mounted disk, an unpacked sosreport, a container's root. It has no running state of its own.
    Tree,
}

/// What became of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It ran to its end.
    Done,
    /// It did not answer within this many milliseconds; its facts are not collected.
    TimedOut(u64),
    /// It failed as a whole.
    Failed(String),
}

/// One thing read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Owner, mode and the like, where there is an inode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stat: Option<Stat>,
    /// The content, or why there is none.
    pub body: Body,
}

/// The content of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// A file's bytes, masked; a text where they are UTF-8.
    Text(String),
    /// A file's bytes that are not UTF-8, in base64 on disk.
    #[serde(with = "as_base64")]
    Bytes(Vec<u8>),
    /// A directory's names, sorted.
    Names(Vec<String>),
    /// A symbolic link's target.
    Link(String),
    /// Only its inode was asked for (a private key, a socket, a device), or a content that is never stored.
    StatOnly,
    /// Looked for, and not there.
    Absent,
    /// There, but it could not be read: the reason (`EACCES: permission denied`).
    Unreadable(String),
    /// Not looked for, or not to be had from this vantage: the reason.
    NotCollected(String),
}

/// What `stat(2)` and `getxattr(2)` say of an inode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    /// Type and permission bits, as in `st_mode`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Inode number.
    #[serde(default)]
    pub inode: u64,
    /// Device number, `major:minor`.
    #[serde(default)]
    pub device: String,
    /// Seconds since 1970 of the last change of the content.
    #[serde(default)]
    pub mtime: i64,
    /// Seconds since 1970 of the last change of the inode.
    #[serde(default)]
    pub ctime: i64,
    /// Extended attributes that were read: names to printable values (`security.selinux`, `system.posix_acl_access` …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xattrs: BTreeMap<String, String>,
}

impl Stat {
    /// The permission bits, `0o7777`.
    #[must_use]
    pub fn permissions(&self) -> u32 {
        self.mode & 0o7777
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::NotCollected("not collected".to_owned())
    }
}

impl Body {
    /// A body of bytes: text where they are UTF-8.
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::Bytes(error.into_bytes()), Self::Text)
    }

    /// The bytes, if this is a file's content.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text.as_bytes()),
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Bytes as base64 in JSON.
mod as_base64 {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}
