//! The backing-chain walker: which files an image would make the emulator open, found without opening them blindly.
//!
//! A guest writes its own header, so each name in one is a claim by a stranger: `/etc/shadow` as the backing file of
//! a disk is how CVE-2024-32498 and CVE-2022-47951 read a host. The walker hands only plain paths to its caller, in
//! bounded number, and tells what it would not follow. It is pure: the caller opens, without following more than it
//! must (`O_NOFOLLOW` where it can, no devices), and says which file it got.

#[cfg(test)]
mod tests;
mod words;

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    BootSector, Facts, Format, Reference, Role, boot_sector, facts,
    name::{MAX_PATH, is_system, protocol, resolve, simplify},
    probe,
};
use crate::Malformed;

/// Most images under the first one. QEMU has no limit; libvirt's is 200 (`VIR_STORAGE_MAX_CHAIN_DEPTH`), and a chain
/// that deep is a mistake or an attack.
pub const MAX_DEPTH: u32 = 64;
/// Most files in all, data files and extents among them.
pub const MAX_LINKS: usize = 1024;

/// Where a walk begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// An absolute path, from a source that is trusted: a domain, a command line.
    pub path: &'a str,
    /// The format that the domain declares.
    pub declared: Option<Format>,
}

/// A file that the caller opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its first bytes, as many as [`super::head_needed`] says.
    pub head: Vec<u8>,
    /// Its size in bytes.
    pub size: u64,
    /// Device and inode.
    pub identity: (u64, u64),
}

/// Why the caller did not open a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// There is none.
    Missing,
    /// It was there when listed and is not any more.
    Vanished,
    /// No permission, or an error of the disk: in words.
    Unreadable(String),
    /// A directory, a FIFO, a socket, a device.
    NotRegular(String),
    /// The path leads into `/dev`, `/proc` or `/sys` by a symbolic link.
    SystemPath,
}

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// The caller could not or would not open it.
    NotOpened(Why),
    /// The name is `json:`, `nbd:`, `http:` or any other protocol: never opened.
    Protocol(String),
    /// The name has a NUL byte: QEMU would see a shorter name.
    NulByte,
    /// The name is not UTF-8.
    NotText,
    /// The path is longer than [`MAX_PATH`] bytes.
    TooLong,
    /// The path is in `/dev`, `/proc` or `/sys`: never opened.
    SystemPath,
    /// The walk must begin at an absolute path.
    NotAbsolute,
    /// The same file is in the chain already, as this link: a cycle if that is further up.
    Repeated(usize),
    /// More than [`MAX_DEPTH`] images.
    TooDeep,
    /// The overlay does not declare a format: QEMU would believe the file's first bytes.
    FormatNotDeclared,
    /// The overlay declares a format that is not known here.
    FormatUnknown(String),
    /// What the first bytes say is not what is declared.
    FormatMismatch {
        /// The format that QEMU would use.
        declared: Format,
        /// What the first bytes say.
        probed: Format,
    },
    /// The header is broken.
    Malformed(Malformed),
}

impl Problem {
    /// True if nothing behind this link could be seen.
    #[must_use]
    pub fn stops(&self) -> bool {
        !matches!(self, Self::FormatNotDeclared | Self::FormatMismatch { .. })
    }
}

/// A file of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its path as resolved, or its name as written where there is no path.
    pub path: String,
    /// How the overlay names it, with the byte range in the overlay; `None` for the first.
    pub written: Option<Reference>,
    /// The overlay: an index into [`Chain::links`].
    pub overlay: Option<usize>,
    /// Images above it, from 0.
    pub depth: u32,
    /// The format that the domain or the overlay declares.
    pub declared: Option<Format>,
    /// The format that its first bytes show; `None` if not opened.
    pub probed: Option<Format>,
    /// A partition table at its start.
    pub boot: Option<BootSector>,
    /// Its size in bytes, if opened.
    pub size: Option<u64>,
    /// Device and inode, if opened.
    pub identity: Option<(u64, u64)>,
    /// Its header, read as the format that QEMU would use.
    pub facts: Facts,
    /// What is wrong, worst last.
    pub problems: Vec<Problem>,
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Every name was followed to a file that names no other.
    Complete,
    /// A link's problem hides what is behind it: the first such link.
    Stopped(usize),
    /// There are more than [`MAX_LINKS`] files.
    TooMany,
}

/// All files that an image leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The image, then what it names: each image's data files and extents before its backing file.
    pub links: Vec<Link>,
    /// How the walk ended.
    pub end: End,
}

impl Chain {
    /// The images from the first to the base, without data files and extents.
    pub fn images(&self) -> impl Iterator<Item = &Link> {
        self.links
            .iter()
            .filter(|link| link.written.as_ref().is_none_or(|written| written.role == Role::Backing))
    }
}

/// A name that waits for its turn.
struct Pending {
    overlay: usize,
    reference: Reference,
}

/// What was seen on the way.
struct Walk<F> {
    open: F,
    links: Vec<Link>,
    paths: HashMap<String, usize>,
    identities: HashMap<(u64, u64), usize>,
    pending: VecDeque<Pending>,
}

/// Walks from `start` through all files that the images name. `open` gets plain paths only: not `json:` or a URL, no
/// NUL, at most [`MAX_PATH`] bytes, and for a name out of an image nothing in `/dev`, `/proc` or `/sys`; at most
/// [`MAX_LINKS`] of them and none twice.
pub fn walk(start: &Node<'_>, open: impl FnMut(&str) -> Result<Opened, Why>) -> Chain {
    let mut walk = Walk {
        open,
        // Most chains have one file.
        links: Vec::with_capacity(1),
        paths: HashMap::new(),
        identities: HashMap::new(),
        pending: VecDeque::new(),
    };
    walk.start(start);
    let mut too_many = false;
    while let Some(next) = walk.pending.pop_front() {
        if walk.links.len() == MAX_LINKS {
            too_many = true;
            break;
        }
        walk.follow(next);
    }
    let stopped = walk.links.iter().position(|link| link.problems.iter().any(Problem::stops));
    let end = if too_many { End::TooMany } else { stopped.map_or(End::Complete, End::Stopped) };
    Chain { links: walk.links, end }
}

impl<F: FnMut(&str) -> Result<Opened, Why>> Walk<F> {
    fn start(&mut self, start: &Node<'_>) {
        let mut link = Link::new(start.path.to_owned(), start.declared);
        if start.declared.is_none() {
            link.problems.push(Problem::FormatNotDeclared);
        }
        if !start.path.starts_with('/') {
            link.problems.push(Problem::NotAbsolute);
        }
        self.visit(link, check_path(start.path));
    }

    fn follow(&mut self, next: Pending) {
        let (path, depth) = match self.links.get(next.overlay) {
            Some(overlay) => (overlay.path.clone(), overlay.depth + 1),
            None => return,
        };
        let reference = next.reference;
        let written = reference.name.value.clone();
        let (resolved, checked) = match check_name(&reference) {
            Err(problem) => (written, Err(problem)),
            Ok(()) => {
                let resolved = resolve(&path, &written);
                let system = is_system(&resolved).then_some(Problem::SystemPath);
                let checked = check_path(&resolved).and_then(|()| system.map_or(Ok(()), Err));
                (resolved, checked)
            }
        };
        let mut link = Link::new(resolved, None);
        match (reference.role, &reference.format) {
            (Role::Backing, None) => link.problems.push(Problem::FormatNotDeclared),
            (_, Some(format)) => match Format::from_driver(&format.value) {
                Some(known) => link.declared = Some(known),
                None => link.problems.push(Problem::FormatUnknown(format.value.clone())),
            },
            // QEMU opens these without a format driver on top (`BDRV_CHILD_DATA`).
            (Role::DataFile, None) => link.declared = Some(Format::Raw),
            (Role::Extent, None) => {}
        }
        if depth > MAX_DEPTH {
            link.problems.push(Problem::TooDeep);
        }
        link.written = Some(reference);
        link.overlay = Some(next.overlay);
        link.depth = depth;
        self.visit(link, checked);
    }

    /// Opens the link's file if nothing speaks against it, reads its header, and lines up what that names.
    fn visit(&mut self, mut link: Link, checked: Result<(), Problem>) {
        let index = self.links.len();
        link.problems.extend(checked.err());
        if !link.problems.iter().any(Problem::stops) {
            let seen = self.paths.insert(simplify(&link.path), index);
            if let Some(earlier) = seen {
                link.problems.push(Problem::Repeated(earlier));
            } else {
                match (self.open)(&link.path) {
                    Ok(opened) => self.read(&mut link, &opened, index),
                    Err(why) => link.problems.push(Problem::NotOpened(why)),
                }
            }
        }
        let followed = link.written.as_ref().is_none_or(|written| written.role == Role::Backing);
        if followed && !link.problems.iter().any(Problem::stops) {
            // Branches first, so that a chain reads from the top down.
            let mut references = link.facts.references();
            references.sort_by_key(|reference| reference.role == Role::Backing);
            self.pending
                .extend(references.into_iter().map(|reference| Pending { overlay: index, reference }));
        }
        self.links.push(link);
    }

    fn read(&mut self, link: &mut Link, opened: &Opened, index: usize) {
        let probed = probe(&opened.head, opened.size);
        link.probed = Some(probed);
        link.size = Some(opened.size);
        link.identity = Some(opened.identity);
        link.boot = boot_sector(&opened.head, opened.size).filter(|_| probed == Format::Raw);
        if let Some(declared) = link.declared.filter(|declared| !declared.same_driver(probed)) {
            link.problems.push(Problem::FormatMismatch { declared, probed });
        }
        if let Some(earlier) = self.identities.insert(opened.identity, index) {
            link.problems.push(Problem::Repeated(earlier));
            return;
        }
        // A container is worth reading even where QEMU sees but raw bytes.
        let used = link.declared.filter(|declared| !declared.same_driver(probed)).unwrap_or(probed);
        match facts(used, &opened.head, opened.size) {
            Ok(facts) => link.facts = facts,
            Err(error) => link.problems.push(Problem::Malformed(error)),
        }
    }
}

impl Link {
    fn new(path: String, declared: Option<Format>) -> Self {
        Self {
            path,
            written: None,
            overlay: None,
            depth: 0,
            declared,
            probed: None,
            boot: None,
            size: None,
            identity: None,
            facts: Facts::None,
            problems: Vec::new(),
        }
    }
}

/// What must hold of a name before it is taken for a path.
fn check_name(reference: &Reference) -> Result<(), Problem> {
    let name = &reference.name.value;
    if name.contains('\0') {
        return Err(Problem::NulByte);
    }
    if let Some(protocol) = protocol(name) {
        return Err(Problem::Protocol(protocol.to_owned()));
    }
    if reference.exact { Ok(()) } else { Err(Problem::NotText) }
}

/// What must hold of a path before it is opened.
fn check_path(path: &str) -> Result<(), Problem> {
    if path.contains('\0') {
        return Err(Problem::NulByte);
    }
    if path.len() > MAX_PATH { Err(Problem::TooLong) } else { Ok(()) }
}
