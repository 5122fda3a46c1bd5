//! A tokenizer for as much of JavaScript as polkit rules use: words, strings, numbers, regular expressions and
//! signs; comments are left out. It goes over the text once.

use crate::{Malformed, Span};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, keyword or number.
    Word,
    /// A string with its quotes.
    Text,
    /// A regular expression with its slashes and flags.
    Pattern,
    /// One sign, or a comparison or arrow of two or three.
    Sign,
}

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub at: usize,
}

impl Token<'_> {
    pub fn span(&self) -> Span {
        Span::new(self.at, self.at + self.text.len())
    }

    /// The text of a string or pattern without its quotes or slashes; `\x` in a string stands for `x`.
    pub fn value(&self) -> String {
        let inner =
            |close: char| self.text.get(1..self.text.rfind(close).unwrap_or(1).max(1)).unwrap_or_default();
        match self.kind {
            Kind::Pattern => inner('/').to_owned(),
            Kind::Text => {
                let mut out = String::new();
                let mut chars = inner(self.text.chars().next().unwrap_or('"')).chars();
                while let Some(c) = chars.next() {
                    out.extend(if c == '\\' { chars.next() } else { Some(c) });
                }
                out
            }
            Kind::Word | Kind::Sign => self.text.to_owned(),
        }
    }
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Malformed> {
    let bytes = text.as_bytes();
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let rest = bytes.get(at..).unwrap_or_default();
        let (kind, length) = match byte {
            0 => return Err(Malformed::at(at, "NUL byte")),
            b if b.is_ascii_whitespace() => (None, 1),
            b'/' if rest.starts_with(b"//") => {
                (None, rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()))
            }
            b'/' if rest.starts_with(b"/*") => {
                let end = rest.windows(2).skip(2).position(|pair| pair == b"*/");
                (None, end.ok_or_else(|| Malformed::at(at, "unterminated comment"))? + 4)
            }
            b'"' | b'\'' | b'`' => {
                let end = quoted(rest, byte, byte == b'`')
                    .ok_or_else(|| Malformed::at(at, "unterminated string"))?;
                (Some(Kind::Text), end)
            }
            b'/' if pattern_may_follow(out.last()) => {
                let why = || Malformed::at(at, "unterminated regular expression");
                let end = pattern(rest).ok_or_else(why)?;
                (Some(Kind::Pattern), end)
            }
            b if is_word(b) => (Some(Kind::Word), rest.iter().take_while(|b| is_word(**b)).count()),
            _ => (Some(Kind::Sign), sign(rest)),
        };
        let piece = text.get(at..at + length).ok_or_else(|| Malformed::at(at, "broken text"))?;
        out.extend(kind.map(|kind| Token { kind, text: piece, at }));
        at += length;
    }
    Ok(out)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

fn sign(rest: &[u8]) -> usize {
    let known: [&[u8]; 7] = [b"===", b"!==", b"==", b"!=", b"=>", b"&&", b"||"];
    known.iter().find(|sign| rest.starts_with(sign)).map_or(1, |sign| sign.len())
}

/// Length of a string that starts here. One in plain quotes ends with its line.
fn quoted(rest: &[u8], quote: u8, lines: bool) -> Option<usize> {
    let mut at = 1;
    loop {
        match *rest.get(at)? {
            b'\\' => at += 2,
            b'\n' if !lines => return None,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// Length of a regular expression that starts here, with its flags.
fn pattern(rest: &[u8]) -> Option<usize> {
    let (mut at, mut class) = (1, false);
    loop {
        match *rest.get(at)? {
            b'\\' => at += 1,
            b'\n' => return None,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => break,
            _ => {}
        }
        at += 1;
    }
    let flags = rest.get(at + 1..)?.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    Some(at + 1 + flags)
}

/// A slash starts a regular expression where no value stands before it to be divided.
fn pattern_may_follow(last: Option<&Token<'_>>) -> bool {
    last.is_none_or(|token| match token.kind {
        Kind::Text | Kind::Pattern => false,
        Kind::Word => matches!(token.text, "return" | "typeof" | "in" | "of" | "case" | "else"),
        Kind::Sign => !matches!(token.text, ")" | "]" | "}"),
    })
}
