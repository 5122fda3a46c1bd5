//! Writes down everything a probe reads, with the reason where it could not.

use std::{collections::BTreeMap, io};

use model::recording::{Body, Entry, Stat, Vantage};

use crate::source::{Content, Query, Source};

/// Largest file that is read whole: 4 MiB, as the bound of the XML parser.
pub const LIMIT: usize = 4 << 20;

/// What a probe read.
pub struct Recorder<'a> {
    /// Where it reads from.
    pub source: &'a dyn Source,
    /// What it read, by key.
    pub entries: BTreeMap<String, Entry>,
}

impl<'a> Recorder<'a> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(source: &'a dyn Source) -> Self {
        Self { source, entries: BTreeMap::new() }
    }

    /// Reads a file, masks it, writes it down, and gives its masked bytes. A file over [`LIMIT`] is unreadable, for half
    /// a file judged is worse than none.
    pub fn masked(&mut self, key: &str, mask: impl FnOnce(&mut Vec<u8>)) -> Option<&[u8]> {
        let read = self.source.read(key, LIMIT);
        let entry = match read {
            Ok(Content { truncated: true, stat, .. }) => {
                let why = format!("it is larger than {LIMIT} bytes");
                Entry { stat: Some(stat), body: Body::Unreadable(why) }
            }
            Ok(Content { mut bytes, stat, .. }) => {
                mask(&mut bytes);
                // Under whatever name: a key pasted into a configuration file, or included by sshd_config.
                let body = if formats::x509::contains_private_key(&bytes) {
                    Body::Unreadable("it holds a private key, which is never recorded".to_owned())
                } else {
                    Body::of(bytes)
                };
                Entry { stat: Some(stat), body }
            }
            Err(error) => self.refused(key, &error),
        };
        self.keep(key, entry).body.bytes()
    }

    /// Reads a file that holds no secret.
    pub fn file(&mut self, key: &str) -> Option<&[u8]> {
        self.masked(key, |_| ())
    }

    /// Reads a file as text, for the collector's own use; a value that is not UTF-8 is kept but not given.
    pub fn text(&mut self, key: &str) -> Option<String> {
        String::from_utf8(self.file(key)?.to_vec()).ok()
    }

    /// Lists a directory, writes the list down and gives it; empty where there is none.
    pub fn names(&mut self, key: &str) -> Vec<String> {
        match self.source.names(key) {
            Ok(names) => {
                let stat = self.source.stat(key).ok();
                self.keep(key, Entry { stat, body: Body::Names(names.clone()) });
                names
            }
            Err(error) => {
                let entry = self.refused(key, &error);
                self.keep(key, entry);
                vec![]
            }
        }
    }

    /// Every file of a directory whose name ends in `suffix`, as keys.
    pub fn files(&mut self, directory: &str, suffix: &str) -> Vec<String> {
        let names = self.names(directory);
        names.iter().filter(|name| name.ends_with(suffix)).map(|name| format!("{directory}/{name}")).collect()
    }

    /// Reads a symbolic link.
    pub fn link(&mut self, key: &str) -> Option<String> {
        let entry = match self.source.link(key) {
            Ok(target) => Entry { stat: None, body: Body::Link(target) },
            Err(error) => self.refused(key, &error),
        };
        match &self.keep(key, entry).body {
            Body::Link(target) => Some(target.clone()),
            _ => None,
        }
    }

    /// Writes down an inode and never the content.
    pub fn inode(&mut self, key: &str) -> Option<&Stat> {
        let entry = match self.source.stat(key) {
            Ok(stat) => Entry { stat: Some(stat), body: Body::StatOnly },
            Err(error) => self.refused(key, &error),
        };
        self.keep(key, entry).stat.as_ref()
    }

    /// Writes down the kernel's answer over netlink.
    pub fn netlink(&mut self, query: Query) -> Option<&[u8]> {
        let key = query.key();
        let entry = match self.source.netlink(query, None) {
            Ok(bytes) => Entry { stat: None, body: Body::of(bytes) },
            Err(error) => self.refused(key, &error),
        };
        self.keep(key, entry).body.bytes()
    }

    /// Writes down why a key has no content. In a tree the absence of running state says nothing about the host.
    pub fn refused(&self, key: &str, error: &io::Error) -> Entry {
        let errno = error.raw_os_error().map(rustix::io::Errno::from_raw_os_error);
        let gone = match errno {
            // A file in place of a directory is there; a path through a file is not.
            Some(rustix::io::Errno::NOTDIR) => self.source.stat(key).is_err(),
            Some(rustix::io::Errno::SRCH) => true,
            // The attribute of a security module that this kernel has and doesn't run (`security_getprocattr`,
            // security/security.c).
            Some(rustix::io::Errno::INVAL) => key.starts_with("proc/") && key.contains("/attr/"),
            _ => error.kind() == io::ErrorKind::NotFound,
        };
        let running = ["proc/", "sys/", "run/", "dev/", "netlink/", "netns/", "selinux/"]
            .iter()
            .any(|prefix| key.starts_with(prefix));
        let top = key.split('/').next().unwrap_or_default();
        let body = match (gone, self.source.vantage()) {
            (true, Vantage::Tree) if running => {
                Body::NotCollected("a directory tree has no running state".into())
            }
            // An unpacked report may lack whole branches: that says nothing about the host it was taken from.
            (true, Vantage::Tree) if top != key && self.source.names(top).is_err() => {
                Body::NotCollected(format!("the tree has no /{top}"))
            }
            (true, Vantage::Tree) if self.source.link(key).is_ok() => {
                Body::NotCollected("it is a symbolic link to what is not in the tree".into())
            }
            (true, Vantage::Tree) if top == key => Body::NotCollected(format!("the tree has no /{top}")),
            (true, _) => Body::Absent,
            (false, _) => Body::Unreadable(reason(error)),
        };
        let stat = if gone { None } else { self.source.stat(key).ok() };
        Entry { stat, body }
    }

    /// Writes an entry down.
    pub fn keep(&mut self, key: &str, entry: Entry) -> &Entry {
        let slot = self.entries.entry(key.to_owned()).or_default();
        *slot = entry;
        slot
    }
}

/// An error in one line, without Rust's `(os error 13)`.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text).to_lowercase()
}
