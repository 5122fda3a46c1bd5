//! oslo.config INI files (nova.conf and the rest of OpenStack).
//!
//! Source: `oslo_config/iniparser.py`: `key = value` or `key: value`, an indented line goes on with the value
//! above it, `#` and `;` start comments at the start of a line alone, the last assignment wins, and a later
//! file beats an earlier one.

use super::{Line, Lines, Part, Setting, physical_line, scan};
use crate::{Malformed, Span};

/// The section that every other one falls back to by name.
pub const DEFAULT: &str = "DEFAULT";

/// One INI file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    lines: Lines,
}

impl File {
    /// Parses any bytes.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self { lines: scan(bytes, extent, classify) }
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

    /// Every assignment of a key in order, for options that may be given several times.
    pub fn all(&self, section: &str, key: &str) -> impl DoubleEndedIterator<Item = &Setting> {
        self.lines
            .settings()
            .filter(move |s| same_section(&s.section, section) && same_key(&s.key.value, key))
    }

    /// The assignment that decides in this file: the last.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<&Setting> {
        self.all(section, key).next_back()
    }
}

/// The assignment that decides over several files, given in the order in which the service reads them
/// (`--config-file` before `--config-dir`): that of the last file that has one, and the index of that file.
#[must_use]
pub fn effective<'a>(files: &[&'a File], section: &str, key: &str) -> Option<(usize, &'a Setting)> {
    files.iter().enumerate().rev().find_map(|(index, file)| Some((index, file.get(section, key)?)))
}

/// Section names are compared without regard to case, but for `DEFAULT` (`_normalize_group_name`).
fn same_section(a: &str, b: &str) -> bool {
    a == b || (a != DEFAULT && b != DEFAULT && a.eq_ignore_ascii_case(b))
}

/// An option `a_b` may be written `a-b` (`cfg.py` accepts both).
fn same_key(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .all(|(a, b)| a == b || (matches!(a, b'-' | b'_') && matches!(b, b'-' | b'_')))
}

fn indented(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t')) && !line.trim_ascii().is_empty()
}

/// A line and the indented lines that go on with it; nothing goes on with a comment, a section or a blank.
fn extent(rest: &[u8]) -> usize {
    let mut end = physical_line(rest);
    let first = rest.get(..end).unwrap_or_default();
    if first.trim_ascii().is_empty() || matches!(first.first(), Some(b'#' | b';' | b'[' | b' ' | b'\t')) {
        return end;
    }
    while let Some(more) = rest.get(end..).filter(|more| !more.is_empty()) {
        let length = physical_line(more);
        if !indented(more.get(..length).unwrap_or_default()) {
            break;
        }
        end += length;
    }
    end
}

fn classify(line: Part<'_>, section: &str) -> Line {
    let part = line.trim();
    let malformed = |why| Line::Malformed(Malformed::at(part.at, why));
    match line.first() {
        Some(b' ' | b'\t') => return malformed("an indented line that goes on with nothing"),
        Some(b'#' | b';') => return Line::Comment,
        Some(b'[') => {
            let name = part.split_at(1).1;
            let Some(name) = name.bytes.strip_suffix(b"]").map(|bytes| Part { bytes, at: name.at }) else {
                return malformed("a section without its closing bracket");
            };
            return if name.bytes.is_empty() {
                malformed("a section without a name")
            } else {
                Line::Section(name.text())
            };
        }
        _ => {}
    }
    let first_line = part.bytes.get(..physical_line(part.bytes)).unwrap_or_default();
    if !first_line.iter().any(|b| matches!(b, b'=' | b':')) {
        return malformed("neither = nor : in an assignment");
    }
    let Some((key, value)) = part.cut(b"=:") else { return malformed("not an assignment") };
    let (key, value) = (key.trim(), value.trim());
    if key.bytes.is_empty() {
        return malformed("an assignment without a key");
    }
    if section.is_empty() {
        return malformed("an assignment before any section");
    }
    let mut text = value.text();
    text.value = unquote(&join(&text.value)).to_owned();
    Line::Setting(Setting {
        section: section.to_owned(),
        key: key.text(),
        value: text,
        span: Span::new(part.at, part.at + part.bytes.len()),
    })
}

/// The lines of a value, trimmed and joined by line feeds.
fn join(value: &str) -> String {
    value.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

/// One pair of equal quotes around a value of one line is taken off.
fn unquote(value: &str) -> &str {
    if value.contains('\n') {
        return value;
    }
    let strip = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    strip('"').or_else(|| strip('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests;
