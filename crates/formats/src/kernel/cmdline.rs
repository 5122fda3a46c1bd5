//! `/proc/cmdline`: what the kernel was booted with. As `next_arg` of `lib/cmdline.c` and `parse_args` of
//! `kernel/params.c` read it.

use super::text;
use crate::{Malformed, Span, Spanned};

/// The longest command line read, in bytes; `COMMAND_LINE_SIZE` is 4,096 at most.
const MAX: usize = 64 << 10;

/// A command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// Its parameters, in order.
    pub arguments: Vec<Argument>,
    /// What comes after `--`: arguments of init, which the kernel does not look at.
    pub init: Option<Span>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name, as it was written.
    pub name: Spanned<String>,
    /// What follows `=`, without quotes.
    pub value: Option<Spanned<String>>,
    /// All of it, quotes too.
    pub span: Span,
}

impl Argument {
    /// The value; empty without one.
    #[must_use]
    pub fn text(&self) -> &str {
        self.value.as_ref().map_or("", |value| value.value.as_str())
    }
}

impl CommandLine {
    /// Reads a command line. A quote that is not closed ends at the end, as in the kernel.
    ///
    /// # Errors
    /// If it is over 64 KiB.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX {
            return Err(Malformed::at(MAX, "command line longer than 64 KiB"));
        }
        let mut line = Self::default();
        let mut at = 0;
        while let Some(start) = next_start(bytes, at) {
            let end = end_of(bytes, start);
            let argument = bytes.get(start..end).unwrap_or_default();
            if argument == b"--" {
                line.init =
                    next_start(bytes, end).map(|start| Span::new(start, bytes.trim_ascii_end().len()));
                break;
            }
            line.arguments.push(split(argument, start));
            at = end;
        }
        Ok(line)
    }

    /// All parameters of this name, in order. The kernel takes `-` and `_` for the same.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Argument> {
        self.arguments.iter().filter(move |argument| same(&argument.name.value, name))
    }

    /// The last of this name, which is the one that counts for most.
    #[must_use]
    pub fn get<'a>(&'a self, name: &'a str) -> Option<&'a Argument> {
        self.all(name).next_back()
    }

    /// The first of this name, for the few where that counts.
    #[must_use]
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a Argument> {
        self.all(name).next()
    }

    /// The parts between commas of all parameters of this name, in order: `mitigations=auto,nosmt`.
    pub fn words<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|argument| argument.text().split(',')).filter(|word| !word.is_empty())
    }
}

/// Equal but for `-` and `_` (`parameq`).
fn same(one: &str, other: &str) -> bool {
    let fold = |byte: u8| if byte == b'-' { b'_' } else { byte };
    one.len() == other.len() && one.bytes().map(fold).eq(other.bytes().map(fold))
}

fn next_start(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    Some(at + rest.iter().position(|byte| !blank(*byte))?)
}

fn blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

/// The first blank outside quotes.
fn end_of(bytes: &[u8], start: usize) -> usize {
    let mut quoted = false;
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.iter().position(|byte| {
        quoted ^= *byte == b'"';
        !quoted && blank(*byte)
    });
    start + length.unwrap_or(rest.len())
}

/// Splits at the first `=`; a quote at the start of the whole or of the value goes, and the one at the end with it.
fn split(argument: &[u8], start: usize) -> Argument {
    let span = Span::new(start, start + argument.len());
    let (mut from, mut to) = (0, argument.len());
    let ends_quoted = argument.len() > 1 && argument.ends_with(b"\"");
    let starts_quoted = argument.starts_with(b"\"");
    if starts_quoted {
        from = 1;
        to -= usize::from(ends_quoted);
    }
    let part = |from: usize, to: usize| {
        Spanned::new(text(argument.get(from..to).unwrap_or_default()), Span::new(start + from, start + to))
    };
    let equals =
        argument.iter().skip(from).position(|byte| *byte == b'=').map(|at| at + from).filter(|at| *at > from);
    let Some(equals) = equals.filter(|at| *at < to) else {
        return Argument { name: part(from, to), value: None, span };
    };
    let mut value = equals + 1;
    if !starts_quoted && argument.get(value) == Some(&b'"') {
        value += 1;
        to -= usize::from(argument.ends_with(b"\"") && to > value);
    }
    Argument { name: part(from, equals), value: Some(part(value, to)), span }
}
