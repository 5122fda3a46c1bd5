//! The bounded door for XML: size, depth, counts and encoding are checked before a tree is built.
//!
//! The tree is roxmltree's. It parses without recursion and without entities here, but it reserves memory by counting
//! `<` and `=`, and compares each attribute with its siblings, so the [`scan`](self) below refuses absurd inputs first.

use roxmltree::{Document, Error, Node, ParsingOptions, TextPos};

use crate::{Malformed, Span};

mod scan;
#[cfg(test)]
mod tests;
mod xpath;

pub use xpath::xpaths_at;

/// Largest document read, in bytes. The largest real domain seen is under 40 KB; a status file under 100 KB.
pub const MAX_BYTES: usize = 4 << 20;
/// Deepest nesting of elements.
pub const MAX_DEPTH: usize = 128;
/// Most nodes (elements, texts, comments) in a document.
pub const MAX_NODES: u32 = 200_000;
/// Most attributes of one element: the duplicate check is quadratic.
pub const MAX_ATTRIBUTES: usize = 256;
/// Most namespace declarations in a document: each is copied into its descendants' scopes.
pub const MAX_NAMESPACES: usize = 256;

/// Parses one document with exactly one root.
///
/// # Errors
/// Anything over the limits of this module, not UTF-8 (or declared to be something else), with a DTD, or not
/// well-formed; the offset is in bytes.
pub fn parse(bytes: &[u8]) -> Result<Document<'_>, Malformed> {
    if bytes.len() > MAX_BYTES {
        return Err(Malformed::at(MAX_BYTES, "XML over 4 MiB"));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|e| Malformed::at(e.valid_up_to(), "XML is not valid UTF-8"))?;
    scan::check(bytes)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| malformed(bytes, &error))?;
    spans_hold(&document)?;
    Ok(document)
}

/// The parser keeps the length of an attribute's name in 16 bits and that of ` = ` in 8: over that its spans would lie, and an
/// edit would hit other bytes. Then what stands before the value is no quote.
fn spans_hold(document: &Document<'_>) -> Result<(), Malformed> {
    let bytes = document.input_text().as_bytes();
    for attribute in document.descendants().flat_map(|node| node.attributes()) {
        let value = attribute.range_value();
        let quote = value.start.checked_sub(1).and_then(|before| bytes.get(before));
        if !matches!(quote, Some(b'"' | b'\'')) || bytes.get(value.end) != quote {
            let why = "the name of an attribute, or the blanks around its `=`, are too long";
            return Err(Malformed::at(attribute.range().start, why));
        }
    }
    Ok(())
}

/// A parser error as ours: its row and column become a byte offset.
fn malformed(bytes: &[u8], error: &Error) -> Malformed {
    let offset = match error {
        // Their own position is none; what is unclosed is known at the end.
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream | Error::NoRootNode => bytes.len(),
        other => offset_of(bytes, other.pos()),
    };
    let full = error.to_string();
    // The position is said by `offset` already.
    let why = full
        .rsplit_once(" at ")
        .filter(|(_, tail)| is_position(tail))
        .map_or(full.as_str(), |(head, _)| head);
    Malformed::at(offset, why.to_owned())
}

fn is_position(tail: &str) -> bool {
    tail.split_once(':').is_some_and(|(row, col)| {
        [row, col].iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// The byte offset of a row and column, both from 1, the column in characters.
fn offset_of(bytes: &[u8], at: TextPos) -> usize {
    let mut start = 0;
    for _ in 1..at.row {
        let rest = bytes.get(start..).unwrap_or_default();
        match rest.iter().position(|b| *b == b'\n') {
            Some(newline) => start += newline + 1,
            None => return bytes.len(),
        }
    }
    let line = bytes.get(start..).unwrap_or_default();
    let text = std::str::from_utf8(line).unwrap_or_default();
    let column = (at.col as usize).saturating_sub(1);
    text.char_indices().nth(column).map_or(bytes.len(), |(within, _)| start + within)
}

/// The open tag of an element, `<` to `>`, both included.
#[must_use]
pub fn open_tag(node: Node<'_, '_>) -> Span {
    let range = node.range();
    let from = node.attributes().next_back().map_or(range.start, |a| a.range().end);
    let bytes = node.document().input_text().as_bytes();
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().take(range.end).skip(from) {
        match (quote, *byte) {
            (None, b'>') => return Span::new(range.start, at + 1),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    range.into()
}

/// The whole attribute (with the blanks before it) whose *value* stands at `value`: what to cut to remove it.
///
/// `None` when `value` isn't the span of an attribute's value.
#[must_use]
pub fn attribute_at(bytes: &[u8], value: Span) -> Option<Span> {
    let quote = *bytes.get(value.range().start.checked_sub(1)?)?;
    if !matches!(quote, b'"' | b'\'') || bytes.get(value.range().end) != Some(&quote) {
        return None;
    }
    let before = bytes.get(..value.range().start - 1)?.trim_ascii_end().strip_suffix(b"=")?.trim_ascii_end();
    let name = before.iter().rposition(u8::is_ascii_whitespace)? + 1;
    let start = before.get(..name)?.trim_ascii_end().len();
    (name < before.len()).then(|| Span::new(start, value.range().end + 1))
}
