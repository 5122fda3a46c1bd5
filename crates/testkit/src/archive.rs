//! The text archives that base host and examples are written in, after Go's txtar.
//!
//! `-- PATH ATTRIBUTES --` starts a file; what follows up to the next such line is its text. Attributes:
//! `mode=0600`, `uid=`, `gid=`, `size=`, `mtime=`; `xattr=NAME=VALUE`; `link=TARGET` makes a symbolic link (`\040` in it is
//! a blank), `dir` a directory, `socket` a socket, `inode` a file whose content nobody reads; `absent` takes the path away; `escaped` reads `\0`
//! in the text as a NUL byte and drops the last line end; `hex` reads the text as hexadecimal; `qcow2` makes a qcow2 image
//! ([`super::images`]), its words in the text (`backing=PATH format=raw crypt=1`).

use model::recording::{Body, Entry, Stat};

use crate::images;

/// One part of an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The path, without a leading slash.
    pub path: String,
    /// What is there.
    pub entry: Entry,
}

/// The text before the first part, and the parts.
///
/// # Errors
/// The line that can't be understood, and why.
pub fn parse(text: &str) -> Result<(String, Vec<Part>), String> {
    let mut before = String::new();
    let mut raw: Vec<(&str, String)> = vec![];
    for line in text.split_inclusive('\n') {
        let header = line.trim_end().strip_prefix("-- ").and_then(|line| line.strip_suffix(" --"));
        match (header, raw.last_mut()) {
            (Some(header), _) => raw.push((header, String::new())),
            (None, Some((_, body))) => body.push_str(line),
            (None, None) => before.push_str(line),
        }
    }
    let parts = raw
        .into_iter()
        .map(|(header, body)| part(header, body).map_err(|why| format!("-- {header} --: {why}")));
    Ok((before, parts.collect::<Result<_, _>>()?))
}

fn part(header: &str, text: String) -> Result<Part, String> {
    let mut words = header.split_whitespace();
    let path = words.next().ok_or("no path")?.trim_start_matches('/').to_owned();
    let mut stat =
        Stat { mode: 0o100_644, inode: inode(&path), device: "254:1".to_owned(), ..Stat::default() };
    let mut body = None;
    let mut size = None;
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let number = || value.parse::<u32>().map_err(|_| format!("{word}: not a number"));
        match name {
            "mode" => {
                let bits = u32::from_str_radix(value, 8).map_err(|_| format!("{word}: not an octal mode"))?;
                stat.mode = stat.mode & !0o7777 | bits;
            }
            "uid" => stat.uid = number()?,
            "gid" => stat.gid = number()?,
            "mtime" => stat.mtime = value.parse().map_err(|_| format!("{word}: not a number"))?,
            "size" => size = Some(value.parse().map_err(|_| format!("{word}: not a number"))?),
            "xattr" => {
                let (name, value) = value.split_once('=').ok_or("xattr=NAME=VALUE")?;
                stat.xattrs.insert(name.to_owned(), value.to_owned());
            }
            "link" => body = Some(Body::Link(value.replace("\\040", " "))),
            "dir" => {
                stat.mode = 0o040_000 | stat.mode & 0o7777 | 0o111;
                body = Some(Body::Names(vec![]));
            }
            "socket" => {
                stat.mode = 0o140_000 | stat.mode & 0o7777;
                body = Some(Body::StatOnly);
            }
            "inode" => body = Some(Body::StatOnly),
            "absent" => body = Some(Body::Absent),
            "escaped" => body = Some(Body::of(text.trim_end_matches('\n').replace("\\0", "\0").into_bytes())),
            "hex" => body = Some(Body::of(unhex(&text)?)),
            "qcow2" => body = Some(Body::of(images::qcow2(&text)?)),
            _ => return Err(format!("{word}: no such attribute")),
        }
    }
    let body = body.unwrap_or_else(|| Body::of(text.into_bytes()));
    stat.size = size.unwrap_or_else(|| body.bytes().map_or(0, |bytes| bytes.len() as u64));
    let stat = (!matches!(body, Body::Link(_) | Body::Absent)).then_some(stat);
    Ok(Part { path, entry: Entry { stat, body } })
}

/// A number of its own for each path (FNV-1a).
fn inode(path: &str) -> u64 {
    path.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let pair = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high << 4 | low).map_err(|error| error.to_string()),
        _ => Err("an odd number of digits".to_owned()),
    };
    digits.chunks(2).map(pair).collect()
}
