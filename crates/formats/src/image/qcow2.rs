//! qcow2 headers, versions 2 and 3 (QEMU `docs/interop/qcow2.txt`; limits from `qcow2_do_open` in `block/qcow2.c`).
//!
//! All that is read here lies in the first cluster, at most 2 MiB: [`needed`] says how much of a file that is.

mod extensions;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{
    Facts, Reference, Role,
    bytes::{Head, as_index},
    luks, probe,
};
use crate::{Malformed, Span, Spanned};

pub(super) use extensions::KEPT as KEPT_EXTENSIONS;
pub use extensions::{Area, Extension, FeatureName};

/// Bytes of a version 2 header.
pub const HEADER_V2: usize = 72;
/// Bytes of the shortest version 3 header.
pub const HEADER_V3: usize = 104;
/// The longest backing file name in bytes.
pub const MAX_BACKING_NAME: u32 = 1023;
/// Smallest and largest `cluster_bits` that QEMU opens (`MIN_CLUSTER_BITS`, `MAX_CLUSTER_BITS`).
pub const CLUSTER_BITS: std::ops::RangeInclusive<u32> = 9..=21;
/// Largest level-1 table in bytes (`QCOW_MAX_L1_SIZE`).
pub const MAX_L1_BYTES: u64 = 32 << 20;
/// Largest refcount table in bytes (`QCOW_MAX_REFTABLE_SIZE`).
pub const MAX_REFCOUNT_BYTES: u64 = 8 << 20;
/// Most internal snapshots (`QCOW_MAX_SNAPSHOTS`).
pub const MAX_SNAPSHOTS: u32 = 65_536;
/// The incompatible feature bits that have a meaning, by number.
const INCOMPATIBLE: [&str; 5] =
    ["dirty", "corrupt", "external data file", "compression type", "extended L2 entries"];
const EXTERNAL_DATA: u64 = 1 << 2;

/// What encrypts the clusters (`crypt_method`, byte 32).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// 0: nothing.
    None,
    /// 1: AES-128-CBC with the pass phrase as the key. Broken by design, and refused by QEMU outside its tools.
    Aes,
    /// 2: a LUKS header inside the image.
    Luks,
    /// Any other number.
    Unknown(u32),
}

/// A table in the image: where, and how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// File offset in bytes.
    pub offset: Spanned<u64>,
    /// Number of 8-byte entries (level 1), of clusters (refcounts), or of snapshots.
    pub count: Spanned<u32>,
}

/// One set bit of `incompatible_features`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// Bit number, 0 the least.
    pub bit: u8,
    /// Its meaning; `unknown` where the format has none, with the image's own name for it.
    pub name: String,
    /// False for a bit that QEMU does not know: it refuses the image.
    pub known: bool,
}

/// What a qcow2 header says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// 2 or 3.
    pub version: Spanned<u32>,
    /// Cluster size is `1 << cluster_bits` bytes.
    pub cluster_bits: Spanned<u32>,
    /// Size of the disk that the guest sees, in bytes.
    pub virtual_size: Spanned<u64>,
    /// The backing file, as written, with the format extension's word.
    pub backing: Option<Reference>,
    /// The external data file, if the feature bit is set and the extension names one.
    pub data_file: Option<Reference>,
    /// Encryption method.
    pub encryption: Spanned<Encryption>,
    /// The level-1 table.
    pub l1: Table,
    /// The refcount table; `count` is in clusters.
    pub refcounts: Table,
    /// The snapshot table; `count` is `nb_snapshots`.
    pub snapshots: Table,
    /// `incompatible_features`, raw. 0 in version 2.
    pub incompatible: Spanned<u64>,
    /// `compatible_features`, raw.
    pub compatible: Spanned<u64>,
    /// `autoclear_features`, raw.
    pub autoclear: Spanned<u64>,
    /// The set bits of `incompatible`, named.
    pub features: Vec<Feature>,
    /// Refcounts are `1 << refcount_order` bits wide.
    pub refcount_order: Spanned<u32>,
    /// Length of the header in bytes, before the extensions.
    pub header_length: Spanned<u32>,
    /// 0 deflate, 1 zstd; only with the feature bit.
    pub compression: Option<Spanned<u8>>,
    /// All header extensions in file order, the end marker not among them.
    pub extensions: Vec<Extension>,
    /// Names that the image gives to feature bits.
    pub feature_names: Vec<FeatureName>,
    /// Where the LUKS header is, if the full-disk-encryption extension says so.
    pub luks_area: Option<Spanned<Area>>,
    /// The facts of that LUKS header; `None` if there is none or the head is too short to hold it.
    pub luks: Option<Box<luks::Header>>,
    /// Number of persistent dirty bitmaps.
    pub bitmaps: Spanned<u32>,
    /// What is wrong but leaves the header readable: tables outside the file, unknown feature bits.
    pub doubts: Vec<Malformed>,
}

impl Header {
    /// Cluster size in bytes.
    #[must_use]
    pub fn cluster_size(&self) -> u64 {
        1 << self.cluster_bits.value
    }

    /// The names of other files that this header gives.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        self.backing.iter().chain(&self.data_file).cloned().collect()
    }
}

/// How many bytes from the start of a file [`parse`] wants: the first cluster, and the inner LUKS header where the
/// extensions already in `head` point at one. Bounded by [`super::HEAD_MAX`].
#[must_use]
pub fn needed(head: &[u8]) -> usize {
    let Ok(bits) = Head(head).be32(20) else { return HEADER_V3 };
    if !CLUSTER_BITS.contains(&bits.value) {
        return HEADER_V3;
    }
    let cluster = 1_usize << bits.value;
    let inner = parse(head, u64::MAX).ok().and_then(|header| header.luks_area);
    let end = inner.map_or(0, |area| as_index(area.value.offset).saturating_add(luks::LUKS1_BYTES));
    if end <= super::HEAD_MAX { cluster.max(end) } else { cluster }
}

/// Reads a header from the first bytes of an image of `size` bytes (`u64::MAX` if unknown).
///
/// # Errors
/// Where QEMU would refuse the image for its header: magic, version, cluster size, lengths and extensions that leave
/// the first cluster; and where `head` ends before them.
pub fn parse(head: &[u8], size: u64) -> Result<Header, Malformed> {
    let bytes = Head(head);
    if bytes.bytes(0, 4)? != probe::QCOW_MAGIC {
        return Err(Malformed::at(0, "no qcow2 magic"));
    }
    let version = bytes.be32(4)?;
    if !(2..=3).contains(&version.value) {
        return Err(Malformed::at(4, format!("qcow2 version {} is not 2 or 3", version.value)));
    }
    let cluster_bits = bytes.be32(20)?;
    if !CLUSTER_BITS.contains(&cluster_bits.value) {
        return Err(Malformed::at(20, format!("cluster_bits {} is not in 9 to 21", cluster_bits.value)));
    }
    let mut header = fixed(bytes, version, cluster_bits)?;
    let extensions_end = backing_name(bytes, &mut header)?;
    extensions::read(bytes, &mut header, extensions_end)?;
    header.features = features(&header);
    header.luks = inner_luks(head, &header);
    header.doubts = doubts(&header, size);
    Ok(header)
}

fn fixed(bytes: Head<'_>, version: Spanned<u32>, cluster_bits: Spanned<u32>) -> Result<Header, Malformed> {
    let three = version.value >= 3;
    let absent = |at: usize| Span::new(at, at);
    let mask = |at| if three { bytes.be64(at) } else { Ok(Spanned::new(0, absent(HEADER_V2))) };
    let incompatible = mask(72)?;
    let header_length = if three { bytes.be32(100)? } else { Spanned::new(72, absent(HEADER_V2)) };
    let shortest = if three { HEADER_V3 as u32 } else { HEADER_V2 as u32 };
    if header_length.value < shortest || u64::from(header_length.value) > 1 << cluster_bits.value {
        let why = format!("header_length {} is not in {shortest} to the cluster size", header_length.value);
        return Err(Malformed::at(100, why));
    }
    let compression = if header_length.value > HEADER_V3 as u32 {
        bytes.bytes(HEADER_V3, 1)?.first().map(|kind| Spanned::new(*kind, HEADER_V3..HEADER_V3 + 1))
    } else {
        None
    };
    let method = bytes.be32(32)?;
    let encryption = match method.value {
        0 => Encryption::None,
        1 => Encryption::Aes,
        2 => Encryption::Luks,
        other => Encryption::Unknown(other),
    };
    Ok(Header {
        virtual_size: bytes.be64(24)?,
        encryption: Spanned::new(encryption, method.span),
        l1: Table { offset: bytes.be64(40)?, count: bytes.be32(36)? },
        refcounts: Table { offset: bytes.be64(48)?, count: bytes.be32(56)? },
        snapshots: Table { offset: bytes.be64(64)?, count: bytes.be32(60)? },
        compatible: mask(80)?,
        autoclear: mask(88)?,
        refcount_order: if three { bytes.be32(96)? } else { Spanned::new(4, absent(HEADER_V2)) },
        compression: compression.filter(|_| incompatible.value & (1 << 3) != 0),
        version,
        cluster_bits,
        incompatible,
        header_length,
        backing: None,
        data_file: None,
        features: Vec::new(),
        extensions: Vec::new(),
        feature_names: Vec::new(),
        luks_area: None,
        luks: None,
        bitmaps: Spanned::new(0, absent(0)),
        doubts: Vec::new(),
    })
}

/// Reads the backing name and gives the byte where the extension area must end.
fn backing_name(bytes: Head<'_>, header: &mut Header) -> Result<usize, Malformed> {
    let cluster = as_index(header.cluster_size());
    let offset = bytes.be64(8)?;
    let length = bytes.be32(16)?.value;
    if offset.value == 0 {
        return Ok(cluster);
    }
    let start = as_index(offset.value);
    if start > cluster {
        return Err(Malformed::at(8, "the backing file name is outside the first cluster"));
    }
    if length > MAX_BACKING_NAME || length as usize > cluster - start {
        return Err(Malformed::at(16, format!("the backing file name is too long: {length} bytes")));
    }
    if length > 0 {
        let name = bytes.bytes(start, length as usize)?;
        header.backing = Some(Reference::new(Role::Backing, name, start));
    }
    Ok(start)
}

fn features(header: &Header) -> Vec<Feature> {
    (0..64_u8)
        .filter(|bit| header.incompatible.value & (1 << bit) != 0)
        .map(|bit| match INCOMPATIBLE.get(usize::from(bit)) {
            Some(name) => Feature { bit, name: (*name).to_owned(), known: true },
            None => {
                let own = header.feature_names.iter().find(|named| named.kind == 0 && named.bit == bit);
                let name = own.map_or_else(|| "unknown".to_owned(), |own| format!("unknown ({})", own.name));
                Feature { bit, name, known: false }
            }
        })
        .collect()
}

/// The LUKS header inside the image, if the head reaches it. Its spans count from the start of the image.
fn inner_luks(head: &[u8], header: &Header) -> Option<Box<luks::Header>> {
    let start = as_index(header.luks_area.as_ref()?.value.offset);
    let inner = head.get(start..start.checked_add(luks::LUKS1_BYTES)?)?;
    luks::parse_at(inner, start).ok().map(Box::new)
}

/// Sums that QEMU checks when it opens the tables.
fn doubts(header: &Header, size: u64) -> Vec<Malformed> {
    let cluster = header.cluster_size();
    let mut doubts = Vec::new();
    let mut table = |table: &Table, bytes: u64, most: u64, name: &str| {
        let (offset, at) = (table.offset.value, table.offset.span.start as usize);
        if bytes > most {
            doubts.push(Malformed::at(
                table.count.span.start as usize,
                format!("the {name} table is too large: {bytes} bytes"),
            ));
        } else if bytes > 0 && offset % cluster != 0 {
            doubts.push(Malformed::at(at, format!("the {name} table is not on a cluster boundary")));
        } else if bytes > 0 && offset.checked_add(bytes).is_none_or(|end| end > size) {
            doubts.push(Malformed::at(at, format!("the {name} table leaves the file")));
        } else if bytes > 0 && offset < cluster {
            doubts.push(Malformed::at(at, format!("the {name} table overlaps the header")));
        }
    };
    table(&header.l1, u64::from(header.l1.count.value) * 8, MAX_L1_BYTES, "level-1");
    let refcount_bytes = u64::from(header.refcounts.count.value).saturating_mul(cluster);
    table(&header.refcounts, refcount_bytes, MAX_REFCOUNT_BYTES, "refcount");
    // A snapshot entry is 40 bytes or more, and the table is read to its end by its own lengths.
    let snapshot_bytes = u64::from(header.snapshots.count.value) * 40;
    table(&header.snapshots, snapshot_bytes, u64::from(MAX_SNAPSHOTS) * 40, "snapshot");
    doubts.extend(more_doubts(header));
    doubts
}

fn more_doubts(header: &Header) -> Vec<Malformed> {
    let mut doubts = Vec::new();
    let mut doubt = |span: Span, why: String| doubts.push(Malformed::at(span.start as usize, why));
    // Each level-1 entry covers one cluster of level-2 entries; 8 bytes an entry, 16 if extended.
    let entry = if header.incompatible.value & (1 << 4) == 0 { 8 } else { 16 };
    let covered = u128::from(header.l1.count.value) * u128::from(header.cluster_size().pow(2) / entry);
    if covered < u128::from(header.virtual_size.value) {
        doubt(header.l1.count.span, "the level-1 table is too small for the virtual size".to_owned());
    }
    if header.refcounts.count.value == 0 {
        doubt(header.refcounts.count.span, "there is no refcount table".to_owned());
    }
    if header.refcount_order.value > 6 {
        doubt(
            header.refcount_order.span,
            format!("refcount_order {} is over 6", header.refcount_order.value),
        );
    }
    if !header.header_length.value.is_multiple_of(8) {
        doubt(header.header_length.span, "header_length is no multiple of 8".to_owned());
    }
    for feature in header.features.iter().filter(|feature| !feature.known) {
        doubt(header.incompatible.span, format!("incompatible feature bit {} is unknown", feature.bit));
    }
    if let Encryption::Unknown(method) = header.encryption.value {
        doubt(header.encryption.span, format!("crypt_method {method} is unknown"));
    }
    if header.encryption.value == Encryption::Luks && header.luks_area.is_none() {
        doubt(header.encryption.span, "crypt_method is LUKS but no extension says where".to_owned());
    }
    if let Some(area) = &header.luks_area
        && (area.value.offset % header.cluster_size() != 0 || area.value.offset == 0)
    {
        doubt(area.span, "the LUKS header is not on a cluster boundary".to_owned());
    }
    if header.incompatible.value & EXTERNAL_DATA != 0 && header.data_file.is_none() {
        doubt(header.incompatible.span, "the data is in an external file that is not named".to_owned());
    }
    doubts
}

impl From<Header> for Facts {
    fn from(header: Header) -> Self {
        Self::Qcow2(Box::new(header))
    }
}
