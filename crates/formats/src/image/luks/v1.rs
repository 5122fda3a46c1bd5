//! LUKS1: one fixed structure of 592 bytes (specification 1.2.3, figures 4 and 5).

use super::{Header, Kdf, Keyslot, LUKS1_BYTES, SecondCopy, Segment};
use crate::{Malformed, Span, Spanned, image::bytes::Head};

/// Where the eight key slots begin, and how long each is.
const SLOTS: usize = 208;
const SLOT: usize = 48;
/// The mark of a key slot in use.
const ACTIVE: u32 = 0x00AC_71F3;
/// Name, mode, hash and UUID: place and length of the texts.
const TEXTS: [(usize, usize); 4] = [(8, 32), (40, 32), (72, 32), (168, 40)];
/// Digest and salt of the volume key.
const DIGEST: std::ops::Range<usize> = 112..164;
/// LUKS1 counts in sectors of 512 bytes.
const SECTOR: u64 = 512;

pub(super) fn parse(head: &[u8], version: Spanned<u16>) -> Result<Header, Malformed> {
    let bytes = Head(head.get(..LUKS1_BYTES).unwrap_or(head));
    bytes.bytes(0, LUKS1_BYTES)?;
    let [cipher, mode, hash, uuid] = TEXTS.map(|(at, len)| bytes.text(at, len));
    let (cipher, mode, hash, uuid) = (cipher?, mode?, hash?, uuid?);
    let (payload, key) = (bytes.be32(104)?, bytes.be32(108)?);
    let key_bytes = Spanned::new(u64::from(key.value), key.span);
    let mut keyslots = Vec::new();
    for id in 0..8_u32 {
        let at = SLOTS + id as usize * SLOT;
        if bytes.be32(at)?.value != ACTIVE {
            continue;
        }
        let iterations = bytes.be32(at + 4)?;
        let kdf = Kdf::Pbkdf2 { hash: hash.value.clone(), iterations: u64::from(iterations.value) };
        let kdf = Spanned::new(kdf, iterations.span);
        keyslots.push(Keyslot { id, kdf, key_bytes: key_bytes.value, kind: "luks1".to_owned() });
    }
    let segment = Segment {
        kind: "crypt".to_owned(),
        offset: Spanned::new(u64::from(payload.value) * SECTOR, payload.span),
        cipher,
        mode: mode.value,
        sector_size: SECTOR,
    };
    Ok(Header {
        version,
        uuid,
        label: Spanned::new(String::new(), Span::default()),
        hash,
        key_bytes,
        keyslots,
        segments: vec![segment],
        tokens: Vec::new(),
        requirements: Vec::new(),
        header_bytes: Spanned::new(LUKS1_BYTES as u64, Span::default()),
        sequence: Spanned::new(0, Span::default()),
        second: SecondCopy::None,
    })
}

pub(super) fn mask(head: &mut [u8]) {
    let mut blank = |range: std::ops::Range<usize>| {
        let end = range.end.min(head.len());
        if let Some(bytes) = head.get_mut(range.start.min(end)..end) {
            bytes.fill(0);
        }
    };
    blank(DIGEST);
    for slot in 0..8 {
        let at = SLOTS + slot * SLOT;
        blank(at + 8..at + 40);
    }
    blank(LUKS1_BYTES..usize::MAX);
    for (at, len) in TEXTS {
        super::v2::blank_after_nul(head, at, len);
    }
}
