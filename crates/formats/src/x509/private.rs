//! Telling that a file holds a private key, without reading the key.

use std::sync::LazyLock;

use memchr::memmem;

use crate::text::find;

/// True if `bytes` hold a private key in PEM (any label with `PRIVATE KEY`, encrypted or not, OpenSSH's and OpenPGP's
/// too) anywhere, or in DER from the first byte (PKCS #1, PKCS #8, SEC 1, encrypted PKCS #8, and PKCS #12, which may
/// hold one). A DSA key of OpenSSL's own DER form is told as PKCS #1. Any length of input; time is linear.
#[must_use]
pub fn contains_private_key(bytes: &[u8]) -> bool {
    static BEGIN: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("-----BEGIN "));
    for start in BEGIN.find_iter(bytes) {
        let line = bytes.get(start + 11..).unwrap_or_default();
        let line = line.get(..80).unwrap_or(line);
        let line = line.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
        if find(line, 0, b"PRIVATE KEY").is_some() {
            return true;
        }
    }
    is_der_key(bytes).unwrap_or(false)
}

/// One DER element: its tag, what is in it (cut where `bytes` end), and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        // None of what is looked for is longer than four length bytes can say; 0 is BER's indefinite length.
        let digits = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
        (digits.iter().fold(0, |n, digit| n << 8 | usize::from(*digit)), rest.get(count..)?)
    };
    let end = length.min(rest.len());
    Some((*tag, rest.get(..end)?, rest.get(end..)?))
}

const INTEGER: u8 = 2;
const OCTETS: u8 = 4;
const OBJECT_ID: u8 = 6;
const SEQUENCE: u8 = 0x30;
/// 1.2.840.113549.1: PKCS; 1.5 and 1.12.1 under it encrypt keys, 1.7 is PKCS #7.
const PKCS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1];

fn is_der_key(bytes: &[u8]) -> Option<bool> {
    let (tag, inside, _) = element(bytes)?;
    if tag != SEQUENCE {
        return None;
    }
    let (first, value, rest) = element(inside)?;
    let (second, within, _) = element(rest)?;
    Some(match (first, value, second) {
        // PKCS #1: version, modulus. A certificate's signature value never follows an integer 0 like this.
        (INTEGER, [0 | 1], INTEGER) => true,
        // SEC 1: version 1, key.
        (INTEGER, [1], OCTETS) => true,
        // PKCS #8: version, algorithm.
        (INTEGER, [0 | 1], SEQUENCE) => element(within)?.0 == OBJECT_ID,
        // PKCS #12: version 3, PKCS #7 contents.
        (INTEGER, [3], SEQUENCE) => object_id(within)?.strip_prefix(PKCS)?.first() == Some(&7),
        // Encrypted PKCS #8: algorithm, octets.
        (SEQUENCE, algorithm, OCTETS) => {
            matches!(object_id(algorithm)?.strip_prefix(PKCS)?, [5, ..] | [12, 1, ..])
        }
        _ => false,
    })
}

fn object_id(bytes: &[u8]) -> Option<&[u8]> {
    element(bytes).filter(|(tag, ..)| *tag == OBJECT_ID).map(|(_, value, _)| value)
}
