//! What the kernel says: the command line, /proc files, sysfs lists.
//!
//! Texts of the kernel come from a machine that may be hostile (a recording of somebody else's host, names chosen by
//! its users), so each parser has limits and says where it stopped. Sources are the kernel's files named at each.

pub mod argv;
pub mod capability;
pub mod choice;
pub mod cmdline;
pub mod label;
pub mod mount;
pub mod process;
pub mod socket;
pub mod vulnerability;

use crate::Malformed;

/// The most bytes any of these files may have. `/proc/net/tcp` of a busy host is the longest: 150 bytes a socket.
pub const MAX_BYTES: usize = 64 << 20;

/// Refuses an input over [`MAX_BYTES`].
fn bounded(bytes: &[u8]) -> Result<&[u8], Malformed> {
    if bytes.len() > MAX_BYTES { Err(Malformed::at(MAX_BYTES, "more than 64 MiB")) } else { Ok(bytes) }
}

/// The lines of a file, each with its offset, without the line feeds; nothing for the end after the last one.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut next = 0;
    bytes.split_inclusive(|byte| *byte == b'\n').map(move |line| {
        let start = next;
        next += line.len();
        (start, line.strip_suffix(b"\n").unwrap_or(line))
    })
}

/// Bytes as a text; those that are not UTF-8 become U+FFFD.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The words of a line between blanks, each with its offset from `start`.
fn words(line: &[u8], start: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let mut next = start;
    line.split(u8::is_ascii_whitespace)
        .map(move |word| {
            let at = next;
            next += word.len() + 1;
            (at, word)
        })
        .filter(|(_, word)| !word.is_empty())
}

/// A decimal number that is the whole of `bytes`.
fn number<T: std::str::FromStr>(bytes: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    // FromStr takes a plus sign, which the kernel never writes.
    (!text.starts_with('+')).then(|| text.parse().ok()).flatten()
}

/// Undoes `\040` and the like, three octal digits, as `seq_escape` and `mangle_path` of the kernel write blanks.
fn unescape(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        if let (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', next @ ..]) = (first, after) {
            out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
            rest = next;
        } else {
            out.push(*first);
        }
    }
    text(&out)
}

/// `/proc/sys/kernel/random/boot_id`: a UUID that is new at every boot, in lower case.
///
/// # Errors
/// If it is not 36 characters of a UUID, a line feed aside.
pub fn boot_id(bytes: &[u8]) -> Result<String, Malformed> {
    let id = bytes.trim_ascii_end();
    if id.len() != 36 {
        return Err(Malformed::at(0, "a boot id has 36 characters"));
    }
    for (at, byte) in id.iter().enumerate() {
        let dash = matches!(at, 8 | 13 | 18 | 23);
        if dash != (*byte == b'-') || !(dash || byte.is_ascii_hexdigit()) {
            return Err(Malformed::at(at, "not a UUID"));
        }
    }
    Ok(text(id).to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
