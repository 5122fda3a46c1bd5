//! systemd unit files and their drop-ins, as much of them as .socket and .service files need.
//!
//! Source: systemd.syntax(7), `config_parse` in `src/shared/conf-parser.c`: a backslash at the end of a line
//! goes on with the next (comment lines between are skipped), an empty assignment clears a list, and drop-ins
//! are read after the unit in the order of their names.

use super::{Line, Lines, Part, Setting, physical_line, scan};
use crate::{Malformed, Spanned};

/// One unit file or drop-in.
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
}

/// A setting and the index of the file it stands in.
pub type Placed<'a> = (usize, &'a Setting);

/// What a list such as `ExecStart` ends with over a unit and its drop-ins, in the order they are read: an
/// empty assignment clears what came before.
#[must_use]
pub fn list<'a>(files: &[&'a File], section: &str, key: &str) -> Vec<Placed<'a>> {
    collect(files, section, |name| name == key, |_| true)
}

/// What a single value ends with: the last assignment, or nothing (the default) if that is empty.
#[must_use]
pub fn value<'a>(files: &[&'a File], section: &str, key: &str) -> Option<Placed<'a>> {
    settings(files, section)
        .filter(|(_, s)| s.key.value == key)
        .last()
        .filter(|(_, s)| !s.value.value.is_empty())
}

/// The `ListenStream=` of a socket unit. An empty assignment of *any*
/// `Listen…=` key clears them all (`config_parse_socket_listen` frees every port).
#[must_use]
pub fn listen_streams<'a>(files: &[&'a File]) -> Vec<Placed<'a>> {
    const PORTS: [&str; 8] = [
        "ListenStream",
        "ListenDatagram",
        "ListenSequentialPacket",
        "ListenFIFO",
        "ListenNetlink",
        "ListenSpecial",
        "ListenMessageQueue",
        "ListenUSBFunction",
    ];
    collect(files, "Socket", |name| PORTS.contains(&name), |name| name == "ListenStream")
}

fn collect<'a>(
    files: &[&'a File],
    section: &str,
    clears: impl Fn(&str) -> bool,
    keeps: impl Fn(&str) -> bool,
) -> Vec<Placed<'a>> {
    let mut out = Vec::new();
    for (index, setting) in settings(files, section).filter(|(_, s)| clears(&s.key.value)) {
        if setting.value.value.is_empty() {
            out.clear();
        } else if keeps(&setting.key.value) {
            out.push((index, setting));
        }
    }
    out
}

fn settings<'a>(files: &[&'a File], section: &str) -> impl Iterator<Item = Placed<'a>> {
    let all =
        files.iter().enumerate().flat_map(|(index, file)| file.lines.settings().map(move |s| (index, s)));
    all.filter(move |(_, s)| s.section == section)
}

fn is_comment(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), Some(b'#' | b';'))
}

/// A line whose end is an unescaped backslash.
fn goes_on(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

fn extent(rest: &[u8]) -> usize {
    let mut end = physical_line(rest);
    let mut line = rest.get(..end).unwrap_or_default();
    if is_comment(line) {
        return end;
    }
    let mut open = goes_on(line);
    while open && end < rest.len() {
        let more = rest.get(end..).unwrap_or_default();
        let length = physical_line(more);
        line = more.get(..length).unwrap_or_default();
        end += length;
        open = is_comment(line) || goes_on(line);
    }
    end
}

fn classify(line: Part<'_>, section: &str) -> Line {
    let part = line.trim();
    if is_comment(part.bytes) {
        return Line::Comment;
    }
    if part.first() == Some(b'[') {
        let name = part.split_at(1).1;
        return match name.bytes.strip_suffix(b"]") {
            Some(bytes) => Line::Section(Part { bytes, at: name.at }.text()),
            None => Line::Malformed(Malformed::at(part.at, "a section without its closing bracket")),
        };
    }
    let Some((key, value)) = part.cut(b"=") else {
        return Line::Malformed(Malformed::at(part.at, "not an assignment"));
    };
    let key = key.trim();
    if section.is_empty() || key.bytes.is_empty() || key.bytes.contains(&b'\n') {
        let why = if section.is_empty() {
            "an assignment before any section"
        } else {
            "an assignment without a key on its line"
        };
        return Line::Malformed(Malformed::at(part.at, why));
    }
    let value = value.trim();
    let value = Spanned::new(join(value.bytes), value.span());
    Line::Setting(Setting { section: section.to_owned(), key: key.text(), value, span: part.span() })
}

/// The physical lines of a value as one: each backslash at a line end is a space, comments are dropped.
fn join(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (count, line) in bytes.split(|b| *b == b'\n').enumerate() {
        if count > 0 && is_comment(line) {
            continue;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (line, end) =
            if goes_on(line) { (line.get(..line.len() - 1).unwrap_or_default(), " ") } else { (line, "") };
        out.push_str(&String::from_utf8_lossy(line));
        out.push_str(end);
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests;
