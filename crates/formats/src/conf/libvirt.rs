//! libvirt's own configuration files: qemu.conf, libvirtd.conf, virtlogd.conf and their kin.
//!
//! The grammar is that of `src/util/virconf.c`: `name = value`, where a value is a whole number, a string in
//! `"`, `'` or `"""` (which alone may hold line ends; nothing is escaped) or a list `[a, b]` over several
//! lines; `#` starts a comment, `;` or a line end closes a statement, and a carriage return is a line end.
//! A comment *inside* a list is a syntax error (measured on 9.0). What makes these files treacherous:
//!
//! - one syntax error and the whole file is refused, so the daemon doesn't start ([`File::refused`]);
//! - the first of two assignments wins, so that appending one may change nothing ([`File::duplicates`]);
//! - a key that libvirt doesn't know is ignored without a word ([`File::unknown_keys`]);
//! - a value of the wrong type stops the driver ([`File::wrong_types`]).

mod check;
mod edit;
mod parse;
pub mod schema;

use std::collections::HashMap;

pub use check::{Unknown, WrongType};

use super::Document;
use crate::{Malformed, Span, Spanned};

/// A value, as libvirt takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number. Larger ones wrap around, as in libvirt.
    Int(i64),
    /// A string. Bytes that are not UTF-8 are replaced by U+FFFD, and a NUL ends it, as in C.
    Str(String),
    /// A list of strings, each with its place, quotes included.
    List(Vec<Spanned<String>>),
    /// A list that holds something other than strings: the parser takes it, no key does.
    Mixed,
}

/// One `key = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The key.
    pub key: Spanned<String>,
    /// The value; its span covers quotes and brackets.
    pub value: Spanned<Value>,
}

impl Assignment {
    /// From the key to the end of the value, without a comment behind it.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { start: self.key.span.start, end: self.value.span.end }
    }
}

/// One stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// White space, line ends and separators.
    Space,
    /// A comment that is a statement of its own, from `#` to before the line end.
    Comment,
    /// An assignment, with the blanks and the comment behind it.
    Assignment(Assignment),
    /// A syntax error, to the end of its line; parsing goes on behind it, though libvirt's does not.
    Malformed(Malformed),
}

/// A parsed file that keeps every byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    document: Document<Item>,
}

impl File {
    /// Parses any bytes. Errors become [`Item::Malformed`].
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self { document: parse::parse(bytes) }
    }

    /// The file again, byte for byte.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        self.document.print()
    }

    /// The stretches of the file in order.
    #[must_use]
    pub fn document(&self) -> &Document<Item> {
        &self.document
    }

    /// All assignments in order, those that have no effect included.
    pub fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.document.pieces().filter_map(|(_, item)| match item {
            Item::Assignment(assignment) => Some(assignment),
            _ => None,
        })
    }

    /// The assignment that decides `key`: the first one (`virConfGetValue`). Names are case-sensitive.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Assignment> {
        self.assignments().find(|assignment| assignment.key.value == key)
    }

    /// Assignments without effect because one of the same key stands before them: (the one that decides, the
    /// one that doesn't), in the order of the latter.
    #[must_use]
    pub fn duplicates(&self) -> Vec<(&Assignment, &Assignment)> {
        let mut first: HashMap<&str, &Assignment> = HashMap::new();
        let mut out = Vec::new();
        for assignment in self.assignments() {
            match first.get(assignment.key.value.as_str()) {
                Some(deciding) => out.push((*deciding, assignment)),
                None => {
                    first.insert(&assignment.key.value, assignment);
                }
            }
        }
        out
    }

    /// The syntax errors in order. libvirt itself stops at the first; later ones are what remains to repair,
    /// at most 100.
    pub fn errors(&self) -> impl Iterator<Item = &Malformed> {
        self.document.pieces().filter_map(|(_, item)| match item {
            Item::Malformed(error) => Some(error),
            _ => None,
        })
    }

    /// The syntax error for which libvirt refuses the whole file, if there is one.
    #[must_use]
    pub fn refused(&self) -> Option<&Malformed> {
        self.errors().next()
    }
}

#[cfg(test)]
mod tests;
