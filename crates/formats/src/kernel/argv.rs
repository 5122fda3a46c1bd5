//! `/proc/PID/cmdline`: a process's arguments, and secrets in them masked in place.

use super::{bounded, text};
use crate::{Malformed, Span, Spanned, text::find};

/// Options (the last part of a dotted name) whose values are secrets, in QEMU's and others' arguments. QEMU's own
/// `password-secret`, `key-secret` and the like name an object, and are kept.
const SECRET_OPTIONS: [&str; 8] =
    ["password", "passwd", "passphrase", "proxy-password", "proxy-username", "cookie", "token", "secret-key"];
/// Words that switch a password on or off (`-vnc :0,password=on`), and are no secrets.
const SWITCHES: [&str; 6] = ["on", "off", "yes", "no", "true", "false"];

/// Reads a command line: arguments ended by NUL, each with its place. A process may write here what it likes.
///
/// # Errors
/// If it is over 64 MiB.
pub fn arguments(bytes: &[u8]) -> Result<Vec<Spanned<String>>, Malformed> {
    Ok(split(bounded(bytes)?)
        .map(|span| Spanned::new(text(bytes.get(span.range()).unwrap_or_default()), span))
        .collect())
}

fn split(bytes: &[u8]) -> impl Iterator<Item = Span> + use<> {
    let mut spans = Vec::new();
    let mut start = 0;
    for piece in bytes.split_inclusive(|byte| *byte == 0) {
        let length = piece.strip_suffix(&[0]).unwrap_or(piece).len();
        spans.push(Span::new(start, start + length));
        start += piece.len();
    }
    spans.into_iter()
}

/// Overwrites secrets in a command line with `*`, byte for byte, so that places stay true: values of `password=`,
/// `passwd=` and the like, `data=` of a `-object secret`, values of `-fw_cfg` and `-smbios` that carry text into the
/// guest (where credentials travel), the key of an old `rbd:` name, the password of a URL, and the same in JSON
/// arguments. Masking what is masked changes nothing.
pub fn mask_argv(bytes: &mut [u8]) {
    let spans: Vec<Span> = split(bytes).collect();
    let mut previous: Vec<u8> = Vec::new();
    for span in spans {
        let Some(argument) = bytes.get_mut(span.range()) else { continue };
        let before = argument.to_vec();
        mask_argument(&previous, argument);
        previous = before;
    }
}

fn mask_argument(previous: &[u8], argument: &mut [u8]) {
    let flag = |bytes: &[u8]| {
        let name = bytes.strip_prefix(b"--").or_else(|| bytes.strip_prefix(b"-"))?;
        std::str::from_utf8(name).ok().map(str::to_ascii_lowercase)
    };
    let context = flag(previous).unwrap_or_default();
    if SECRET_OPTIONS.contains(&context.as_str()) {
        return cover(argument);
    }
    if argument.trim_ascii_start().starts_with(b"{") {
        mask_json(argument);
    } else if context == "append" {
        // The guest kernel's own command line, word by word.
        argument.split_mut(u8::is_ascii_whitespace).for_each(|word| mask_options("", word));
    } else {
        mask_options(&context, argument);
    }
    // `file=json:{…}` (`block.c` of QEMU, `bdrv_fill_options`).
    if let Some(at) = find(argument, 0, b"json:") {
        mask_json(argument.get_mut(at..).unwrap_or_default());
    }
    mask_urls(argument);
    mask_rbd(argument);
}

/// Overwrites, unless it only switches.
fn cover(bytes: &mut [u8]) {
    if !SWITCHES.iter().any(|word| bytes.eq_ignore_ascii_case(word.as_bytes())) {
        bytes.fill(b'*');
    }
}

/// True if the value of this option, in an argument after the flag `context`, is a secret.
fn secret(context: &str, name: &[u8]) -> bool {
    let name = name.trim_ascii();
    let name = name.strip_prefix(b"--").unwrap_or(name);
    let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name).to_ascii_lowercase();
    let carries = match context {
        "object" => last == b"data",
        "fw_cfg" => last == b"string",
        "smbios" => last == b"value",
        _ => false,
    };
    carries || SECRET_OPTIONS.iter().any(|known| last == known.as_bytes())
}

/// `a=b,c=d`: a value ends at a comma that is not doubled, as in `util/keyval.c` of QEMU.
fn mask_options(context: &str, argument: &mut [u8]) {
    let mut start = 0;
    while start < argument.len() {
        let end = option_end(argument, start);
        if let Some(option) = argument.get_mut(start..end)
            && let Some(equals) = option.iter().position(|byte| *byte == b'=')
            && option.get(..equals).is_some_and(|name| secret(context, name))
            && let Some(value) = option.get_mut(equals + 1..)
        {
            cover(value);
        }
        start = end + 1;
    }
}

fn option_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        if *byte == b',' {
            if bytes.get(at + 1) != Some(&b',') {
                return at;
            }
            at += 1;
        }
        at += 1;
    }
    bytes.len()
}

/// Values of secret members anywhere in a JSON argument; `data` too, which in QEMU's objects only secrets have.
fn mask_json(argument: &mut [u8]) {
    let mut at = 0;
    let mut key: Option<Vec<u8>> = None;
    while let Some(byte) = argument.get(at).copied() {
        if byte != b'"' {
            // A value that is no string, or the next member, ends what a key stood for.
            if matches!(byte, b',' | b'{' | b'[') {
                key = None;
            }
            at += 1;
            continue;
        }
        let end = string_end(argument, at + 1);
        let next = argument.get(end + 1..).unwrap_or_default().trim_ascii_start();
        if next.starts_with(b":") {
            key = argument.get(at + 1..end).map(<[u8]>::to_vec);
        } else if let Some(name) = key.take()
            && (name == b"data" || secret("", &name))
            && let Some(value) = argument.get_mut(at + 1..end)
        {
            cover(value);
        }
        at = end + 1;
    }
}

/// The quote that ends a string, or the end.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// `scheme://user:password@host`.
fn mask_urls(argument: &mut [u8]) {
    let mut from = 0;
    while let Some(at) = find(argument, from, b"://") {
        let start = at + 3;
        let rest = argument.get(start..).unwrap_or_default();
        let authority = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b',' | b'"' | b' '));
        let end = start + authority.unwrap_or(rest.len());
        let user = argument.get(start..end).unwrap_or_default();
        if let (Some(colon), Some(host)) =
            (user.iter().position(|byte| *byte == b':'), user.iter().rposition(|byte| *byte == b'@'))
            && let Some(password) = argument.get_mut(start + colon + 1..(start + host).max(start + colon + 1))
        {
            password.fill(b'*');
        }
        from = start;
    }
}

/// `rbd:pool/image:id=user:key=SECRET:…`; a colon in a value is written `\:`.
fn mask_rbd(argument: &mut [u8]) {
    if find(argument, 0, b"rbd:").is_none() {
        return;
    }
    let mut from = 0;
    while let Some(at) = find(argument, from, b":key=") {
        let start = at + 5;
        let mut end = start;
        while let Some(byte) = argument.get(end) {
            match byte {
                b':' | b',' | b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        let end = end.min(argument.len());
        if let Some(key) = argument.get_mut(start..end) {
            key.fill(b'*');
        }
        from = start;
    }
}
