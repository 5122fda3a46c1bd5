//! Masks secrets in libvirt's XML, in place and at the same length, before anything stores or prints it.
//!
//! It scans bytes, not a tree, so that a truncated or malformed document loses its secrets too. Where it can't tell
//! (a document with NUL bytes, an argument written in character references) it masks everything in doubt.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::packed::Searcher;

use crate::text::find;

#[cfg(test)]
mod tests;

/// Elements whose whole text is a secret: SEV's session blob, a libvirt secret's value, an HTTP cookie.
const SECRET_ELEMENTS: [&[u8]; 3] = [b"session", b"value", b"cookie"];
/// Attributes that are a password wherever they stand (VNC, SPICE, RDP).
const SECRET_ATTRIBUTES: [&[u8]; 2] = [b"passwd", b"password"];
/// Without any of these there is nothing to mask: the names above, as elements or attributes begin with them, and
/// QEMU's own arguments and environment.
const TELLTALES: [&str; 12] = [
    "session", "<value", ":value", "cookie", "passw", "<arg", ":arg", "<env", ":env", "<entry", ":entry",
    "property",
];

/// True where any of [`TELLTALES`] is there, and where nobody can tell.
fn telltale(bytes: &[u8]) -> bool {
    static SEARCH: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(TELLTALES));
    SEARCH.as_ref().is_none_or(|search| search.find(bytes).is_some())
}

/// Words in the name of an environment variable that make its value a secret.
const SECRET_NAMES: [&[u8]; 4] = [b"pass", b"secret", b"token", b"key"];

/// Overwrites secret values with `x`; the length and every other byte stay.
///
/// Masked are `passwd` and `password` attributes, the text of `<session>`, `<value>` and `<cookie>` and of what `<sysinfo>`
/// hands to the guest, and in `qemu:arg`, `qemu:env` and `qemu:property` the values of `password=` and its kin, of
/// `-object secret`, `-fw_cfg` and `-smbios`, in QEMU's own syntax and in JSON, and the password of a URL; an environment
/// variable or property named like a secret loses its whole value.
pub fn mask(bytes: &mut [u8]) {
    if bytes.contains(&0) {
        bytes.fill(b'x');
        return;
    }
    if !telltale(bytes) {
        return;
    }
    let mut secrets = Vec::new();
    let mut at = 0;
    while let Some(open) = find(bytes, at, b"<") {
        at = tag(bytes, open, &mut secrets);
    }
    // Attributes are also looked for outside tags: a broken document may have lost its `<`.
    for name in SECRET_ATTRIBUTES {
        let mut at = 0;
        while let Some(found) = find(bytes, at, name) {
            at = found + name.len();
            let before = found.checked_sub(1).and_then(|n| bytes.get(n));
            if before.is_none_or(|b| b.is_ascii_whitespace() || *b == b':')
                && let Some(value) = value_after(bytes, at)
            {
                at = value.end;
                secrets.push(value);
            }
        }
    }
    for range in secrets {
        let secret = bytes.get_mut(range).unwrap_or_default();
        secret.iter_mut().filter(|b| !b.is_ascii_whitespace()).for_each(|b| *b = b'x');
    }
}

/// Secrets of the tag that opens at `open`: its text, or its `value`. Returns where to go on.
fn tag(bytes: &[u8], open: usize, secrets: &mut Vec<Range<usize>>) -> usize {
    let name_end = end_of_name(bytes, open + 1);
    let full = bytes.get(open + 1..name_end).unwrap_or_default();
    let local = full.rsplit(|b| *b == b':').next().unwrap_or_default();
    let end = end_of_tag(bytes, name_end);
    let attribute = |wanted: &[u8]| attribute_value(bytes, name_end..end, wanted);
    // `<sysinfo>`: what libvirt hands to the guest by fw_cfg (`opt/…`) or as SMBIOS OEM strings, where credentials travel.
    let handed =
        || attribute(b"name").and_then(|name| bytes.get(name)).is_none_or(|name| name.contains(&b'/'));
    if SECRET_ELEMENTS.contains(&local) || (local == b"entry" && handed()) {
        if bytes.get(end.wrapping_sub(2)) == Some(&b'/') {
            return end;
        }
        let close = find_close(bytes, end, full);
        secrets.push(end..close);
        return close.max(open + 1);
    }
    if local == b"arg" || local == b"env" || local == b"property" {
        let Some(value) = attribute(b"value") else { return end };
        let name = attribute(b"name").and_then(|r| bytes.get(r)).unwrap_or_default().to_ascii_lowercase();
        if SECRET_NAMES.iter().any(|word| find(&name, 0, word).is_some()) || name.contains(&b'&') {
            secrets.push(value);
        } else {
            argument(bytes, value, secrets);
        }
    }
    end
}

/// Secrets inside a QEMU argument: `password=…,`, `data=…,` and their JSON forms.
fn argument(bytes: &[u8], value: Range<usize>, secrets: &mut Vec<Range<usize>>) {
    let text = bytes.get(value.clone()).unwrap_or_default().to_ascii_lowercase();
    // A character reference can spell any keyword.
    if find(&text, 0, b"&#").is_some() {
        secrets.push(value);
        return;
    }
    let mut keys: Vec<&[u8]> =
        vec![b"password", b"passwd", b"passphrase", b"cookie", b"token", b"secret-key", b":key"];
    // `-object secret`, `-fw_cfg name=…`, `-smbios type=…`.
    for (key, beside) in
        [(b"data".as_slice(), b"secret".as_slice()), (b"string", b"name="), (b"value", b"type=")]
    {
        if find(&text, 0, beside).is_some() {
            keys.push(key);
        }
    }
    url(&text, value.start, secrets);
    for key in keys {
        let mut at = 0;
        while let Some(found) = find(&text, at, key) {
            at = found + key.len();
            if let Some(secret) = keyed(&text, at) {
                at = secret.end;
                secrets.push(value.start + secret.start..value.start + secret.end);
            }
        }
    }
}

/// The password of `scheme://user:password@host`.
fn url(text: &[u8], offset: usize, secrets: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(found) = find(text, at, b"://") {
        at = found + 3;
        let rest = text.get(at..).unwrap_or_default();
        let stop =
            rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#' | b',' | b'"' | b'\'' | b' ' | b'&'));
        let authority = rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default();
        let (colon, host) =
            (authority.iter().position(|b| *b == b':'), authority.iter().rposition(|b| *b == b'@'));
        if let (Some(colon), Some(host)) = (colon, host)
            && colon < host
        {
            secrets.push(offset + at + colon + 1..offset + at + host);
        }
    }
}

/// The value of a key that ends at `at`: after `=` up to a single comma, or a JSON string.
fn keyed(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    if rest.first() == Some(&b'=') {
        let start = at + 1;
        let mut end = start;
        // QEMU doubles a comma that belongs to the value.
        while let Some(byte) = text.get(end) {
            match (byte, text.get(end + 1)) {
                (b',', Some(b',')) => end += 2,
                (b',', _) => break,
                _ => end += 1,
            }
        }
        let said = text.get(start..end)?;
        return (!matches!(said, b"on" | b"off" | b"yes" | b"no")).then_some(start..end);
    }
    let quote = [b"&quot;".as_slice(), b"\"", b"&apos;", b"'"].into_iter().find(|q| rest.starts_with(q))?;
    let colon = skip_blanks(text, at + quote.len());
    let value = skip_blanks(text, colon + 1);
    if text.get(colon) != Some(&b':') || !text.get(value..)?.starts_with(quote) {
        return None;
    }
    let start = value + quote.len();
    let mut end = start;
    while let Some(found) = find(text, end, quote) {
        end = found;
        if text.get(found.wrapping_sub(1)) != Some(&b'\\') {
            return Some(start..found);
        }
        end += quote.len();
    }
    Some(start..text.len())
}

/// The value after an attribute's name that ends at `at`; to the end of the document if the quote never closes.
fn value_after(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let equals = skip_blanks(bytes, at);
    if bytes.get(equals) != Some(&b'=') {
        return None;
    }
    let start = skip_blanks(bytes, equals + 1);
    match bytes.get(start)? {
        quote @ (b'"' | b'\'') => Some(start + 1..find(bytes, start + 1, &[*quote]).unwrap_or(bytes.len())),
        _ => {
            let rest = bytes.get(start..)?;
            let stop = rest
                .iter()
                .position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b',' | b'<' | b'"' | b'\''));
            Some(start..stop.map_or(bytes.len(), |n| start + n))
        }
    }
}

/// The value of an attribute inside one tag; to the tag's end if its quote never closes.
fn attribute_value(bytes: &[u8], within: Range<usize>, wanted: &[u8]) -> Option<Range<usize>> {
    let tag = bytes.get(within.clone())?;
    let mut at = 0;
    while let Some(found) = find(tag, at, wanted) {
        at = found + wanted.len();
        if tag.get(found.wrapping_sub(1)).is_some_and(u8::is_ascii_whitespace)
            && let Some(value) = value_after(tag, at)
        {
            return Some(within.start + value.start..within.start + value.end);
        }
    }
    None
}

/// Where the tag ends: past its `>`, or before a `<`, which can't stand inside a tag, not even quoted.
fn end_of_tag(bytes: &[u8], from: usize) -> usize {
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match (quote, *byte) {
            (_, b'<') => return at,
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    bytes.len()
}

/// Where the element's close tag begins, or the end.
fn find_close(bytes: &[u8], from: usize, name: &[u8]) -> usize {
    let mut at = from;
    while let Some(found) = find(bytes, at, b"</") {
        if bytes.get(found + 2..).unwrap_or_default().starts_with(name) {
            return found;
        }
        at = found + 2;
    }
    bytes.len()
}

fn end_of_name(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|b| !is_name(*b)).unwrap_or(rest.len())
}

fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len())
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.') || byte >= 0x80
}
