//! The lossless core under every configuration parser: a file as stretches that tile it, slices that know
//! where they stand, and edits as byte splices.

use crate::{Malformed, Span, Spanned, Splice};

/// Largest file looked into, in bytes: libvirt's own limit (`MAX_CONFIG_FILE_SIZE` in `virconf.c`), and far
/// beyond any real file of the other formats. A larger one becomes a single malformed piece.
pub const MAX_SIZE: usize = 10 * 1024 * 1024;

/// A file cut into stretches that tile it without gap or overlap, so that printing gives every byte back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<T> {
    bytes: Vec<u8>,
    pieces: Vec<(Span, T)>,
    end: usize,
}

impl<T> Default for Document<T> {
    fn default() -> Self {
        Self::over(&[])
    }
}

impl<T> Document<T> {
    /// A document with nothing recognised in it yet.
    pub(crate) fn over(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), pieces: Vec::new(), end: 0 }
    }

    /// Adds the piece that reaches from the end of the last one to byte `end`; an empty stretch adds nothing.
    pub(crate) fn push(&mut self, end: usize, kind: T) {
        if end > self.end {
            self.pieces.push((Span::new(self.end, end), kind));
            self.end = end;
        }
    }

    /// The file again, byte for byte, put together from its pieces.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|(span, _)| self.slice(*span)).copied().collect()
    }

    /// The bytes that were parsed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of one range; nothing if it is not in the file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &[u8] {
        self.bytes.get(span.range()).unwrap_or_default()
    }

    /// The pieces in order, each with the range it covers.
    pub fn pieces(&self) -> impl DoubleEndedIterator<Item = (Span, &T)> {
        self.pieces.iter().map(|(span, kind)| (*span, kind))
    }

    /// The line ending of the file: that of its first line, `\n` if it has none.
    #[must_use]
    pub fn newline(&self) -> &'static str {
        match self.bytes.iter().position(|b| *b == b'\n') {
            Some(at) if at > 0 && self.bytes.get(at - 1) == Some(&b'\r') => "\r\n",
            _ => "\n",
        }
    }
}

/// The bytes after the splices, which are in order and don't overlap; one that breaks this is left out.
#[must_use]
pub fn apply(bytes: &[u8], splices: &[Splice]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for splice in splices {
        let range = splice.span.range();
        let Some(kept) = bytes.get(done..range.start) else { continue };
        if range.end < range.start || range.end > bytes.len() {
            continue;
        }
        out.extend_from_slice(kept);
        out.extend_from_slice(splice.text.as_bytes());
        done = range.end;
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    out
}

/// One logical line of a line-oriented file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Nothing but white space.
    Blank,
    /// A comment.
    Comment,
    /// The start of a section (`[name]`) or, in sshd_config, of a `Match` block (its criteria).
    Section(Spanned<String>),
    /// A setting.
    Setting(Setting),
    /// What the program that owns the format refuses or skips.
    Malformed(Malformed),
}

/// A key and its value as text. Bytes that are not UTF-8 are replaced by U+FFFD; the spans stay exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The section it stands in; empty before the first.
    pub section: String,
    /// The key as written.
    pub key: Spanned<String>,
    /// The value with continuation lines joined and outer white space gone; the span covers it in the file.
    pub value: Spanned<String>,
    /// The whole logical line without its line ending.
    pub span: Span,
}

/// A file of logical lines.
pub type Lines = Document<Line>;

impl Lines {
    /// The settings in order.
    pub fn settings(&self) -> impl DoubleEndedIterator<Item = &Setting> {
        self.pieces()
            .filter_map(|(_, line)| if let Line::Setting(setting) = line { Some(setting) } else { None })
    }

    /// The lines that could not be read.
    pub fn malformed(&self) -> impl Iterator<Item = &Malformed> {
        self.pieces().filter_map(|(_, line)| if let Line::Malformed(why) = line { Some(why) } else { None })
    }

    /// Replaces the value of a setting of this file in place. The text is written as it is.
    #[must_use]
    pub fn replace(setting: &Setting, value: &str) -> Splice {
        Splice::new(setting.value.span, value)
    }

    /// Adds a line at the end of the file, on a line of its own, with the file's line ending.
    #[must_use]
    pub fn append(&self, line: &str) -> Splice {
        let newline = self.newline();
        let before = if self.bytes.last().is_none_or(|b| *b == b'\n') { "" } else { newline };
        Splice::new(self.bytes.len()..self.bytes.len(), format!("{before}{line}{newline}"))
    }
}

/// A slice of a file that knows where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Offset of the first in the file.
    pub at: usize,
}

impl<'a> Part<'a> {
    /// Without the white space (and line endings) around it.
    pub fn trim(self) -> Self {
        let bytes = self.bytes.trim_ascii_end();
        let inner = bytes.trim_ascii_start();
        Self { bytes: inner, at: self.at + (bytes.len() - inner.len()) }
    }

    /// The first `at` bytes and the rest.
    pub fn split_at(self, at: usize) -> (Self, Self) {
        let at = at.min(self.bytes.len());
        let (head, tail) = self.bytes.split_at(at);
        (Self { bytes: head, at: self.at }, Self { bytes: tail, at: self.at + at })
    }

    /// What stands before and after the first byte that is one of `set`.
    pub fn cut(self, set: &[u8]) -> Option<(Self, Self)> {
        let at = self.bytes.iter().position(|b| set.contains(b))?;
        let (head, tail) = self.split_at(at);
        Some((head, tail.split_at(1).1))
    }

    /// The first byte.
    pub fn first(self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// The range it covers.
    pub fn span(self) -> Span {
        Span::new(self.at, self.at + self.bytes.len())
    }

    /// Its text, lossily, and its place.
    pub fn text(self) -> Spanned<String> {
        Spanned::new(String::from_utf8_lossy(self.bytes).into_owned(), self.span())
    }
}

/// Length of the first line of `rest` with its line ending.
pub(crate) fn physical_line(rest: &[u8]) -> usize {
    rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1)
}

/// Cuts a file into logical lines. `extent` gives the length of the logical line at the start of what is left
/// (at least its first physical line); `classify` gets it as it stands, never blank, and the section it
/// stands in.
pub(crate) fn scan(
    bytes: &[u8],
    extent: impl Fn(&[u8]) -> usize,
    mut classify: impl FnMut(Part<'_>, &str) -> Line,
) -> Lines {
    let mut out = Lines::over(bytes);
    if bytes.len() > MAX_SIZE {
        out.push(bytes.len(), Line::Malformed(Malformed::at(MAX_SIZE, "file larger than 10 MiB")));
        return out;
    }
    let (mut at, mut section) = (0, String::new());
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = extent(rest).clamp(1, rest.len());
        let (logical, _) = Part { bytes: rest, at }.split_at(length);
        let blank = logical.trim().bytes.is_empty();
        let line = if blank { Line::Blank } else { classify(logical, &section) };
        if let Line::Section(name) = &line {
            section.clone_from(&name.value);
        }
        at += length;
        out.push(at, line);
    }
    out
}
