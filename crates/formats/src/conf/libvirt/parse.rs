//! The parser for libvirt's `name = value` files: one pass, no recursion, the same decisions as
//! `src/util/virconf.c` at every byte.

use super::{Assignment, Item, Value};
use crate::{
    Malformed, Span, Spanned,
    conf::{Document, MAX_SIZE},
};

/// Syntax errors looked behind in one file; what follows the last one is a single malformed stretch.
const MAX_ERRORS: usize = 100;

/// Parses a file to its end, errors included.
pub(super) fn parse(bytes: &[u8]) -> Document<Item> {
    let mut out = Document::over(bytes);
    if bytes.len() > MAX_SIZE {
        out.push(bytes.len(), Item::Malformed(Malformed::at(MAX_SIZE, "file larger than 10 MiB")));
        return out;
    }
    let mut at = Cursor { bytes, at: 0 };
    let mut errors = 0;
    while at.peek().is_some() {
        if let Err(error) = at.statement(&mut out).and_then(|()| at.separator(&mut out)) {
            errors += 1;
            at.recover(errors >= MAX_ERRORS);
            out.push(at.at, Item::Malformed(error));
            at.blanks_and_line_ends();
            out.push(at.at, Item::Space);
        }
    }
    out
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&test) {
            self.at += 1;
        }
    }

    fn blanks(&mut self) {
        self.skip_while(is_blank);
    }

    fn blanks_and_line_ends(&mut self) {
        self.skip_while(|b| is_blank(b) || is_line_end(b));
    }

    fn fail<T>(&self, why: &'static str) -> Result<T, Malformed> {
        Err(Malformed::at(self.at, why))
    }

    /// Behind an error: to the next line end, or to the end of the file when enough has been seen. The error
    /// may lie lines behind the start of its statement; what was skipped on the way belongs to it.
    fn recover(&mut self, give_up: bool) {
        if give_up {
            self.at = self.bytes.len();
        }
        self.skip_while(|b| !is_line_end(b));
    }

    /// A comment or an assignment, with the white space before it.
    fn statement(&mut self, out: &mut Document<Item>) -> Result<(), Malformed> {
        self.blanks_and_line_ends();
        if self.peek().is_none() {
            // Only a file of nothing but white space gets here, and libvirt refuses that.
            return self.fail("expecting a name");
        }
        out.push(self.at, Item::Space);
        if self.peek() == Some(b'#') {
            self.skip_while(|b| !is_line_end(b));
            out.push(self.at, Item::Comment);
            return Ok(());
        }
        let start = self.at;
        if !self.peek().is_some_and(|b| b.is_ascii_alphabetic()) {
            return self.fail("expecting a name");
        }
        self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
        let key = Spanned::new(self.text(start, self.at), start..self.at);
        self.blanks();
        if self.peek() != Some(b'=') {
            return self.fail("expecting an assignment");
        }
        self.at += 1;
        self.blanks();
        let start = self.at;
        let value = self.value()?;
        let value = Spanned::new(value, start..self.at);
        self.blanks();
        if self.peek() == Some(b'#') {
            self.skip_while(|b| !is_line_end(b));
        }
        out.push(self.at, Item::Assignment(Assignment { key, value }));
        Ok(())
    }

    /// What must stand between two statements.
    fn separator(&mut self, out: &mut Document<Item>) -> Result<(), Malformed> {
        self.blanks();
        match self.peek() {
            None => {}
            Some(b';') => {
                self.at += 1;
                self.blanks_and_line_ends();
            }
            Some(byte) if is_line_end(byte) => self.blanks_and_line_ends(),
            Some(_) => return self.fail("expecting a separator"),
        }
        out.push(self.at, Item::Space);
        Ok(())
    }

    fn value(&mut self) -> Result<Value, Malformed> {
        match self.peek() {
            Some(b'[') => self.list(),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Result<Value, Malformed> {
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.string(quote).map(Value::Str),
            Some(byte) if byte.is_ascii_digit() || matches!(byte, b'-' | b'+') => {
                self.number().map(Value::Int)
            }
            _ => self.fail("expecting a value"),
        }
    }

    fn number(&mut self) -> Result<i64, Malformed> {
        let negative = self.peek() == Some(b'-');
        if matches!(self.peek(), Some(b'-' | b'+')) {
            self.at += 1;
        }
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return self.fail("unterminated number");
        }
        let mut number = 0_i64;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            number = number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        Ok(if negative { number.wrapping_neg() } else { number })
    }

    fn string(&mut self, quote: u8) -> Result<String, Malformed> {
        const TRIPLE: &[u8] = b"\"\"\"";
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // virconf.c takes three quotes for the long form only if more than three bytes follow them.
        if rest.len() > 6 && rest.starts_with(TRIPLE) {
            let start = self.at + 3;
            let inner = rest.get(3..).unwrap_or_default();
            let Some(length) = inner.windows(3).position(|window| window == TRIPLE) else {
                return self.fail("unterminated string");
            };
            self.at = start + length + 3;
            return Ok(self.text(start, start + length));
        }
        let start = self.at + 1;
        let length = rest.iter().skip(1).position(|b| *b == quote || is_line_end(*b)).map(|n| start + n);
        match length {
            Some(end) if self.bytes.get(end) == Some(&quote) => {
                self.at = end + 1;
                Ok(self.text(start, end))
            }
            _ => self.fail("unterminated string"),
        }
    }

    /// A list, nested ones included; those only matter in that they make it [`Value::Mixed`].
    fn list(&mut self) -> Result<Value, Malformed> {
        let (mut depth, mut items, mut mixed, mut after_value) = (0_usize, Vec::new(), false, false);
        loop {
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    depth -= 1;
                    after_value = true;
                    if depth == 0 {
                        return Ok(if mixed { Value::Mixed } else { Value::List(items) });
                    }
                    mixed = true;
                }
                Some(b',') if after_value => {
                    self.at += 1;
                    after_value = false;
                }
                None => return self.fail("list is not closed with ]"),
                Some(_) if after_value => return self.fail("expecting a separator in list"),
                Some(b'[') => {
                    self.at += 1;
                    depth += 1;
                }
                Some(_) => {
                    let start = self.at;
                    match self.scalar()? {
                        Value::Str(text) => items.push(Spanned::new(text, Span::new(start, self.at))),
                        _ => mixed = true,
                    }
                    after_value = true;
                }
            }
            self.blanks_and_line_ends();
        }
    }

    /// The text of a range up to its first NUL, where a C string ends.
    fn text(&self, start: usize, end: usize) -> String {
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        let length = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(bytes.get(..length).unwrap_or_default()).into_owned()
    }
}
