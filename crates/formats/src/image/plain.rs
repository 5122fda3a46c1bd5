//! The formats of which only the size, the backing file and the encryption are read: qcow 1, QED, VDI, VPC, Parallels.
//!
//! Sources: the header structures in QEMU `block/qcow.c`, `docs/interop/qed_spec.txt`, `block/vdi.c`,
//! `block/vpc.c`, `block/parallels.c`.

use serde::{Deserialize, Serialize};

use super::{
    Format, Reference, Role,
    bytes::{Head, as_index},
    probe,
    qcow2::MAX_BACKING_NAME,
};
use crate::{Malformed, Spanned};

/// QED feature bit: there is a backing file.
const QED_BACKING: u64 = 1;
/// QED feature bit: the backing file is raw, do not probe.
const QED_BACKING_RAW: u64 = 4;

/// What such a header says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Size of the disk that the guest sees, in bytes.
    pub virtual_size: Option<Spanned<u64>>,
    /// The backing file.
    pub backing: Option<Reference>,
    /// `crypt_method` of qcow 1: 1 is the broken AES-128-CBC.
    pub encryption: Option<Spanned<u32>>,
}

/// How many bytes the backing name of a qcow 1 or QED header reaches to.
pub(super) fn needed(head: &[u8]) -> usize {
    let end = match head.first() {
        Some(b'Q') if head.starts_with(probe::QCOW_MAGIC) => name_of_qcow(Head(head)),
        _ => name_of_qed(Head(head)),
    };
    end.map_or(0, |(start, length)| start.saturating_add(length)).max(64)
}

/// Reads a header as `format`.
///
/// # Errors
/// A head that is too short, or a backing name that is too long.
pub fn parse(format: Format, head: &[u8]) -> Result<Header, Malformed> {
    let bytes = Head(head);
    let sized = |size| Header { virtual_size: Some(size), ..Header::default() };
    match format {
        Format::Qcow => {
            let (start, length) = name_of_qcow(bytes)?;
            let backing = named(bytes, start, length)?;
            Ok(Header { virtual_size: Some(bytes.be64(24)?), backing, encryption: Some(bytes.be32(36)?) })
        }
        Format::Qed => {
            let (start, length) = name_of_qed(bytes)?;
            let mut backing = named(bytes, start, length)?;
            let features = bytes.le64(16)?;
            if let Some(backing) = backing.as_mut().filter(|_| features.value & QED_BACKING_RAW != 0) {
                backing.format = Some(Spanned::new("raw".to_owned(), features.span));
            }
            Ok(Header { virtual_size: Some(bytes.le64(48)?), backing, encryption: None })
        }
        Format::Vdi => Ok(sized(bytes.le64(0x170)?)),
        Format::Vpc => Ok(sized(bytes.be64(48)?)),
        Format::Parallels => {
            let sectors = bytes.le64(36)?;
            // The old magic has 32 bits of sectors only.
            let few = if head.starts_with(b"WithoutFreeSpace") { u64::from(u32::MAX) } else { u64::MAX };
            Ok(sized(Spanned::new((sectors.value & few).saturating_mul(512), sectors.span)))
        }
        other => Err(Malformed::at(0, format!("{other} is not read here"))),
    }
}

fn named(bytes: Head<'_>, start: usize, length: usize) -> Result<Option<Reference>, Malformed> {
    if start == 0 || length == 0 {
        return Ok(None);
    }
    Ok(Some(Reference::new(Role::Backing, bytes.bytes(start, length)?, start)))
}

fn name_of_qcow(bytes: Head<'_>) -> Result<(usize, usize), Malformed> {
    let (start, length) = (bytes.be64(8)?, bytes.be32(16)?);
    if start.value != 0 && length.value > MAX_BACKING_NAME {
        return Err(Malformed::at(16, format!("the backing file name is too long: {} bytes", length.value)));
    }
    Ok((as_index(start.value), length.value as usize))
}

fn name_of_qed(bytes: Head<'_>) -> Result<(usize, usize), Malformed> {
    if bytes.le64(16)?.value & QED_BACKING == 0 {
        return Ok((0, 0));
    }
    let (start, length) = (bytes.le32(56)?, bytes.le32(60)?);
    if length.value > MAX_BACKING_NAME {
        return Err(Malformed::at(60, format!("the backing file name is too long: {} bytes", length.value)));
    }
    Ok((start.value as usize, length.value as usize))
}
