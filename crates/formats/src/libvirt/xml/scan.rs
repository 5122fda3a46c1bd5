//! What is looked at before the parser sees the bytes: markup is counted, DTDs and foreign encodings are refused.

use super::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_NAMESPACES, MAX_NODES};
use crate::{Malformed, text::find};

/// Refuses what would cost the parser too much. It needn't be exact about what is well-formed: the parser is.
pub(super) fn check(bytes: &[u8]) -> Result<(), Malformed> {
    let equals = memchr::memchr_iter(b'=', bytes).count();
    if equals > MAX_NODES as usize {
        return Err(Malformed::at(0, "more than 200000 `=` in the XML"));
    }
    let tags = memchr::memchr_iter(b'<', bytes).count();
    if tags > MAX_NODES as usize {
        return Err(Malformed::at(0, "more than 200000 nodes in the XML"));
    }
    // In a text or a value the word declares nothing, but no real document says it that often.
    if let Some(one_more) = memchr::memmem::find_iter(bytes, b"xmlns").nth(MAX_NAMESPACES) {
        return Err(Malformed::at(one_more, "more than 256 namespace declarations"));
    }
    declarations(bytes)?;
    // So few tags can't nest too deep, for each that nests is closed by another; nor so few `=` be too many attributes.
    if tags > 2 * MAX_DEPTH || equals > MAX_ATTRIBUTES { nesting(bytes) } else { Ok(()) }
}

/// Refuses DTDs, and encodings that are not ours.
fn declarations(bytes: &[u8]) -> Result<(), Malformed> {
    let mut at = 0;
    while let Some(mark) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'!', b'?', rest)) {
        let found = (at + mark).saturating_sub(1);
        at = match special(bytes, found)? {
            Some(end) => end,
            None => at + mark + 1,
        };
    }
    Ok(())
}

/// Where a comment, CDATA or processing instruction that begins here ends; `None` for anything else.
fn special(bytes: &[u8], start: usize) -> Result<Option<usize>, Malformed> {
    let rest = bytes.get(start..).unwrap_or_default();
    if rest.starts_with(b"<!--") {
        after(bytes, start + 4, b"-->", "comment is not closed").map(Some)
    } else if rest.starts_with(b"<![CDATA[") {
        after(bytes, start, b"]]>", "CDATA is not closed").map(Some)
    } else if rest.starts_with(b"<!") {
        Err(Malformed::at(start, "a DTD or declaration is refused"))
    } else if rest.starts_with(b"<?") {
        let end = after(bytes, start, b"?>", "processing instruction is not closed")?;
        check_encoding(bytes.get(start..end).unwrap_or_default(), start)?;
        Ok(Some(end))
    } else {
        Ok(None)
    }
}

/// Counts the attributes of each element, and how deep elements nest.
fn nesting(bytes: &[u8]) -> Result<(), Malformed> {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(found) = find(bytes, at, b"<") {
        if let Some(end) = special(bytes, found)? {
            at = end;
        } else if bytes.get(found + 1) == Some(&b'/') {
            depth = depth.saturating_sub(1);
            at = after(bytes, found, b">", "tag is not closed")?;
        } else {
            let tag = Tag::scan(bytes, found)?;
            depth += usize::from(!tag.empty);
            if depth > MAX_DEPTH {
                return Err(Malformed::at(found, "elements nest deeper than 128"));
            }
            at = tag.end;
        }
    }
    Ok(())
}

/// What matters of one open tag.
struct Tag {
    end: usize,
    empty: bool,
}

impl Tag {
    fn scan(bytes: &[u8], start: usize) -> Result<Self, Malformed> {
        let (mut attributes, mut last) = (0, start + 1);
        // Between two values there are few bytes; a value is skipped whole.
        loop {
            let rest = bytes.get(last..).unwrap_or_default();
            let Some(found) = rest.iter().position(|byte| matches!(byte, b'>' | b'"' | b'\'' | b'<')) else {
                return Err(Malformed::at(start, "tag is not closed"));
            };
            let at = last + found;
            let quote = match rest.get(found) {
                Some(b'>') => {
                    let empty = bytes.get(at - 1) == Some(&b'/');
                    return Ok(Self { end: at + 1, empty });
                }
                Some(b'<') => return Err(Malformed::at(at, "`<` inside a tag")),
                quote => quote.copied().unwrap_or_default(),
            };
            let value = at + 1;
            last = after(bytes, value, &[quote], "attribute value is not closed")?;
            attributes += 1;
            if attributes > MAX_ATTRIBUTES {
                return Err(Malformed::at(value, "more than 256 attributes on one element"));
            }
        }
    }
}

/// libvirt's parser would decode a declared encoding; we read UTF-8 only, so another would show us another document.
fn check_encoding(declaration: &[u8], start: usize) -> Result<(), Malformed> {
    if !declaration.starts_with(b"<?xml") {
        return Ok(());
    }
    let Some(key) = find(declaration, 0, b"encoding") else { return Ok(()) };
    let value = declaration.get(key + 8..).unwrap_or_default().trim_ascii_start();
    let value = value.strip_prefix(b"=").unwrap_or_default().trim_ascii_start();
    let name =
        value.get(1..).unwrap_or_default().split(|b| matches!(b, b'"' | b'\'')).next().unwrap_or_default();
    let known: [&[u8]; 3] = [b"utf-8", b"us-ascii", b"ascii"];
    if known.iter().any(|k| name.eq_ignore_ascii_case(k)) {
        return Ok(());
    }
    Err(Malformed::at(start + key, "XML declares an encoding other than UTF-8"))
}

fn after(bytes: &[u8], from: usize, end: &[u8], why: &'static str) -> Result<usize, Malformed> {
    find(bytes, from, end).map(|at| at + end.len()).ok_or_else(|| Malformed::at(from, why))
}
