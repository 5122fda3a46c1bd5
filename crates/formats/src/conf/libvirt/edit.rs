//! Edits of libvirt's files as byte splices that touch nothing else.

use super::{Assignment, File, Item, Value};
use crate::{Malformed, Span, Splice};

impl File {
    /// The splices after which `key` has `value`: the value of the deciding assignment in place; else the
    /// commented `#key = …` (written without a blank, as libvirt ships its defaults; a list over several
    /// commented lines with all of them); else a new last line. None if the key has that value already.
    ///
    /// # Errors
    /// A file that libvirt refuses, since nothing can be promised about it; a key or value that the grammar
    /// can't express (there are no escapes). The offset is that of the syntax error, or 0.
    pub fn set(&self, key: &str, value: &Value) -> Result<Vec<Splice>, Malformed> {
        if let Some(error) = self.refused() {
            return Err(error.clone());
        }
        let text = render(value)?;
        if !is_name(key.as_bytes()) {
            return Err(Malformed::at(0, "not a key name"));
        }
        if let Some(assignment) = self.get(key) {
            let there = assignment.value.span;
            let same = same(&assignment.value.value, value);
            return Ok(if same { Vec::new() } else { vec![Splice::new(there, text)] });
        }
        let line = format!("{key} = {text}");
        if let Some(span) = self.commented(key) {
            return Ok(vec![Splice::new(span, line)]);
        }
        let bytes = self.document.bytes();
        let newline = self.document.newline();
        let before = if bytes.last().is_none_or(|b| matches!(b, b'\n' | b'\r')) { "" } else { newline };
        Ok(vec![Splice::new(bytes.len()..bytes.len(), format!("{before}{line}{newline}"))])
    }

    /// The splices after which `key` is not set: every assignment of it is commented out, since a later one
    /// would decide otherwise; one that shares its line with another statement is taken out.
    #[must_use]
    pub fn unset(&self, key: &str) -> Vec<Splice> {
        self.assignments().filter(|a| a.key.value == key).flat_map(|a| self.comment_out(a)).collect()
    }

    fn comment_out(&self, assignment: &Assignment) -> Vec<Splice> {
        let bytes = self.document.bytes();
        let span = assignment.span().range();
        let before = bytes.get(..span.start).unwrap_or_default();
        let after = bytes.get(span.end..).unwrap_or_default();
        let blank = |b: &&u8| !matches!(b, b' ' | b'\t');
        let line_end = |b: Option<&u8>| b.is_none_or(|b| matches!(b, b'\n' | b'\r'));
        let starts_line = line_end(before.iter().rev().find(blank));
        let next = after.iter().position(|b| blank(&b));
        let alone = match next.and_then(|at| after.get(at)) {
            // Behind a `;` there may be another statement.
            Some(b';') => line_end(after.iter().skip(next.unwrap_or(0) + 1).find(blank)),
            other => line_end(other) || other == Some(&b'#'),
        };
        if starts_line && alone {
            return self.hashes(span.start, span.end);
        }
        let semicolon = next.filter(|at| after.get(*at) == Some(&b';')).map_or(0, |at| at + 1);
        vec![Splice::new(span.start..span.end + semicolon, "")]
    }

    /// A `#` before every line of a range.
    fn hashes(&self, start: usize, end: usize) -> Vec<Splice> {
        let bytes = self.document.bytes();
        let starts = (start + 1..end).filter(|at| {
            let last = bytes.get(at - 1).copied();
            last == Some(b'\n') || (last == Some(b'\r') && bytes.get(*at) != Some(&b'\n'))
        });
        std::iter::once(start).chain(starts).map(|at| Splice::new(at..at, "#")).collect()
    }

    /// The commented assignment of `key`: one line, or several if it is a list that goes on over them.
    fn commented(&self, key: &str) -> Option<Span> {
        let mut pieces = self.document.pieces().skip_while(|(span, item)| {
            !matches!(item, Item::Comment) || commented_value(self.document.slice(*span), key).is_none()
        });
        let (first, _) = pieces.next()?;
        let value = commented_value(self.document.slice(first), key)?;
        if !value.starts_with(b"[") || value.contains(&b']') {
            return Some(first);
        }
        // An unclosed list: its other lines, as long as they are comments, up to the one that closes it.
        for (span, item) in pieces {
            match item {
                Item::Space => {}
                Item::Comment => {
                    let body = self.document.slice(span).get(1..).unwrap_or_default().trim_ascii();
                    if body.contains(&b']') {
                        return Some(Span { start: first.start, end: span.end });
                    }
                    if !matches!(body.first(), Some(b'"' | b'\'') | None) {
                        return Some(first);
                    }
                }
                Item::Assignment(_) | Item::Malformed(_) => return Some(first),
            }
        }
        Some(first)
    }
}

/// What follows `#key =` in a comment.
fn commented_value<'a>(comment: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let rest = comment.strip_prefix(b"#")?.strip_prefix(key.as_bytes())?;
    Some(rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start())
}

fn is_name(key: &[u8]) -> bool {
    key.first().is_some_and(u8::is_ascii_alphabetic)
        && key.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Equal apart from where list elements stand.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.iter().map(|item| &item.value).eq(b.iter().map(|item| &item.value))
        }
        (Value::Mixed, _) | (_, Value::Mixed) => false,
        _ => a == b,
    }
}

fn render(value: &Value) -> Result<String, Malformed> {
    match value {
        Value::Int(number) => Ok(number.to_string()),
        Value::Str(text) => quote(text),
        Value::List(items) if items.is_empty() => Ok("[]".to_owned()),
        Value::List(items) => {
            let quoted: Result<Vec<_>, _> = items.iter().map(|item| quote(&item.value)).collect();
            Ok(format!("[ {} ]", quoted?.join(", ")))
        }
        Value::Mixed => Err(Malformed::at(0, "a list of anything but strings is of no use to libvirt")),
    }
}

fn quote(text: &str) -> Result<String, Malformed> {
    let long = text.contains(['\n', '\r']);
    if text.contains('\0') {
        Err(Malformed::at(0, "a NUL can't be written in libvirt's format"))
    } else if !long && !text.contains('"') {
        Ok(format!("\"{text}\""))
    } else if !long && !text.contains('\'') {
        Ok(format!("'{text}'"))
    } else if text.contains("\"\"\"") || text.ends_with('"') {
        Err(Malformed::at(0, "these quotes can't be written in libvirt's format"))
    } else {
        Ok(format!("\"\"\"{text}\"\"\""))
    }
}
