//! LUKS headers, versions 1 and 2.
//!
//! Sources: "LUKS On-Disk Format Specification" 1.2.3 (version 1) and "LUKS2 On-Disk Format Specification" 1.1.0
//! (cryptsetup `docs/`). Key slots' key material is never read, and [`mask`] takes salts and digests out of what is.

mod json;
#[cfg(test)]
mod tests;
mod v1;
mod v2;

use serde::{Deserialize, Serialize};

use super::{bytes::Head, probe::LUKS_MAGIC};
use crate::{Malformed, Spanned};

/// Bytes of a LUKS1 header, key slots included.
pub const LUKS1_BYTES: usize = 592;
/// Bytes of the binary part of a LUKS2 header; the JSON follows.
pub const LUKS2_BINARY: usize = 4096;
/// The largest LUKS2 header, binary and JSON together (specification 1.1.0, 2.2).
pub const LUKS2_MAX: u64 = 4 << 20;

/// How a pass phrase becomes a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kdf {
    /// PBKDF2.
    Pbkdf2 {
        /// Hash name, as in the header.
        hash: String,
        /// Iterations.
        iterations: u64,
    },
    /// Argon2.
    Argon2 {
        /// `argon2i` or `argon2id`.
        variant: String,
        /// Passes.
        time: u64,
        /// Memory in KiB.
        memory: u64,
        /// Lanes.
        cpus: u64,
    },
    /// Something else, by its name.
    Other {
        /// The name in the header.
        name: String,
    },
}

/// A key slot in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyslot {
    /// Its number.
    pub id: u32,
    /// The derivation, and its place.
    pub kdf: Spanned<Kdf>,
    /// Length of the volume key it holds, in bytes.
    pub key_bytes: u64,
    /// `luks2` for a pass phrase, `reencrypt` for a re-encryption's state; `luks1` for version 1.
    pub kind: String,
}

/// A range of the container that holds encrypted data. LUKS1 has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// `crypt`, or `linear` for a range in clear text.
    pub kind: String,
    /// Where it begins, in bytes.
    pub offset: Spanned<u64>,
    /// Cipher: `aes` of `aes-xts-plain64`.
    pub cipher: Spanned<String>,
    /// Mode and IV: `xts-plain64` of `aes-xts-plain64`.
    pub mode: String,
    /// Bytes that are encrypted at a time.
    pub sector_size: u64,
}

/// The second copy of a LUKS2 header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondCopy {
    /// LUKS1 has none.
    None,
    /// The head ends before it.
    NotRead,
    /// No magic where it should be.
    Missing,
    /// It is there, with this sequence number. Smaller or larger than the first's: an update was cut short.
    Found(u64),
}

/// What a LUKS header says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// 1 or 2.
    pub version: Spanned<u16>,
    /// The volume's UUID, as text.
    pub uuid: Spanned<String>,
    /// The volume's label; empty in version 1.
    pub label: Spanned<String>,
    /// The hash of key slot splitting and of the volume key's digest.
    pub hash: Spanned<String>,
    /// Length of the volume key in bytes: the largest that a key slot holds. Twice the cipher's key in XTS mode.
    pub key_bytes: Spanned<u64>,
    /// The key slots in use.
    pub keyslots: Vec<Keyslot>,
    /// The data.
    pub segments: Vec<Segment>,
    /// Kinds of the tokens, as `systemd-tpm2` or `clevis`.
    pub tokens: Vec<String>,
    /// What a reader must support (`online-reencrypt` …).
    pub requirements: Vec<String>,
    /// Length of one LUKS2 header in bytes, JSON included; 592 in version 1.
    pub header_bytes: Spanned<u64>,
    /// Counts updates of a LUKS2 header; 0 in version 1.
    pub sequence: Spanned<u64>,
    /// The other copy.
    pub second: SecondCopy,
}

/// How many bytes from the start of the container [`parse`] wants: 592, or both copies of a LUKS2 header up to
/// the second's binary part.
#[must_use]
pub fn needed(head: &[u8]) -> usize {
    match Head(head).be16(6) {
        Ok(version) if version.value == 2 => v2::header_bytes(head)
            .map_or(LUKS2_BINARY, |bytes| super::bytes::as_index(bytes.value).saturating_add(LUKS2_BINARY)),
        _ => LUKS1_BYTES,
    }
}

/// Reads the header at the start of `head`.
///
/// # Errors
/// A wrong magic, an unknown version, a head that is too short, numbers out of bounds, or broken JSON.
pub fn parse(head: &[u8]) -> Result<Header, Malformed> {
    if head.get(..LUKS_MAGIC.len()) != Some(LUKS_MAGIC) {
        return Err(Malformed::at(0, "no LUKS magic"));
    }
    let version = Head(head).be16(6)?;
    match version.value {
        1 => v1::parse(head, version),
        2 => v2::parse(head, version),
        other => Err(Malformed::at(6, format!("LUKS version {other} is not 1 or 2"))),
    }
}

/// As [`parse`], for a header that stands `base` bytes into its file: spans and errors count from the file's start.
pub(super) fn parse_at(head: &[u8], base: usize) -> Result<Header, Malformed> {
    let mut header =
        parse(head).map_err(|error| Malformed::at(error.offset.saturating_add(base), error.why))?;
    let shift = |span: &mut crate::Span| {
        let range = span.range();
        *span = crate::Span::new(range.start.saturating_add(base), range.end.saturating_add(base));
    };
    shift(&mut header.version.span);
    shift(&mut header.uuid.span);
    shift(&mut header.label.span);
    shift(&mut header.hash.span);
    shift(&mut header.key_bytes.span);
    shift(&mut header.header_bytes.span);
    shift(&mut header.sequence.span);
    header.keyslots.iter_mut().for_each(|slot| shift(&mut slot.kdf.span));
    for segment in &mut header.segments {
        shift(&mut segment.offset.span);
        shift(&mut segment.cipher.span);
    }
    Ok(header)
}

/// Takes what is secret, or what helps to guess it, out of a head that starts with a LUKS header; the length stays.
/// Left are the facts: in version 1 salts and the digest become zeros, in version 2 every JSON text that is not
/// known to be harmless becomes `A`s, and the JSON stays valid. All that is not header becomes zeros, as does
/// everything where the header can't be understood.
pub fn mask(head: &mut [u8]) {
    match Head(head).be16(6).map(|version| version.value) {
        Ok(1) if head.starts_with(LUKS_MAGIC) => v1::mask(head),
        Ok(2) if head.starts_with(LUKS_MAGIC) => v2::mask(head),
        _ => head.fill(0),
    }
}
