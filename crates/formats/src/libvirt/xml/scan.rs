//! One pass over the bytes before the parser sees them: markup is counted, DTDs and foreign encodings are refused.

use super::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_NAMESPACES, MAX_NODES};
use crate::Malformed;

/// Refuses what would cost the parser too much. It needn't be exact about what is well-formed: the parser is.
pub(super) fn check(bytes: &[u8]) -> Result<(), Malformed> {
    let equals = memchr::memchr_iter(b'=', bytes).count();
    if equals > MAX_NODES as usize {
        return Err(Malformed::at(0, "more than 200000 `=` in the XML"));
    }
    // In a text or a value the word declares nothing, but no real document says it that often.
    if let Some(one_more) = memchr::memmem::find_iter(bytes, b"xmlns").nth(MAX_NAMESPACES) {
        return Err(Malformed::at(one_more, "more than 256 namespace declarations"));
    }
    let (mut at, mut depth, mut tags) = (0, 0_usize, 0_u32);
    while let Some(found) = find(bytes, at, b"<") {
        let rest = bytes.get(found..).unwrap_or_default();
        tags += 1;
        if tags > MAX_NODES {
            return Err(Malformed::at(found, "more than 200000 nodes in the XML"));
        }
        at = if rest.starts_with(b"<!--") {
            after(bytes, found + 4, b"-->", "comment is not closed")?
        } else if rest.starts_with(b"<![CDATA[") {
            after(bytes, found, b"]]>", "CDATA is not closed")?
        } else if rest.starts_with(b"<!") {
            return Err(Malformed::at(found, "a DTD or declaration is refused"));
        } else if rest.starts_with(b"<?") {
            let end = after(bytes, found, b"?>", "processing instruction is not closed")?;
            check_encoding(bytes.get(found..end).unwrap_or_default(), found)?;
            end
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            after(bytes, found, b">", "tag is not closed")?
        } else {
            let tag = Tag::scan(bytes, found)?;
            depth += usize::from(!tag.empty);
            if depth > MAX_DEPTH {
                return Err(Malformed::at(found, "elements nest deeper than 128"));
            }
            tag.end
        };
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
            check_name(rest.get(..found).unwrap_or_default(), last)?;
            let value = at + 1;
            last = after(bytes, value, &[quote], "attribute value is not closed")?;
            attributes += 1;
            if attributes > MAX_ATTRIBUTES {
                return Err(Malformed::at(value, "more than 256 attributes on one element"));
            }
        }
    }
}

/// What stands before a value. The parser keeps the name's length in 16 bits and that of ` = ` in 8: over that its spans
/// would lie.
fn check_name(before: &[u8], start: usize) -> Result<(), Malformed> {
    // All but a hostile one are shorter than either limit.
    if before.len() <= 100 {
        return Ok(());
    }
    let gap = before.iter().rev().take_while(|b| b.is_ascii_whitespace() || **b == b'=').count();
    if before.len() > 4096 || gap > 100 {
        return Err(Malformed::at(
            start,
            "attribute name and blanks over 4096 bytes, or over 100 around its `=`",
        ));
    }
    Ok(())
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

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let found = match what {
        [byte] => memchr::memchr(*byte, rest),
        _ => memchr::memmem::find(rest, what),
    };
    found.map(|at| from + at)
}
