//! Keyed digests. Plain hashes of short secrets are oracles, so every digest that leaves the host is an HMAC.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

/// HMAC-SHA-256 over parts, each preceded by its length so that no two lists of parts collide; 64 hex digits.
#[must_use]
pub fn keyed<'a>(key: &[u8], parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    // HMAC takes a key of any length (RFC 2104), so the error arm is never taken; it still gives no usable digest.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    hex(&mac.finalize().into_bytes())
}

/// SHA-256 over parts, each preceded by its length, for what holds no secret (a finding's fingerprint); 32 hex digits.
#[must_use]
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(hash.finalize().get(..16).unwrap_or_default())
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_keep_parts_apart() {
        assert_ne!(keyed(b"k", [&b"ab"[..], b"c"]), keyed(b"k", [&b"a"[..], b"bc"]));
        assert_ne!(fingerprint([&b"ab"[..], b"c"]), fingerprint([&b"a"[..], b"bc"]));
        assert_ne!(keyed(b"k", [&b"a"[..]]), keyed(b"l", [&b"a"[..]]));
        assert_eq!(hex(&[0, 0x9f, 0xff]), "009fff");
    }
}
