//! A machine in memory: entries by key. Tests build one from the base host and a control's example.

use std::{collections::BTreeMap, io};

use model::recording::{Body, Entry, Stat, Vantage};

use super::{Content, Namespace, Query, Source};

/// How many symbolic links are followed, as `MAXSYMLINKS` of the kernel.
const LINKS: usize = 40;

/// Entries by key. What is not there is absent; what is `Unreadable` gives that error (`EACCES`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Everything there is.
    pub entries: BTreeMap<String, Entry>,
}

impl Memory {
    /// The key a path leads to once symbolic links are followed, also in the middle of it.
    fn resolve(&self, path: &str) -> io::Result<String> {
        let mut path = normal(path);
        for _ in 0..LINKS {
            let prefixes = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
            let link = prefixes.into_iter().find_map(|end| match &self.entries.get(path.get(..end)?)?.body {
                Body::Link(target) => Some((end, target)),
                _ => None,
            });
            let Some((end, target)) = link else { return Ok(path) };
            let before = path.get(..end).unwrap_or_default();
            let rest = path.get(end..).unwrap_or_default();
            let directory = before.rsplit_once('/').map_or("", |(directory, _)| directory);
            path = normal(&match target.strip_prefix('/') {
                Some(absolute) => format!("{absolute}{rest}"),
                None => format!("{directory}/{target}{rest}"),
            });
        }
        Err(io::Error::from_raw_os_error(rustix::io::Errno::LOOP.raw_os_error()))
    }

    fn entry(&self, path: &str) -> io::Result<&Entry> {
        self.direct(&self.resolve(path)?)
    }

    fn direct(&self, key: &str) -> io::Result<&Entry> {
        let entry = self.entries.get(key).ok_or(io::ErrorKind::NotFound)?;
        match &entry.body {
            Body::Absent | Body::NotCollected(_) => Err(io::ErrorKind::NotFound.into()),
            Body::Unreadable(_) => Err(denied()),
            _ => Ok(entry),
        }
    }
}

fn denied() -> io::Error {
    io::Error::from_raw_os_error(rustix::io::Errno::ACCESS.raw_os_error())
}

/// A path without `.`, `..` and empty parts.
fn normal(path: &str) -> String {
    let mut parts = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl Source for Memory {
    fn vantage(&self) -> Vantage {
        Vantage::Live
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        let key = self.resolve(path)?;
        let stat = |entry: &Entry| entry.stat.clone().unwrap_or_else(|| default_stat(&entry.body));
        match self.entries.get(&key) {
            Some(Entry { stat: None, body: Body::Unreadable(_) }) => Err(denied()),
            Some(entry) if !matches!(entry.body, Body::Absent | Body::NotCollected(_)) => Ok(stat(entry)),
            _ if self.names(&key).is_ok() => Ok(Stat { mode: 0o040_755, ..Stat::default() }),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn read(&self, path: &str, limit: usize) -> io::Result<Content> {
        let entry = self.entry(path)?;
        let bytes = entry.body.bytes().ok_or(io::ErrorKind::InvalidInput)?;
        let stat = entry.stat.clone().unwrap_or_else(|| default_stat(&entry.body));
        let kept = bytes.get(..limit.min(bytes.len())).unwrap_or_default().to_vec();
        Ok(Content { truncated: bytes.len() > limit, bytes: kept, stat })
    }

    fn read_at(&self, path: &str, offset: u64, limit: usize) -> io::Result<Vec<u8>> {
        let bytes = self.entry(path)?.body.bytes().ok_or(io::ErrorKind::InvalidInput)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        let rest = bytes.get(from..).unwrap_or_default();
        Ok(rest.get(..limit.min(rest.len())).unwrap_or_default().to_vec())
    }

    fn names(&self, path: &str) -> io::Result<Vec<String>> {
        let key = self.resolve(path)?;
        if let Some(Entry { body: Body::Unreadable(_), .. }) = self.entries.get(&key) {
            return Err(denied());
        }
        let prefix = if key.is_empty() { String::new() } else { format!("{key}/") };
        let below = self.entries.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        let present = below.filter(|(_, entry)| !matches!(entry.body, Body::Absent | Body::NotCollected(_)));
        let mut names: Vec<String> = present
            .filter_map(|(key, _)| Some(key.strip_prefix(&prefix)?.split('/').next()?.to_owned()))
            .collect();
        if let Some(Entry { body: Body::Names(more), .. }) = self.entries.get(&key) {
            names.extend(more.iter().cloned());
        } else if names.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    fn link(&self, path: &str) -> io::Result<String> {
        let path = normal(path);
        let (directory, base) = path.rsplit_once('/').unwrap_or(("", &path));
        let key = format!("{}/{base}", self.resolve(directory)?);
        match &self.direct(key.trim_start_matches('/'))?.body {
            Body::Link(target) => Ok(target.clone()),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn netlink(&self, query: Query, namespace: Option<&Namespace>) -> io::Result<Vec<u8>> {
        let prefix = namespace.map(|namespace| format!("netns/{}/", namespace.inode)).unwrap_or_default();
        Ok(self.read(&format!("{prefix}{}", query.key()), usize::MAX)?.bytes)
    }

    fn namespaces(&self) -> io::Result<Vec<Namespace>> {
        let Ok(names) = self.names("netns") else { return Ok(vec![]) };
        Ok(names
            .iter()
            .filter_map(|name| Some(Namespace { inode: name.parse().ok()?, path: format!("netns/{name}") }))
            .collect())
    }

    fn read_in(
        &self,
        namespace: &Namespace,
        paths: &[String],
    ) -> io::Result<Vec<(String, io::Result<Vec<u8>>)>> {
        let inside = |path: &String| format!("netns/{}/{path}", namespace.inode);
        let read = |path: &String| self.read(&inside(path), usize::MAX).map(|content| content.bytes);
        Ok(paths.iter().map(|path| (path.clone(), read(path))).collect())
    }
}

/// The inode of an entry whose example gave none: root's, readable by all, nobody else may write.
fn default_stat(body: &Body) -> Stat {
    let mode = match body {
        Body::Names(_) => 0o040_755,
        Body::Link(_) => 0o120_777,
        _ => 0o100_644,
    };
    Stat { mode, size: body.bytes().map_or(0, |bytes| bytes.len() as u64), ..Stat::default() }
}
