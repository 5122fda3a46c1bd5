//! One door to all header facts, and the names of other files among them.

use serde::{Deserialize, Serialize};

use super::{Format, luks, plain, probe, qcow2, vmdk};
use crate::{Malformed, Spanned};

/// How many bytes to read of an image first: enough to probe it and, mostly, to parse it.
pub const FIRST_READ: usize = 64 << 10;
/// The most that is ever wanted of an image: two LUKS2 headers of the largest size, 4 MiB each.
pub const HEAD_MAX: usize = 8 << 20;

/// What another file is to the image that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// What an overlay lies over.
    Backing,
    /// Where a qcow2 image keeps its guest clusters.
    DataFile,
    /// A part of a VMDK disk.
    Extent,
}

/// The name of another file, as written in an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What it is for.
    pub role: Role,
    /// The name; what is not UTF-8 is replaced.
    pub name: Spanned<String>,
    /// False if something was replaced: the text then names another file than the bytes do.
    pub exact: bool,
    /// The format that the image declares for it; `None` means that QEMU would probe it.
    pub format: Option<Spanned<String>>,
}

impl Reference {
    /// A name of unknown format at byte `start`.
    pub(super) fn new(role: Role, bytes: &[u8], start: usize) -> Self {
        let name = String::from_utf8_lossy(bytes).into_owned();
        let exact = std::str::from_utf8(bytes).is_ok();
        Self { role, name: Spanned::new(name, start..start + bytes.len()), exact, format: None }
    }
}

/// What a header says, by format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Facts {
    /// There is no header, or nothing is read from it.
    None,
    /// qcow2.
    Qcow2(Box<qcow2::Header>),
    /// LUKS 1 or 2.
    Luks(Box<luks::Header>),
    /// VMDK.
    Vmdk(vmdk::Header),
    /// The formats of which little is read.
    Plain(plain::Header),
}

impl Facts {
    /// The names of other files in the header.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        match self {
            Self::None | Self::Luks(_) => Vec::new(),
            Self::Qcow2(header) => header.references(),
            Self::Vmdk(header) => header.references.clone(),
            Self::Plain(header) => header.backing.iter().cloned().collect(),
        }
    }

    /// The size of the disk that the guest sees in bytes, where the header says it.
    #[must_use]
    pub fn virtual_size(&self) -> Option<u64> {
        match self {
            Self::None | Self::Luks(_) => None,
            Self::Qcow2(header) => Some(header.virtual_size.value),
            Self::Vmdk(header) => header.virtual_size,
            Self::Plain(header) => header.virtual_size.as_ref().map(|size| size.value),
        }
    }
}

/// Reads the header of an image of `size` bytes as `format`.
///
/// # Errors
/// What the parser of that format says.
pub fn facts(format: Format, head: &[u8], size: u64) -> Result<Facts, Malformed> {
    match format {
        Format::Qcow2 => qcow2::parse(head, size).map(Facts::from),
        Format::Luks1 | Format::Luks2 => luks::parse(head).map(|header| Facts::Luks(Box::new(header))),
        Format::Vmdk => vmdk::parse(head, size).map(Facts::Vmdk),
        Format::Raw | Format::Iso9660 | Format::Vhdx | Format::Bochs | Format::Cloop => Ok(Facts::None),
        Format::Qcow | Format::Qed | Format::Vdi | Format::Vpc | Format::Parallels => {
            plain::parse(format, head).map(Facts::Plain)
        }
    }
}

/// How many bytes from the start of the file [`facts`] wants, told from a first head of [`FIRST_READ`] bytes; at
/// most [`HEAD_MAX`] and the file's size. Ask again with the longer head until it is not more than what you have:
/// a qcow2 image tells where its inner LUKS header is only once its whole first cluster is there.
#[must_use]
pub fn head_needed(head: &[u8], size: u64) -> usize {
    let wanted = match probe(head, size) {
        Format::Qcow2 => qcow2::needed(head),
        Format::Luks1 | Format::Luks2 => luks::needed(head),
        Format::Vmdk => vmdk::needed(head),
        Format::Qcow | Format::Qed => plain::needed(head),
        _ => FIRST_READ,
    };
    wanted.min(HEAD_MAX).min(usize::try_from(size).unwrap_or(usize::MAX))
}
