//! LUKS2: a binary header of 4096 bytes, then JSON; both twice (specification 1.1.0, 2 and 3).

use super::{
    Header, Kdf, Keyslot, LUKS2_BINARY, LUKS2_MAX, SecondCopy, Segment,
    json::{self, Document},
};
use crate::{
    Malformed, Span, Spanned,
    image::bytes::{Head, as_index},
};

/// Label, checksum algorithm, UUID and subsystem: place and length of the texts.
const TEXTS: [(usize, usize); 4] = [(24, 48), (72, 32), (168, 40), (208, 48)];
/// The salt that makes two headers' checksums differ.
const SALT: std::ops::Range<usize> = 104..168;
/// Used bytes of the binary header, and the checksum at their end.
const CHECKSUM: std::ops::Range<usize> = 448..512;
/// The magic of the second copy.
const SECOND_MAGIC: &[u8; 6] = b"SKUL\xba\xbe";
/// Most key slots, segments and tokens (cryptsetup `lib/luks2/luks2.h`).
const MAX_OBJECTS: u32 = 32;
/// JSON members whose text is no secret: sizes, names of algorithms, links by number.
const HARMLESS: [&str; 21] = [
    "type",
    "kind",
    "hash",
    "encryption",
    "offset",
    "size",
    "json_size",
    "keyslots_size",
    "iv_tweak",
    "integrity",
    "key_encryption",
    "journal_encryption",
    "journal_integrity",
    "mode",
    "direction",
    "resilience",
    "keyslots",
    "segments",
    "mandatory",
    "flags",
    "requirements",
];

/// The header's length in bytes, within its bounds.
pub(super) fn header_bytes(head: &[u8]) -> Result<Spanned<u64>, Malformed> {
    let bytes = Head(head).be64(8)?;
    if !(LUKS2_BINARY as u64 * 2..=LUKS2_MAX).contains(&bytes.value) {
        return Err(Malformed::at(8, format!("a LUKS2 header of {} bytes is out of bounds", bytes.value)));
    }
    Ok(bytes)
}

pub(super) fn parse(head: &[u8], version: Spanned<u16>) -> Result<Header, Malformed> {
    let bytes = Head(head);
    let header_bytes = header_bytes(head)?;
    let length = as_index(header_bytes.value);
    let [label, _, uuid, _] = TEXTS.map(|(at, len)| bytes.text(at, len));
    let area = bytes.bytes(LUKS2_BINARY, length - LUKS2_BINARY)?;
    let document = json::read(area, LUKS2_BINARY)?;
    let keyslots = keyslots(&document)?;
    let largest =
        keyslots.iter().map(|(slot, span)| Spanned::new(slot.key_bytes, *span)).max_by_key(|s| s.value);
    Ok(Header {
        version,
        uuid: uuid?,
        label: label?,
        hash: document.text("digests/0/hash").unwrap_or_else(|| first_digest(&document)),
        key_bytes: largest.unwrap_or_default(),
        keyslots: keyslots.into_iter().map(|(slot, _)| slot).collect(),
        segments: segments(&document)?,
        tokens: (0..MAX_OBJECTS)
            .filter_map(|id| document.text(&format!("tokens/{id}/type")))
            .map(|t| t.value)
            .collect(),
        requirements: document.list("config/requirements/mandatory"),
        header_bytes,
        sequence: bytes.be64(16)?,
        second: second(head, length),
    })
}

fn first_digest(document: &Document<'_>) -> Spanned<String> {
    (1..MAX_OBJECTS).find_map(|id| document.text(&format!("digests/{id}/hash"))).unwrap_or_default()
}

fn second(head: &[u8], at: usize) -> SecondCopy {
    match (head.get(at..at + SECOND_MAGIC.len()), Head(head).be64(at + 16)) {
        (Some(magic), Ok(sequence)) if magic == SECOND_MAGIC => SecondCopy::Found(sequence.value),
        (Some(magic), _) if magic != SECOND_MAGIC => SecondCopy::Missing,
        _ => SecondCopy::NotRead,
    }
}

fn keyslots(document: &Document<'_>) -> Result<Vec<(Keyslot, Span)>, Malformed> {
    let mut slots = Vec::new();
    for id in 0..MAX_OBJECTS {
        let Some(kind) = document.text(&format!("keyslots/{id}/type")) else { continue };
        let number = |key: &str| document.number(&format!("keyslots/{id}/{key}"));
        let key = number("key_size")?;
        let name = document.text(&format!("keyslots/{id}/kdf/type"));
        let text = |key: &str| document.text(&format!("keyslots/{id}/{key}")).unwrap_or_default().value;
        let kdf = match name.as_ref().map(|name| name.value.as_str()) {
            Some("pbkdf2") => {
                Kdf::Pbkdf2 { hash: text("kdf/hash"), iterations: number("kdf/iterations")?.value }
            }
            Some(variant @ ("argon2i" | "argon2id")) => Kdf::Argon2 {
                variant: variant.to_owned(),
                time: number("kdf/time")?.value,
                memory: number("kdf/memory")?.value,
                cpus: number("kdf/cpus")?.value,
            },
            other => Kdf::Other { name: other.unwrap_or_default().to_owned() },
        };
        let place = name.map_or(kind.span, |name| name.span);
        let slot = Keyslot { id, kdf: Spanned::new(kdf, place), key_bytes: key.value, kind: kind.value };
        slots.push((slot, key.span));
    }
    Ok(slots)
}

fn segments(document: &Document<'_>) -> Result<Vec<Segment>, Malformed> {
    let mut segments = Vec::new();
    for id in 0..MAX_OBJECTS {
        let Some(kind) = document.text(&format!("segments/{id}/type")) else { continue };
        let cipher = document.text(&format!("segments/{id}/encryption")).unwrap_or_default();
        let (name, mode) = cipher.value.split_once('-').unwrap_or((&cipher.value, ""));
        let sector = document.number(&format!("segments/{id}/sector_size"));
        segments.push(Segment {
            offset: document.number(&format!("segments/{id}/offset"))?,
            mode: mode.to_owned(),
            cipher: Spanned::new(name.to_owned(), cipher.span),
            // A range in clear text has no sector size.
            sector_size: if kind.value == "crypt" { sector?.value } else { 0 },
            kind: kind.value,
        });
    }
    Ok(segments)
}

/// Zeros the rest of a text field after its first NUL: nothing is printed of it, so nothing is kept.
pub(super) fn blank_after_nul(head: &mut [u8], at: usize, len: usize) {
    if let Some(field) = head.get_mut(at..at + len) {
        let used = field.iter().position(|b| *b == 0).unwrap_or(len);
        field.iter_mut().skip(used).for_each(|b| *b = 0);
    }
}

pub(super) fn mask(head: &mut [u8]) {
    let length = header_bytes(head).map_or(0, |bytes| as_index(bytes.value));
    let split = length.min(head.len());
    let (first, rest) = head.split_at_mut(split);
    mask_copy(first);
    let second = rest.len().min(LUKS2_BINARY);
    let (second, beyond) = rest.split_at_mut(second);
    // Of the second copy only its being there and its sequence number count: its JSON goes.
    if second.starts_with(SECOND_MAGIC) {
        second.iter_mut().skip(24).for_each(|b| *b = 0);
    } else {
        second.fill(0);
    }
    beyond.fill(0);
}

/// Tokens are free-form, and some hold the key under another key: of them the first level alone is trusted.
fn harmless(path: &str) -> bool {
    let mut keys = path.split('/');
    let deep_token = keys.next() == Some("tokens") && keys.count() > 2;
    !deep_token && path.rsplit('/').next().is_some_and(|key| HARMLESS.contains(&key))
}

fn mask_copy(copy: &mut [u8]) {
    let (binary, area) = copy.split_at_mut(LUKS2_BINARY.min(copy.len()));
    for range in [SALT, CHECKSUM, 256..448, 512..LUKS2_BINARY] {
        if let Some(bytes) = binary.get_mut(range) {
            bytes.fill(0);
        }
    }
    for (at, len) in TEXTS {
        blank_after_nul(binary, at, len);
    }
    let secret: Option<(Vec<Span>, usize)> = json::read(area, 0).ok().map(|document| {
        let spans = document.texts().filter(|(path, _)| !harmless(path)).map(|(_, span)| span).collect();
        (spans, document.end)
    });
    let Some((spans, end)) = secret else { return area.fill(0) };
    for span in spans {
        if let Some(bytes) = area.get_mut(span.range()) {
            bytes.fill(b'A');
        }
    }
    area.iter_mut().skip(end).for_each(|b| *b = 0);
}
