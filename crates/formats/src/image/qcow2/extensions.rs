//! qcow2 header extensions (QEMU `docs/interop/qcow2.txt`, "Header extensions").

use serde::{Deserialize, Serialize};

use super::{EXTERNAL_DATA, Header};
use crate::{
    Malformed, Span, Spanned,
    image::{Reference, Role, bytes::Head},
};

const BACKING_FORMAT: u32 = 0xe279_2aca;
const FEATURE_NAMES: u32 = 0x6803_f857;
const BITMAPS: u32 = 0x2385_2875;
const ENCRYPTION: u32 = 0x0537_be77;
const DATA_FILE: u32 = 0x4441_5441;
/// The extensions with a known meaning: the only ones whose data may leave the host.
pub(in crate::image) const KEPT: [u32; 5] = [BACKING_FORMAT, FEATURE_NAMES, BITMAPS, ENCRYPTION, DATA_FILE];
/// QEMU keeps a backing format in 16 bytes with its NUL.
const MAX_FORMAT_NAME: usize = 15;
/// Bytes of an entry of the feature name table.
const FEATURE_ENTRY: usize = 48;
/// Most extensions looked at; a cluster of empty ones would be 262,144.
const MAX_EXTENSIONS: usize = 256;

/// A header extension, by place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its type number.
    pub kind: u32,
    /// Its data, without the padding.
    pub data: Span,
}

/// A byte range of the image file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// File offset in bytes.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
}

/// A name that the image gives to a feature bit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureName {
    /// 0 incompatible, 1 compatible, 2 autoclear.
    pub kind: u8,
    /// Bit number.
    pub bit: u8,
    /// The name, 46 bytes at most, what is not UTF-8 replaced.
    pub name: String,
}

/// Reads the extensions between the header and `end` into `header`.
pub(super) fn read(bytes: Head<'_>, header: &mut Header, end: usize) -> Result<(), Malformed> {
    let mut at = header.header_length.value as usize;
    let mut format = None;
    while at.checked_add(8).is_some_and(|data| data <= end) {
        let kind = bytes.be32(at)?.value;
        if kind == 0 {
            break;
        }
        let (start, length) = (at + 8, bytes.be32(at + 4)?.value as usize);
        if length > end - start {
            return Err(Malformed::at(at + 4, format!("header extension {kind:#010x} leaves its area")));
        }
        if header.extensions.len() == MAX_EXTENSIONS {
            return Err(Malformed::at(at, "more than 256 header extensions"));
        }
        header.extensions.push(Extension { kind, data: Span::new(start, start + length) });
        match kind {
            BACKING_FORMAT => format = Some(backing_format(bytes, start, length)?),
            FEATURE_NAMES => header.feature_names = feature_names(bytes.bytes(start, length)?),
            BITMAPS if length >= 4 => header.bitmaps = bytes.be32(start)?,
            ENCRYPTION => header.luks_area = Some(encryption(bytes, start, length)?),
            DATA_FILE => header.data_file = data_file(bytes, start, length)?,
            _ => {}
        }
        // The data is padded to a multiple of 8 bytes; the last padding may be cut off.
        at = start + length.next_multiple_of(8);
    }
    if header.incompatible.value & EXTERNAL_DATA == 0 {
        header.data_file = None;
    }
    if let Some(backing) = &mut header.backing {
        backing.format = format;
    }
    Ok(())
}

fn backing_format(bytes: Head<'_>, start: usize, length: usize) -> Result<Spanned<String>, Malformed> {
    if length > MAX_FORMAT_NAME {
        return Err(Malformed::at(start, format!("the backing format is too long: {length} bytes")));
    }
    bytes.text(start, length)
}

fn feature_names(table: &[u8]) -> Vec<FeatureName> {
    let name = |bytes: &[u8]| {
        let used = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(bytes.get(..used).unwrap_or_default()).into_owned()
    };
    // 3 kinds of 64 bits each is all there can be.
    let entries = table.chunks_exact(FEATURE_ENTRY).take(192);
    entries
        .filter_map(|entry| match entry {
            [kind, bit, text @ ..] => Some(FeatureName { kind: *kind, bit: *bit, name: name(text) }),
            _ => None,
        })
        .collect()
}

fn encryption(bytes: Head<'_>, start: usize, length: usize) -> Result<Spanned<Area>, Malformed> {
    if length != 16 {
        return Err(Malformed::at(start, format!("the encryption extension has {length} bytes, not 16")));
    }
    let area = Area { offset: bytes.be64(start)?.value, length: bytes.be64(start + 8)?.value };
    Ok(Spanned::new(area, start..start + 16))
}

fn data_file(bytes: Head<'_>, start: usize, length: usize) -> Result<Option<Reference>, Malformed> {
    let name = bytes.bytes(start, length)?;
    Ok((!name.is_empty()).then(|| Reference::new(Role::DataFile, name, start)))
}
