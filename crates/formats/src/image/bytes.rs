//! Fixed-width numbers and NUL-padded texts out of a head, each with its place.

use crate::{Malformed, Spanned};

/// A head and the bounds-checked reads over it.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a>(pub &'a [u8]);

impl<'a> Head<'a> {
    /// `len` bytes at `at`, or where the head ended.
    pub fn bytes(self, at: usize, len: usize) -> Result<&'a [u8], Malformed> {
        at.checked_add(len).and_then(|end| self.0.get(at..end)).ok_or_else(|| {
            Malformed::at(at.min(self.0.len()), format!("the head ends before {len} bytes at {at}"))
        })
    }

    fn array<const N: usize>(self, at: usize) -> Result<[u8; N], Malformed> {
        let bytes = self.bytes(at, N)?;
        <[u8; N]>::try_from(bytes).map_err(|_| Malformed::at(at, "short read"))
    }

    /// Big-endian 16 bits.
    pub fn be16(self, at: usize) -> Result<Spanned<u16>, Malformed> {
        Ok(Spanned::new(u16::from_be_bytes(self.array(at)?), at..at + 2))
    }

    /// Big-endian 32 bits.
    pub fn be32(self, at: usize) -> Result<Spanned<u32>, Malformed> {
        Ok(Spanned::new(u32::from_be_bytes(self.array(at)?), at..at + 4))
    }

    /// Big-endian 64 bits.
    pub fn be64(self, at: usize) -> Result<Spanned<u64>, Malformed> {
        Ok(Spanned::new(u64::from_be_bytes(self.array(at)?), at..at + 8))
    }

    /// Little-endian 32 bits.
    pub fn le32(self, at: usize) -> Result<Spanned<u32>, Malformed> {
        Ok(Spanned::new(u32::from_le_bytes(self.array(at)?), at..at + 4))
    }

    /// Little-endian 64 bits.
    pub fn le64(self, at: usize) -> Result<Spanned<u64>, Malformed> {
        Ok(Spanned::new(u64::from_le_bytes(self.array(at)?), at..at + 8))
    }

    /// A NUL-padded field of `len` bytes as text; not UTF-8 is an error.
    pub fn text(self, at: usize, len: usize) -> Result<Spanned<String>, Malformed> {
        let field = self.bytes(at, len)?;
        let used = field.iter().position(|b| *b == 0).unwrap_or(len);
        match std::str::from_utf8(field.get(..used).unwrap_or_default()) {
            Ok(text) => Ok(Spanned::new(text.to_owned(), at..at + used)),
            Err(error) => Err(Malformed::at(at + error.valid_up_to(), "not UTF-8")),
        }
    }
}

/// A file offset that must fit this machine's memory to be looked up in a head.
pub(crate) fn as_index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
