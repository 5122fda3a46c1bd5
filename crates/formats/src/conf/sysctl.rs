//! sysctl.d files as systemd-sysctl and procps read them, and which of many files decides a key.
//!
//! Sources: sysctl.d(5), `src/sysctl/sysctl.c` of systemd, `src/sysctl.c` of procps-ng.

use super::{Line, Lines, Part, Setting, physical_line, scan};
use crate::Malformed;

/// The directories of sysctl.d(5), the one that wins first.
pub const DIRECTORIES: [&str; 5] =
    ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

/// Most steps taken to match one pattern, so that a hostile one can't cost time.
const MAX_MATCH_STEPS: usize = 10_000;

/// A sysctl.d file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    lines: Lines,
}

/// One assignment of a sysctl.d file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Key and value as written; a leading `-` is not part of the key.
    pub setting: Setting,
    /// The key as a path under /proc/sys, with slashes.
    pub path: String,
    /// A leading `-`: a failure to write is ignored.
    pub optional: bool,
    /// `-key` without a value: the key is taken out of what patterns match.
    pub excluded: bool,
}

impl File {
    /// Parses any bytes; see [`Lines::malformed`] for what was not understood.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self { lines: scan(bytes, physical_line, classify) }
    }

    /// The file again, byte for byte.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        self.lines.print()
    }

    /// The lines, for editing.
    #[must_use]
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// The assignments in order.
    pub fn assignments(&self) -> impl DoubleEndedIterator<Item = Assignment> {
        self.lines.settings().map(|setting| {
            let marked = self.lines.slice(setting.span).first() == Some(&b'-');
            Assignment {
                path: normalize(&setting.key.value),
                optional: marked,
                // Without `=`, the value is the empty range at the very end of the key.
                excluded: marked && setting.value.span.start == setting.key.span.end,
                setting: setting.clone(),
            }
        })
    }

    /// What this file alone says about a key (dots or slashes): the last assignment that names it, else the
    /// last pattern that matches it and from which it is not excluded.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Assignment> {
        decide(self.assignments().collect(), &normalize(key))
    }
}

fn classify(line: Part<'_>, section: &str) -> Line {
    let part = line.trim();
    if matches!(part.first(), Some(b'#' | b';')) {
        return Line::Comment;
    }
    let body = if part.first() == Some(b'-') { part.split_at(1).1 } else { part };
    let (key, value) = match body.cut(b"=") {
        Some((key, value)) => (key.trim(), value.trim()),
        None if part.first() == Some(b'-') => (body.trim(), body.trim().split_at(usize::MAX).1),
        None => return Line::Malformed(Malformed::at(part.at, "not an assignment")),
    };
    if key.bytes.is_empty() {
        return Line::Malformed(Malformed::at(part.at, "an assignment without a key"));
    }
    let section = section.to_owned();
    Line::Setting(Setting { section, key: key.text(), value: value.text(), span: part.span() })
}

/// A key as a path under /proc/sys. Whichever of `.` and `/` comes first is the separator, and the other one
/// stands for it inside a name (`net.ipv4.conf.eth0/100.rp_filter`), as `sysctl_normalize` of systemd does.
#[must_use]
pub fn normalize(key: &str) -> String {
    let key = key.strip_prefix("/proc/sys/").unwrap_or(key);
    if key.chars().find(|c| matches!(c, '.' | '/')) != Some('.') {
        return key.to_owned();
    }
    let swap = |c| {
        if c == '.' {
            '/'
        } else if c == '/' {
            '.'
        } else {
            c
        }
    };
    key.chars().map(swap).collect()
}

/// Which of the files are read, and in what order: a file is masked by one of the same name in a stronger
/// directory, the rest go by name, and `/etc/sysctl.conf`, if it is given, comes last (as `sysctl --system`
/// reads it; where `99-sysctl.conf` is a link to it, give it under that path instead). Indices into `paths`.
#[must_use]
pub fn order(paths: &[&str]) -> Vec<usize> {
    let rank = |path: &str| {
        let (directory, name) = path.rsplit_once('/')?;
        let rank = DIRECTORIES.iter().position(|known| *known == directory)?;
        name.ends_with(".conf").then(|| (name.to_owned(), rank))
    };
    let mut found: Vec<(String, usize, usize)> = paths
        .iter()
        .enumerate()
        .filter_map(|(index, path)| rank(path).map(|(name, rank)| (name, rank, index)))
        .collect();
    found.sort();
    found.dedup_by(|later, kept| later.0 == kept.0);
    let last = paths.iter().position(|path| *path == "/etc/sysctl.conf");
    found.into_iter().map(|(_, _, index)| index).chain(last).collect()
}

/// The assignment that decides a key when all files are applied at boot, and the index of its file. A plain
/// key beats any pattern wherever it stands; among equals the last one wins.
#[must_use]
pub fn effective(files: &[(&str, &File)], key: &str) -> Option<(usize, Assignment)> {
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let mut all = Vec::new();
    let mut owners = Vec::new();
    for index in order(&paths) {
        for assignment in files.get(index).into_iter().flat_map(|(_, file)| file.assignments()) {
            owners.push(index);
            all.push(assignment);
        }
    }
    let at = decide_index(&all, &normalize(key))?;
    Some((*owners.get(at)?, all.get(at)?.clone()))
}

fn decide(mut all: Vec<Assignment>, path: &str) -> Option<Assignment> {
    let at = decide_index(&all, path)?;
    Some(all.swap_remove(at))
}

fn decide_index(all: &[Assignment], path: &str) -> Option<usize> {
    let named = all.iter().rposition(|a| a.path == path);
    match named.and_then(|at| all.get(at)) {
        Some(assignment) if assignment.excluded => None,
        Some(_) => named,
        None => all.iter().rposition(|a| !a.excluded && is_pattern(&a.path) && matches(&a.path, path)),
    }
}

fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// glob(7) without brackets over a path: `*` and `?` stop at a slash. A pattern with brackets is taken to
/// match whatever its other parts match.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.as_bytes(), path.as_bytes());
    let (mut p, mut s, mut star) = (0, 0, None);
    for _ in 0..MAX_MATCH_STEPS {
        match (pattern.get(p), path.get(s)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                star = Some((p + 1, s));
                p += 1;
                continue;
            }
            (Some(b'?'), Some(c)) if *c != b'/' => (p, s) = (p + 1, s + 1),
            (Some(a), Some(c)) if a == c => (p, s) = (p + 1, s + 1),
            (Some(b'['), Some(c)) if *c != b'/' => {
                let close = pattern.get(p..).and_then(|rest| rest.iter().position(|b| *b == b']'));
                let Some(close) = close else { return false };
                (p, s) = (p + close + 1, s + 1);
            }
            _ => match star {
                Some((after, from)) if path.get(from).is_some_and(|c| *c != b'/') => {
                    star = Some((after, from + 1));
                    (p, s) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
    false
}

#[cfg(test)]
mod tests;
