//! Cyrus SASL application files: `/etc/sasl2/libvirt.conf`, `/etc/sasl2/qemu.conf`.
//!
//! Source: `lib/config.c` of Cyrus SASL: `key: value`, keys without regard to case, the first of two wins, and
//! one malformed line makes the library refuse the whole file.

use crate::{
    Malformed, Spanned,
    conf::{Line, Lines, Part, Setting, physical_line, scan},
};

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    lines: Lines,
}

impl File {
    /// Parses any bytes.
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

    /// The line for which the library refuses the whole file, if there is one.
    #[must_use]
    pub fn refused(&self) -> Option<&Malformed> {
        self.lines.malformed().next()
    }

    /// The setting that decides a key: the first.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.lines.settings().find(|setting| setting.key.value.eq_ignore_ascii_case(key))
    }

    /// The mechanisms of `mech_list`, in lower case, each with its place; none if the key is not set, which
    /// means every mechanism that is installed.
    #[must_use]
    pub fn mechanisms(&self) -> Option<Vec<Spanned<String>>> {
        let setting = self.get("mech_list")?;
        let (mut out, mut at) = (Vec::new(), setting.value.span.range().start);
        for word in self.lines.slice(setting.value.span).split(u8::is_ascii_whitespace) {
            if !word.is_empty() {
                let mut mechanism = Part { bytes: word, at }.text();
                mechanism.value.make_ascii_lowercase();
                out.push(mechanism);
            }
            at += word.len() + 1;
        }
        Some(out)
    }
}

fn classify(line: Part<'_>, section: &str) -> Line {
    let part = line.trim();
    if part.first() == Some(b'#') {
        return Line::Comment;
    }
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    match part.cut(b":") {
        Some((key, value)) if key.bytes.iter().all(word) => {
            let value = value.trim();
            if value.bytes.is_empty() {
                return Line::Malformed(Malformed::at(value.at, "a key without a value"));
            }
            let section = section.to_owned();
            Line::Setting(Setting { section, key: key.text(), value: value.text(), span: part.span() })
        }
        _ => Line::Malformed(Malformed::at(part.at, "not a key and a colon")),
    }
}
