//! sshd_config as OpenSSH reads it: the first value wins, `Include` is followed, `Match` blocks kept apart.
//!
//! Sources: sshd_config(5), `servconf.c` and `misc.c` (`strdelim`, `argv_split`) of OpenSSH 9.

mod defaults;
mod include;

pub use defaults::{canonical, default_of};
pub use include::{Block, Config, Effective, Found, MAX_BYTES, MAX_DEPTH, MAX_FILES};

use super::{Line, Lines, Part, Setting, physical_line, scan};
use crate::Malformed;

/// One sshd_config file, without what it includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    lines: Lines,
}

impl File {
    /// Parses any bytes. `Match` lines are sections; `Include` lines are settings like any other.
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
}

fn classify(line: Part<'_>, section: &str) -> Line {
    let part = line.trim();
    if part.first() == Some(b'#') {
        return Line::Comment;
    }
    let blank = |b: &u8| b.is_ascii_whitespace() || *b == b'=';
    let length = part.bytes.iter().position(blank).unwrap_or(part.bytes.len());
    let (key, rest) = part.split_at(length);
    // `strdelim` takes white space with at most one `=` in it for the delimiter.
    let rest = rest.trim();
    let rest = if rest.first() == Some(b'=') { rest.split_at(1).1.trim() } else { rest };
    let value = rest.split_at(words(rest.bytes).1).0.trim();
    if key.bytes.is_empty() || !key.bytes.iter().all(u8::is_ascii_alphanumeric) {
        return Line::Malformed(Malformed::at(part.at, "not a keyword"));
    }
    if value.bytes.is_empty() {
        return Line::Malformed(Malformed::at(part.at, "a keyword without an argument"));
    }
    if key.bytes.eq_ignore_ascii_case(b"match") {
        return Line::Section(value.text());
    }
    Line::Setting(Setting {
        section: section.to_owned(),
        key: key.text(),
        value: value.text(),
        span: part.span(),
    })
}

/// The arguments of a value: split at white space, quotes taken off.
#[must_use]
pub fn arguments(value: &str) -> Vec<String> {
    words(value.as_bytes()).0.into_iter().map(|word| String::from_utf8_lossy(&word).into_owned()).collect()
}

/// Words as `argv_split` makes them, up to a comment, and the length of what was read.
fn words(bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let (mut out, mut word, mut quote): (Vec<Vec<u8>>, Option<Vec<u8>>, Option<u8>) =
        (Vec::new(), None, None);
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let next = bytes.get(at + 1).copied();
        match (byte, quote) {
            (b'\\', _)
                if matches!(next, Some(b'\'' | b'"' | b'\\')) || (next == Some(b' ') && quote.is_none()) =>
            {
                word.get_or_insert_default().extend(next);
                at += 1;
            }
            (_, Some(open)) if byte == open => quote = None,
            (b'"' | b'\'', None) => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (b' ' | b'\t', None) => out.extend(word.take()),
            (b'#', None) if word.is_none() => return (out, at),
            _ => word.get_or_insert_default().push(byte),
        }
        at += 1;
    }
    out.extend(word);
    (out, at)
}

#[cfg(test)]
mod tests;
