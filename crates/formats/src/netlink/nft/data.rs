//! The bytes a rule compares with, or a set holds.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// `IFNAMSIZ`: an interface name in a register is padded with NUL to this many bytes.
const NAME: usize = 16;
/// `NFT_DATA_VALUE_MAXLEN`, with room for the set keys of later kernels.
const MAX: usize = 256;

/// Bytes in network order. In JSON `"0x0800"`; 16 bytes that are a name padded with NUL are that name, `"vnet0"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Data(pub Vec<u8>);

impl Data {
    /// An interface name as the kernel compares it whole. Longer than 15 bytes it is no name of an interface.
    #[must_use]
    pub fn name(name: &str) -> Self {
        let mut bytes = name.as_bytes().to_vec();
        bytes.resize(bytes.len().max(NAME), 0);
        Self(bytes)
    }

    /// The name that these 16 bytes are, padded with NUL.
    #[must_use]
    pub fn as_name(&self) -> Option<&str> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let (name, padding) = self.0.split_at_checked(end)?;
        let plain = !name.is_empty() && name.iter().all(u8::is_ascii_graphic) && !name.starts_with(b"0x");
        if self.0.len() != NAME || !plain || padding.iter().any(|byte| *byte != 0) {
            return None;
        }
        std::str::from_utf8(name).ok()
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Some(name) = self.as_name() {
            return to.serialize_str(name);
        }
        let mut text = String::from("0x");
        for byte in &self.0 {
            text.extend(
                [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')),
            );
        }
        to.serialize_str(&text)
    }
}

impl<'a> Deserialize<'a> for Data {
    fn deserialize<D: Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let Some(digits) = text.strip_prefix("0x") else {
            return if text.is_empty() || text.len() >= NAME {
                Err(D::Error::custom("neither 0x and hex digits nor an interface name"))
            } else {
                Ok(Self::name(&text))
            };
        };
        if digits.len() % 2 == 1 || digits.len() > 2 * MAX {
            return Err(D::Error::custom("not whole bytes in hex, 256 at most"));
        }
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        digits
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| pair.iter().try_fold(0_u8, |byte, next| Some(byte << 4 | digit(next)?)))
            .collect::<Option<Vec<u8>>>()
            .map(Self)
            .ok_or_else(|| D::Error::custom("not hex digits"))
    }
}
