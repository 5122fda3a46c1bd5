//! The JSON area of a LUKS2 header, read flat: every scalar with its path and its place.
//!
//! It works with a stack of its own, so depth costs no machine stack, and keeps byte ranges, which masking needs.

use crate::{Malformed, Span, Spanned};

/// Deepest nesting. LUKS2's own objects are four deep.
const MAX_DEPTH: usize = 16;
/// Most scalars. 32 key slots have about 600.
const MAX_SCALARS: usize = 8192;
/// Longest key in bytes: every scalar keeps the keys that lead to it.
const MAX_KEY: usize = 64;

/// A scalar: where it is, in the text between its quotes if it is a text.
struct Scalar<'a> {
    path: String,
    raw: &'a [u8],
    span: Span,
    text: bool,
}

/// All scalars of a JSON object.
pub(super) struct Document<'a> {
    scalars: Vec<Scalar<'a>>,
    /// One past the last byte of the object, from the start of the area.
    pub end: usize,
}

/// What surrounds the value that is read next.
enum Frame {
    /// An object: the length of the path outside it.
    Object(usize),
    /// An array: the same, for its elements share its path.
    Array(usize),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    base: usize,
}

/// Reads the object at the start of `area`, which ends at its closing brace; a NUL or the end of the area must follow.
/// Places count from `base`.
pub(super) fn read(area: &[u8], base: usize) -> Result<Document<'_>, Malformed> {
    let mut reader = Reader { bytes: area, at: 0, base };
    let mut document = Document { scalars: Vec::new(), end: 0 };
    let (mut stack, mut path) = (Vec::new(), String::new());
    if reader.peek() != Some(b'{') {
        return Err(reader.error("the JSON area does not start with an object"));
    }
    loop {
        // A value is expected here.
        let opened = match reader.peek() {
            Some(open @ (b'{' | b'[')) => {
                if stack.len() == MAX_DEPTH {
                    return Err(reader.error("JSON is nested too deep"));
                }
                reader.at += 1;
                stack.push(if open == b'{' { Frame::Object(path.len()) } else { Frame::Array(path.len()) });
                true
            }
            _ if document.scalars.len() == MAX_SCALARS => return Err(reader.error("too much JSON")),
            _ => {
                let scalar = reader.scalar(&path)?;
                document.scalars.push(scalar);
                false
            }
        };
        if !reader.next_value(&mut stack, &mut path, opened)? {
            break;
        }
    }
    document.end = reader.at;
    match area.get(reader.at) {
        None | Some(0) => Ok(document),
        Some(_) => Err(reader.error("something follows the JSON object")),
    }
}

impl<'a> Reader<'a> {
    fn error(&self, why: &'static str) -> Malformed {
        Malformed::at(self.base + self.at, why)
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Goes from a value to the next: closes what ends, reads a comma and a key. False at the end of the object.
    fn next_value(
        &mut self,
        stack: &mut Vec<Frame>,
        path: &mut String,
        opened: bool,
    ) -> Result<bool, Malformed> {
        let mut first = opened;
        loop {
            let (outside, close) = match stack.last() {
                None => return Ok(false),
                Some(Frame::Object(outside)) => (*outside, b'}'),
                Some(Frame::Array(outside)) => (*outside, b']'),
            };
            path.truncate(outside);
            match self.peek() {
                Some(byte) if byte == close => {
                    self.at += 1;
                    stack.pop();
                    first = false;
                    continue;
                }
                Some(b',') if !first => self.at += 1,
                Some(_) if first => {}
                _ => return Err(self.error("JSON is broken here")),
            }
            if close == b'}' {
                self.key(path)?;
            }
            return Ok(true);
        }
    }

    fn key(&mut self, path: &mut String) -> Result<(), Malformed> {
        if self.peek() != Some(b'"') {
            return Err(self.error("a JSON key is missing"));
        }
        let place = self.string()?;
        if place.len() > MAX_KEY {
            return Err(Malformed::at(self.base + place.start, "a JSON key is too long"));
        }
        // A key with an escape or a slash stays as it is written: it then matches no path that is looked up.
        let key = String::from_utf8_lossy(self.bytes.get(place).unwrap_or_default()).replace('/', "\\");
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&key);
        if self.peek() != Some(b':') {
            return Err(self.error("a colon is missing"));
        }
        self.at += 1;
        Ok(())
    }

    /// A string at its opening quote: the range between the quotes.
    fn string(&mut self) -> Result<std::ops::Range<usize>, Malformed> {
        let start = self.at + 1;
        self.at = start;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(byte) if *byte >= b' ' => self.at += 1,
                _ => return Err(self.error("a JSON text has no end")),
            }
        }
        let place = start..self.at;
        self.at += 1;
        match std::str::from_utf8(self.bytes.get(place.clone()).unwrap_or_default()) {
            Ok(_) => Ok(place),
            Err(error) => Err(Malformed::at(self.base + start + error.valid_up_to(), "not UTF-8")),
        }
    }

    fn scalar(&mut self, path: &str) -> Result<Scalar<'a>, Malformed> {
        let text = self.peek() == Some(b'"');
        let place = if text {
            self.string()?
        } else {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let fits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
            let len = rest.iter().position(|b| !fits(b)).unwrap_or(rest.len());
            let place = self.at..self.at + len;
            self.at += len;
            place
        };
        let raw = self.bytes.get(place.clone()).unwrap_or_default();
        let quoted =
            self.bytes.get(place.start.saturating_sub(1)..place.end + 1).filter(|_| text).unwrap_or(raw);
        if serde_json::from_slice::<serde_json::Value>(quoted).is_err() {
            return Err(Malformed::at(self.base + place.start, "no JSON value"));
        }
        let span = Span::new(self.base + place.start, self.base + place.end);
        Ok(Scalar { path: path.to_owned(), raw, span, text })
    }
}

impl Document<'_> {
    fn scalar(&self, path: &str) -> Option<&Scalar<'_>> {
        // Of doubled keys the last counts, as in json-c.
        self.scalars.iter().rev().find(|scalar| scalar.path == path)
    }

    /// The text at `path`, keys joined by `/`.
    pub fn text(&self, path: &str) -> Option<Spanned<String>> {
        let scalar = self.scalar(path).filter(|scalar| scalar.text)?;
        Some(Spanned::new(decode(scalar.raw), scalar.span))
    }

    /// The number at `path`: LUKS2 writes 64-bit ones as texts.
    pub fn number(&self, path: &str) -> Result<Spanned<u64>, Malformed> {
        let Some(scalar) = self.scalar(path) else {
            return Err(Malformed::at(0, format!("{path} is missing from the JSON area")));
        };
        match std::str::from_utf8(scalar.raw).ok().and_then(|text| text.parse().ok()) {
            Some(number) => Ok(Spanned::new(number, scalar.span)),
            None => Err(Malformed::at(scalar.span.start as usize, "not a number")),
        }
    }

    /// The texts of the array at `path`.
    pub fn list(&self, path: &str) -> Vec<String> {
        self.scalars.iter().filter(|s| s.path == path && s.text).map(|s| decode(s.raw)).collect()
    }

    /// All texts: path, and place between the quotes.
    pub fn texts(&self) -> impl Iterator<Item = (&str, Span)> {
        self.scalars.iter().filter(|scalar| scalar.text).map(|scalar| (scalar.path.as_str(), scalar.span))
    }
}

/// A checked text without its escapes.
fn decode(raw: &[u8]) -> String {
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned())
}
