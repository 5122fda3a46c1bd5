//! Netlink messages: audit status and rules, nftables objects, links and bridge ports.
//!
//! A netlink answer is a stream of messages, each a 16-byte header (`struct nlmsghdr`) and a payload of a fixed part
//! and attributes (`struct nlattr`: length, type, value, padding to 4). Headers and rtnetlink values are in the byte
//! order of the machine, nftables values in network order. Sources: `include/uapi/linux/netlink.h` of the kernel.
//!
//! The decoders here turn a stream into typed objects; [`lines`] writes them one JSON object a line and reads them
//! back, which is how recordings and examples hold them.

pub mod audit;
pub mod lines;
pub mod link;
pub mod nft;

use crate::Malformed;

/// `NLMSG_ERROR`: an error, or with number 0 an acknowledgement.
pub const ERROR: u16 = 2;
/// `NLMSG_DONE`: the end of a dump.
pub const DONE: u16 = 3;
/// `NLM_F_REQUEST`: every request has it.
pub const REQUEST: u16 = 0x1;
/// `NLM_F_DUMP`: all objects, not one.
pub const DUMP: u16 = 0x300;
/// `NLM_F_DUMP_INTR`: the objects changed while they were being dumped.
pub const DUMP_INTERRUPTED: u16 = 0x10;
/// Bytes in a message header.
const HEADER: usize = 16;
/// Bytes in an attribute header.
const ATTRIBUTE_HEADER: usize = 4;
/// `NLA_TYPE_MASK`: an attribute's type without its two flags.
const TYPE_MASK: u16 = 0x3fff;

/// Bytes, and the offset at which they stand in the whole input, so that an error names the right byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> View<'a> {
    /// A whole input.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Where they start in the whole input.
    #[must_use]
    pub fn offset(self) -> usize {
        self.offset
    }

    /// An error at the start of these bytes.
    fn malformed(self, why: &'static str) -> Malformed {
        Malformed::at(self.offset, why)
    }

    /// Splits after `at` bytes.
    fn split(self, at: usize) -> Result<(Self, Self), Malformed> {
        let (before, after) = self.bytes.split_at_checked(at).ok_or_else(|| self.malformed("too short"))?;
        Ok((Self { bytes: before, offset: self.offset }, Self { bytes: after, offset: self.offset + at }))
    }

    /// The first `N` bytes.
    fn array<const N: usize>(self) -> Result<[u8; N], Malformed> {
        self.bytes.first_chunk().copied().ok_or_else(|| self.malformed("value too short"))
    }

    /// `N` bytes from byte `at` on.
    fn array_at<const N: usize>(self, at: usize) -> Result<[u8; N], Malformed> {
        self.split(at)?.1.array()
    }

    fn u8(self) -> Result<u8, Malformed> {
        Ok(u8::from_ne_bytes(self.array()?))
    }

    fn u16(self) -> Result<u16, Malformed> {
        Ok(u16::from_ne_bytes(self.array()?))
    }

    fn u32(self) -> Result<u32, Malformed> {
        Ok(u32::from_ne_bytes(self.array()?))
    }

    fn u32_at(self, at: usize) -> Result<u32, Malformed> {
        Ok(u32::from_ne_bytes(self.array_at(at)?))
    }

    fn be_u32(self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    fn be_u64(self) -> Result<u64, Malformed> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// A text up to the first NUL; bytes that are not UTF-8 become U+FFFD.
    fn text(self) -> String {
        let end = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(self.bytes.len());
        String::from_utf8_lossy(self.bytes.get(..end).unwrap_or_default()).into_owned()
    }

    /// The attributes these bytes are made of.
    fn attributes(self) -> Attributes<'a> {
        Attributes { rest: self }
    }
}

/// One message of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// `nlmsg_type`: [`ERROR`], [`DONE`], or what the family defines.
    pub kind: u16,
    /// `nlmsg_flags`: [`DUMP_INTERRUPTED`] among them.
    pub flags: u16,
    /// `nlmsg_seq`: the request's number, repeated.
    pub sequence: u32,
    /// What follows the header.
    pub payload: View<'a>,
}

impl Message<'_> {
    /// The error number of an [`ERROR`] or [`DONE`] message: positive `errno`, 0 for success.
    ///
    /// # Errors
    /// If an error message is too short to hold a number. A `DONE` without one means success.
    pub fn errno(&self) -> Result<i32, Malformed> {
        if self.kind == DONE && self.payload.bytes.len() < 4 {
            return Ok(0);
        }
        Ok(i32::from_ne_bytes(self.payload.array()?).saturating_neg())
    }
}

/// The messages of a stream, in order; ends after the first that is malformed.
#[must_use]
pub fn messages(bytes: &[u8]) -> Messages<'_> {
    Messages { rest: View::new(bytes) }
}

/// See [`messages`].
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    rest: View<'a>,
}

impl<'a> Messages<'a> {
    fn take(&mut self) -> Result<Message<'a>, Malformed> {
        let all = self.rest;
        // Cleared first, so that an error ends the iteration.
        self.rest = View { bytes: &[], offset: all.offset };
        let length = all.u32()? as usize;
        if length < HEADER {
            return Err(all.malformed("message shorter than its header"));
        }
        let (message, after) =
            all.split(length).map_err(|_| all.malformed("message longer than the bytes there are"))?;
        let padding = length.next_multiple_of(4) - length;
        self.rest = after.split(padding.min(after.bytes.len()))?.1;
        Ok(Message {
            kind: u16::from_ne_bytes(message.array_at(4)?),
            flags: u16::from_ne_bytes(message.array_at(6)?),
            sequence: message.u32_at(8)?,
            payload: message.split(HEADER)?.1,
        })
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.rest.bytes.is_empty()).then(|| self.take())
    }
}

/// One attribute.
#[derive(Clone, Copy, Debug)]
struct Attribute<'a> {
    /// `nla_type` without flags.
    kind: u16,
    /// The value, without padding.
    value: View<'a>,
}

/// The attributes of a payload or of a nest; ends after the first that is malformed.
#[derive(Clone, Debug)]
struct Attributes<'a> {
    rest: View<'a>,
}

impl<'a> Attributes<'a> {
    fn take(&mut self) -> Result<Attribute<'a>, Malformed> {
        let all = self.rest;
        self.rest = View { bytes: &[], offset: all.offset };
        let length = usize::from(all.u16()?);
        if length < ATTRIBUTE_HEADER {
            return Err(all.malformed("attribute shorter than its header"));
        }
        let (attribute, after) =
            all.split(length).map_err(|_| all.malformed("attribute longer than the bytes there are"))?;
        let padding = length.next_multiple_of(4) - length;
        self.rest = after.split(padding.min(after.bytes.len()))?.1;
        Ok(Attribute {
            kind: u16::from_ne_bytes(attribute.array_at(2)?) & TYPE_MASK,
            value: attribute.split(ATTRIBUTE_HEADER)?.1,
        })
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<Attribute<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.rest.bytes.is_empty()).then(|| self.take())
    }
}

/// A message to send: header with port 0 (the kernel fills it in), then `payload`.
#[must_use]
pub fn message(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + payload.len()).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(HEADER + payload.len());
    out.extend(length.to_ne_bytes());
    out.extend(kind.to_ne_bytes());
    out.extend(flags.to_ne_bytes());
    out.extend(sequence.to_ne_bytes());
    out.extend(0_u32.to_ne_bytes());
    out.extend(payload);
    out
}

/// Appends an attribute and its padding to a payload. Values of 65,532 bytes and more are not representable and are
/// cut; no request comes near.
pub fn push_attribute(payload: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let room = usize::from(u16::MAX) - ATTRIBUTE_HEADER;
    let value = value.get(..room).unwrap_or(value);
    let length = u16::try_from(ATTRIBUTE_HEADER + value.len()).unwrap_or(u16::MAX);
    payload.extend(length.to_ne_bytes());
    payload.extend(kind.to_ne_bytes());
    payload.extend(value);
    payload.resize(payload.len().next_multiple_of(4), 0);
}

/// For `skip_serializing_if`: false is the default, and left out of a line.
fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests;
