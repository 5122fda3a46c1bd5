//! `/etc/passwd`: users, passwd(5).

use crate::{
    Malformed, Span, Spanned,
    conf::{MAX_SIZE, Part, physical_line},
};

/// One user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: Spanned<String>,
    /// `x` where the hash is in /etc/shadow; empty for no password at all; else the hash itself, as its place
    /// only, since it is a secret.
    pub password: Spanned<Password>,
    /// User id.
    pub uid: Spanned<u32>,
    /// Primary group id.
    pub gid: Spanned<u32>,
    /// Home directory.
    pub home: Spanned<String>,
    /// Login shell; empty means /bin/sh.
    pub shell: Spanned<String>,
    /// The whole line.
    pub span: Span,
}

/// What stands in a password field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Password {
    /// Nothing: no password is asked for.
    Empty,
    /// `x`: in /etc/shadow or /etc/gshadow.
    Shadowed,
    /// `*` or `!…`: none can match.
    Locked,
    /// A hash.
    Hash,
}

/// A parsed file: what was understood and what was not, each in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// Lines that are not entries; the C library skips them.
    pub malformed: Vec<Malformed>,
}

/// Parses any bytes. Blank lines and lines of nsswitch `compat` mode (`+…`, `-…`) are malformed ones too,
/// but for empty ones and comments, which are skipped.
#[must_use]
pub fn parse(bytes: &[u8]) -> Table<User> {
    table(bytes, |line, fields| {
        let [name, password, uid, gid, _, home, shell] = fields else { return Err("not seven fields") };
        let (Some(uid), Some(gid)) = (id(*uid), id(*gid)) else { return Err("an id that is not a number") };
        Ok(User {
            name: name.text(),
            password: password_of(*password),
            uid,
            gid,
            home: home.text(),
            shell: shell.text(),
            span: line.span(),
        })
    })
}

/// The lines of a colon-separated table, each with its fields.
pub(super) fn table<T>(
    bytes: &[u8],
    entry: impl Fn(Part<'_>, &[Part<'_>]) -> Result<T, &'static str>,
) -> Table<T> {
    let mut out = Table { entries: Vec::new(), malformed: Vec::new() };
    if bytes.len() > MAX_SIZE {
        out.malformed.push(Malformed::at(MAX_SIZE, "file larger than 10 MiB"));
        return out;
    }
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = physical_line(rest);
        let line = Part { bytes: rest.get(..length).unwrap_or_default(), at }.trim();
        at += length;
        if line.bytes.is_empty() || line.first() == Some(b'#') {
            continue;
        }
        let fields = split(line, b':');
        let named = fields.first().is_some_and(|name| !name.bytes.is_empty());
        match if named { entry(line, &fields) } else { Err("no name") } {
            Ok(value) => out.entries.push(value),
            Err(why) => out.malformed.push(Malformed::at(line.at, why)),
        }
    }
    out
}

/// The parts between separators, empty ones included.
pub(super) fn split<'a>(part: Part<'a>, separator: u8) -> Vec<Part<'a>> {
    let (mut out, mut rest) = (Vec::new(), part);
    while let Some((head, tail)) = rest.cut(&[separator]) {
        out.push(head);
        rest = tail;
    }
    out.push(rest);
    out
}

/// A decimal id.
pub(super) fn id(part: Part<'_>) -> Option<Spanned<u32>> {
    let digits = part.bytes.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(part.bytes).ok().filter(|_| digits)?.parse().ok()?;
    Some(Spanned::new(number, part.span()))
}

/// The state of a password field.
pub(super) fn password_of(part: Part<'_>) -> Spanned<Password> {
    let state = match part.bytes {
        b"" => Password::Empty,
        b"x" => Password::Shadowed,
        [b'*' | b'!', ..] => Password::Locked,
        _ => Password::Hash,
    };
    Spanned::new(state, part.span())
}
