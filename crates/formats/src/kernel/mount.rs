//! `/proc/PID/mountinfo` and `/proc/swaps`. Sources: `show_mountinfo` of `fs/proc_namespace.c`, `swap_show` of
//! `mm/swapfile.c` of the kernel.

use super::{bounded, lines, number, text, unescape, words};
use crate::{Malformed, Span, Spanned};

/// A mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Its number.
    pub id: u32,
    /// The number of the mount it is on.
    pub parent: u32,
    /// Device, `major:minor`.
    pub device: String,
    /// What of the file system is mounted: `/`, a directory of it, `net:[…]` for a namespace.
    pub root: String,
    /// Where, as seen from the process's root.
    pub point: Spanned<String>,
    /// Options of the mount: `rw`, `nosuid`, `nodev`, `noexec` …
    pub options: Spanned<Vec<String>>,
    /// Type of the file system.
    pub kind: String,
    /// What it was mounted from: a device, or any text.
    pub source: String,
    /// Options of the file system.
    pub super_options: Vec<String>,
}

impl Mount {
    /// True if the mount or its file system has this option.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.value.iter().chain(&self.super_options).any(|known| known == option)
    }
}

fn options(bytes: &[u8]) -> Vec<String> {
    bytes.split(|byte| *byte == b',').filter(|option| !option.is_empty()).map(unescape).collect()
}

/// Reads a mountinfo file, in its order: of two mounts at one place, the later is the one seen.
///
/// # Errors
/// If a line has too few fields.
pub fn mountinfo(bytes: &[u8]) -> Result<Vec<Mount>, Malformed> {
    lines(bounded(bytes)?)
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(start, line)| mount(start, line).ok_or_else(|| Malformed::at(start, "not a mount")))
        .collect()
}

fn mount(start: usize, line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ').scan(start, |next, field| {
        let at = *next;
        *next += field.len() + 1;
        Some((at, field))
    });
    let mut field = || fields.next();
    let (id, parent) = (number(field()?.1)?, number(field()?.1)?);
    let (device, root) = (text(field()?.1), unescape(field()?.1));
    let (at, point) = field()?;
    let point = Spanned::new(unescape(point), Span::new(at, at + point.len()));
    let (at, words) = field()?;
    let here = Spanned::new(options(words), Span::new(at, at + words.len()));
    // Tags such as `shared:1`, any number of them, end with a dash.
    while field()?.1 != b"-" {}
    let (kind, source) = (unescape(field()?.1), unescape(field()?.1));
    let super_options = options(field()?.1);
    Some(Mount { id, parent, device, root, point, options: here, kind, source, super_options })
}

/// A swap area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// The device or file.
    pub path: Spanned<String>,
    /// `partition` or `file`.
    pub kind: String,
    /// Its size, in KiB.
    pub size: u64,
    /// What of it is used, in KiB.
    pub used: u64,
    /// Areas of the highest are used first.
    pub priority: i32,
}

/// Reads `/proc/swaps`.
///
/// # Errors
/// If a line after the header has not five fields.
pub fn swaps(bytes: &[u8]) -> Result<Vec<Swap>, Malformed> {
    lines(bounded(bytes)?)
        .skip(1)
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(start, line)| swap(start, line).ok_or_else(|| Malformed::at(start, "not a swap area")))
        .collect()
}

fn swap(start: usize, line: &[u8]) -> Option<Swap> {
    // A deleted file has " (deleted)" after its path, with the blank as \040.
    let mut words = words(line, start);
    let (at, path) = words.next()?;
    let mut field = || words.next().map(|(_, word)| word);
    Some(Swap {
        path: Spanned::new(unescape(path), Span::new(at, at + path.len())),
        kind: text(field()?),
        size: number(field()?)?,
        used: number(field()?)?,
        priority: number(field()?)?,
    })
}
