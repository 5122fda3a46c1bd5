//! Telling a format by its magic, with the rules of QEMU's `bdrv_probe` functions (`block/*.c`).

use serde::{Deserialize, Serialize};

use super::{Format, bytes::Head};

/// QEMU's own probe reads this much (`BLOCK_PROBE_BUF_SIZE`); what it can't see there it takes for raw.
const QEMU_PROBE: usize = 512;
/// Where ISO 9660 has its first volume descriptor's identifier (ECMA-119, 8.1: sector 16, byte 2).
const ISO_MARK: usize = 32_769;
/// `LUKS` and two bytes more (LUKS on-disk format 1.2.3, 2.1).
pub(super) const LUKS_MAGIC: &[u8; 6] = b"LUKS\xba\xbe";
/// `QFI\xfb` (QEMU docs/interop/qcow2.txt).
pub(super) const QCOW_MAGIC: &[u8; 4] = b"QFI\xfb";
/// What a cloop file starts with (`block/cloop.c`).
const CLOOP: &[u8] =
    b"#!/bin/sh\n#V2.0 Format\ninsmod cloop.o file=$0 && mount -r -t iso9660 /dev/cloop $1\n";

/// A partition table found where a raw disk has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BootSector {
    /// A master boot record: `55 AA` at byte 510.
    Mbr,
    /// A GUID partition table: `EFI PART` at byte 512 or 4096.
    Gpt,
}

/// The format of an image from its head. Any head will do: what is not there is not recognised. ISO 9660 takes
/// 32,774 bytes, all others 512. `size` is the file's, in bytes: a head longer than the file is cut to it.
#[must_use]
pub fn probe(head: &[u8], size: u64) -> Format {
    let head = within(head, size);
    match head {
        [b'Q', b'F', b'I', 0xfb, ..] => qcow(head),
        [b'L', b'U', b'K', b'S', 0xba, 0xbe, 0, 1, ..] => Format::Luks1,
        [b'L', b'U', b'K', b'S', 0xba, 0xbe, 0, 2, ..] => Format::Luks2,
        [b'K', b'D', b'M', b'V', ..] | [b'C', b'O', b'W', b'D', ..] => Format::Vmdk,
        [b'Q', b'E', b'D', 0, ..] => Format::Qed,
        _ if head.starts_with(b"conectix") => Format::Vpc,
        _ if head.starts_with(b"vhdxfile") => Format::Vhdx,
        _ if head.get(64..68) == Some(&[0x7f, 0x10, 0xda, 0xbe]) => Format::Vdi,
        _ if parallels(head) => Format::Parallels,
        _ if bochs(head) => Format::Bochs,
        _ if head.starts_with(CLOOP) => Format::Cloop,
        _ if vmdk_text(head.get(..QEMU_PROBE).unwrap_or(head)) => Format::Vmdk,
        _ if head.get(ISO_MARK..ISO_MARK + 5) == Some(b"CD001") => Format::Iso9660,
        _ => Format::Raw,
    }
}

/// The partition table at the start of a raw head, if any. QEMU reads such an image as raw; that it looks like a
/// disk is what tells it from a file that was passed by mistake.
#[must_use]
pub fn boot_sector(head: &[u8], size: u64) -> Option<BootSector> {
    let head = within(head, size);
    if [512, 4096].iter().any(|at| head.get(*at..at + 8) == Some(b"EFI PART")) {
        return Some(BootSector::Gpt);
    }
    (head.get(510..512) == Some(&[0x55, 0xaa])).then_some(BootSector::Mbr)
}

fn within(head: &[u8], size: u64) -> &[u8] {
    usize::try_from(size).ok().and_then(|size| head.get(..size)).unwrap_or(head)
}

fn qcow(head: &[u8]) -> Format {
    match Head(head).be32(4) {
        Ok(version) if version.value == 1 => Format::Qcow,
        Ok(version) if version.value >= 2 => Format::Qcow2,
        _ => Format::Raw,
    }
}

fn parallels(head: &[u8]) -> bool {
    let version = Head(head).le32(16).map(|v| v.value);
    (head.starts_with(b"WithoutFreeSpace") || head.starts_with(b"WithouFreSpacExt")) && version == Ok(2)
}

fn bochs(head: &[u8]) -> bool {
    let field = |at: usize, len: usize| Head(head).text(at, len).map(|t| t.value).unwrap_or_default();
    let version = Head(head).le32(64).map(|v| v.value).unwrap_or(0);
    field(0, 32) == "Bochs Virtual HD Image"
        && field(32, 16) == "Redolog"
        && field(48, 16) == "Growing"
        && (version == 0x1_0000 || version == 0x2_0000)
}

/// A descriptor: comment lines and lines of blanks, then `version=` 1, 2 or 3 on a line of its own
/// (`vmdk_probe`). An empty line is no blank line there, so neither here.
fn vmdk_text(head: &[u8]) -> bool {
    for line in head.split_inclusive(|b| *b == b'\n') {
        let Some(body) = line.strip_suffix(b"\n") else { return false };
        if body.first() == Some(&b'#') {
            continue;
        }
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        if body.first() == Some(&b' ') && body.iter().all(|b| *b == b' ') {
            continue;
        }
        return matches!(body, b"version=1" | b"version=2" | b"version=3");
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes at a place.
    type Part = (usize, &'static [u8]);

    /// A head of 40,000 zeros with these parts.
    fn head(parts: &[Part]) -> Vec<u8> {
        let mut head = vec![0; 40_000];
        for (at, bytes) in parts {
            head[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        head
    }

    #[test]
    fn formats_that_no_tool_here_writes() {
        let bochs: [Part; 4] =
            [(0, b"Bochs Virtual HD Image"), (32, b"Redolog"), (48, b"Growing"), (64, &[0, 0, 2, 0])];
        let cases: [(&[Part], Format); 8] = [
            (&bochs, Format::Bochs),
            (&bochs[..3], Format::Raw),
            (&[(0, CLOOP)], Format::Cloop),
            (&[(0, b"COWD")], Format::Vmdk),
            (&[(0, b"WithoutFreeSpace\x02")], Format::Parallels),
            (&[(0, b"WithoutFreeSpace\x03")], Format::Raw),
            (&[(32_769, b"CD001")], Format::Iso9660),
            (&[(0, b"LUKS\xba\xbe\0\x03")], Format::Raw),
        ];
        for (parts, format) in cases {
            assert_eq!(probe(&head(parts), 1 << 20), format);
        }
        // What lies behind the end of the file does not count.
        assert_eq!(probe(&head(&[(32_769, b"CD001")]), 32_770), Format::Raw);
    }

    #[test]
    fn a_vmdk_descriptor_starts_as_qemu_wants_it() {
        for (text, format) in [
            ("# c\n   \nversion=3\r\n", Format::Vmdk),
            ("version=1\n", Format::Vmdk),
            ("\nversion=1\n", Format::Raw),
            ("version=4\n", Format::Raw),
            ("x\nversion=1\n", Format::Raw),
            ("version=1", Format::Raw),
        ] {
            assert_eq!(probe(text.as_bytes(), 4096), format, "{text:?}");
        }
    }

    #[test]
    fn partition_tables_are_told() {
        let mbr: Part = (510, &[0x55, 0xaa]);
        for (parts, expected) in [
            (vec![mbr], Some(BootSector::Mbr)),
            (vec![mbr, (512, b"EFI PART")], Some(BootSector::Gpt)),
            (vec![(4096, b"EFI PART")], Some(BootSector::Gpt)),
            (vec![], None),
        ] {
            assert_eq!(boot_sector(&head(&parts), 1 << 20), expected);
        }
    }
}
