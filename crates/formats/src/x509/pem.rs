//! PEM blocks (RFC 7468), as loosely as OpenSSL and GnuTLS read them: text around them, any line length, `\r\n`.

use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::{Span, text::find};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// Padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A block of a PEM file.
pub(super) struct Block<'a> {
    /// The label of its first line.
    pub label: &'a str,
    /// From its first dash to its last, or to the end of the file.
    pub span: Span,
    /// What it holds; `None` if that is not base64, or has headers (an encrypted key).
    pub der: Option<Vec<u8>>,
}

/// The blocks of a file in order. Each ends at the next `-----END`, whatever its label.
pub(super) fn blocks(bytes: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = find(bytes, at, BEGIN)?;
            let label_start = start + BEGIN.len();
            at = label_start;
            let Some(label_end) = find(bytes.get(..bytes.len().min(label_start + 80))?, label_start, DASHES)
            else {
                continue;
            };
            let Ok(label) = std::str::from_utf8(bytes.get(label_start..label_end)?) else { continue };
            let body = label_end + DASHES.len();
            let body_end = find(bytes, body, END).unwrap_or(bytes.len());
            let end = find(bytes, body_end + END.len(), DASHES).map_or(bytes.len(), |at| at + DASHES.len());
            at = body_end;
            let text: Vec<u8> =
                bytes.get(body..body_end)?.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
            return Some(Block { label, span: Span::new(start, end), der: BASE64.decode(text).ok() });
        }
    })
}
