//! Objects as JSON lines: one object a line, as recordings hold them and examples write them.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Malformed, Span, Spanned};

/// The longest input read, in bytes.
pub const MAX_BYTES: usize = 128 << 20;
/// The longest line read, in bytes: an nftables rule is at most one netlink attribute, 64 KiB, written as text.
pub const MAX_LINE: usize = 1 << 20;

/// Writes objects, one JSON object a line, each line ended by a line feed.
///
/// # Errors
/// If an object can't be written as JSON, which no type of this module does.
pub fn write<T: Serialize>(objects: &[T]) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::new();
    for object in objects {
        serde_json::to_writer(&mut out, object).map_err(|error| Malformed::at(0, error.to_string()))?;
        out.push(b'\n');
    }
    Ok(out)
}

/// Reads objects, each with the bytes of its line; empty lines are passed over.
///
/// # Errors
/// If the input is over [`MAX_BYTES`], a line over [`MAX_LINE`], or a line is not such an object: the byte of it.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<Spanned<T>>, Malformed> {
    if bytes.len() > MAX_BYTES {
        return Err(Malformed::at(MAX_BYTES, "more than 128 MiB of netlink lines"));
    }
    let mut objects = Vec::new();
    let mut start = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        let end = start + line.len();
        if line.len() > MAX_LINE {
            return Err(Malformed::at(start, "line longer than 1 MiB"));
        }
        if !line.trim_ascii().is_empty() {
            // serde_json refuses nesting deeper than 128, so its recursion is bounded.
            let object = serde_json::from_slice(line).map_err(|error| {
                Malformed::at(start + error.column().saturating_sub(1).min(line.len()), error.to_string())
            })?;
            objects.push(Spanned::new(object, Span::new(start, end)));
        }
        start = end + 1;
    }
    Ok(objects)
}
