//! VMDK: the sparse header and the text descriptor, for the files that they name.
//!
//! QEMU finds these names with `strstr` and `sscanf` (`vmdk_parent_open`, `vmdk_parse_extents` in `block/vmdk.c`):
//! a parent counts anywhere in the descriptor's first 20 sectors, in a comment too, and an extent line may be broken
//! over lines. A stricter reader would miss what QEMU opens, so this one is as loose.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    Reference, Role,
    bytes::{Head, as_index},
};
use crate::{Malformed, Spanned, text::find};

/// QEMU looks for the parent in this many bytes (`DESC_SIZE`).
const PARENT_BYTES: usize = 20 * 512;
/// QEMU reads this much of a descriptor (`vmdk_read_desc`).
const DESCRIPTOR_BYTES: usize = (1 << 20) - 1;
/// Where QEMU looks for the descriptor of a file with a binary header.
const EMBEDDED: usize = 0x200;
/// QEMU's buffers for a type, for a parent's name (`auto_backing_file`, `PATH_MAX`) and for an extent's.
const MAX_CREATE_TYPE: usize = 127;
const MAX_PARENT: usize = 4095;
const MAX_EXTENT_NAME: usize = 511;
/// Most extents kept. A descriptor of 1 MiB could name 50,000.
pub const MAX_EXTENTS: usize = 256;
/// Bytes of a binary header with its magic, up to the compression method.
const BINARY: usize = 79;
const PARENT_KEY: &[u8] = b"parentFileNameHint";
const EXTENT_KINDS: [&str; 5] = ["FLAT", "SPARSE", "VMFS", "VMFSSPARSE", "SESPARSE"];

/// What a VMDK file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// True for a text descriptor, false for a binary sparse header.
    pub text: bool,
    /// `createType`, as written.
    pub create_type: Option<Spanned<String>>,
    /// Size of the disk that the guest sees, in bytes.
    pub virtual_size: Option<u64>,
    /// The parent, and the extents without doubles.
    pub references: Vec<Reference>,
    /// True if more than [`MAX_EXTENTS`] extents were named.
    pub truncated: bool,
}

/// How many bytes [`parse`] wants.
pub(super) fn needed(head: &[u8]) -> usize {
    match extents_at(head) {
        Ok(Some(at)) => at.saturating_add(DESCRIPTOR_BYTES),
        _ => EMBEDDED + PARENT_BYTES,
    }
}

/// Reads a VMDK head of a file of `size` bytes.
///
/// # Errors
/// A sparse header or a descriptor that is not in the head, or a parent's name without an end.
pub fn parse(head: &[u8], size: u64) -> Result<Header, Malformed> {
    let extents = extents_at(head)?;
    let text = extents == Some(0);
    let mut header = Header { text, ..Header::default() };
    if head.starts_with(b"KDMV") {
        header.virtual_size = Head(head).le64(12).ok().map(|sectors| sectors.value.saturating_mul(512));
    }
    if head.starts_with(b"COWD") {
        header.virtual_size = Head(head).le32(12).ok().map(|sectors| u64::from(sectors.value) * 512);
    }
    let parent_at = if text { 0 } else { EMBEDDED };
    let region = c_string(head, parent_at, PARENT_BYTES);
    header.create_type = quoted(region, parent_at, b"createType", MAX_CREATE_TYPE);
    header.references.extend(parent(region, parent_at)?);
    if let Some(at) = extents {
        if at > head.len() && u64::try_from(at).is_ok_and(|at| at < size) {
            return Err(Malformed::at(28, "the descriptor is not in the head"));
        }
        let sectors = read_extents(c_string(head, at, DESCRIPTOR_BYTES), at, &mut header);
        header.virtual_size = Some(sectors.saturating_mul(512));
    }
    Ok(header)
}

/// Where a descriptor that lists extents is, if QEMU would read one: at 0 for a text file, or where a sparse header
/// without capacity points to.
fn extents_at(head: &[u8]) -> Result<Option<usize>, Malformed> {
    if head.starts_with(b"COWD") {
        return Ok(None);
    }
    if !head.starts_with(b"KDMV") {
        return Ok(Some(0));
    }
    let (capacity, sector) = (Head(head).le64(12)?, Head(head).le64(28)?);
    let start = as_index(sector.value.saturating_mul(512));
    Ok((capacity.value == 0 && sector.value != 0).then_some(start))
}

/// The bytes from `at`, at most `most`, up to a NUL: what a C program sees of them.
fn c_string(head: &[u8], at: usize, most: usize) -> &[u8] {
    let rest = head.get(at..).unwrap_or_default();
    let rest = rest.get(..most).unwrap_or(rest);
    let end = rest.iter().position(|b| *b == 0).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// The value of `key="…"`: two bytes are skipped after the key whatever they are, as QEMU does.
fn quoted(region: &[u8], base: usize, key: &[u8], most: usize) -> Option<Spanned<String>> {
    let start = find(region, 0, key)?.checked_add(key.len() + 2)?;
    let rest = region.get(start..)?;
    let value = rest.get(..rest.iter().position(|b| *b == b'"').filter(|end| *end <= most)?)?;
    let text = String::from_utf8_lossy(value).into_owned();
    Some(Spanned::new(text, base + start..base + start + value.len()))
}

fn parent(region: &[u8], base: usize) -> Result<Option<Reference>, Malformed> {
    let Some(at) = find(region, 0, PARENT_KEY) else { return Ok(None) };
    let start = at + PARENT_KEY.len() + 2;
    let rest = region.get(start..).unwrap_or_default();
    let end = rest.iter().position(|b| *b == b'"').filter(|end| *end <= MAX_PARENT);
    let Some(name) = end.and_then(|end| rest.get(..end)) else {
        return Err(Malformed::at(base + at, "the parent's name has no end"));
    };
    if name.is_empty() {
        return Ok(None);
    }
    let mut reference = Reference::new(Role::Backing, name, base + start);
    // QEMU opens it as VMDK without probing.
    reference.format = Some(Spanned::new("vmdk".to_owned(), base + at..base + at + PARENT_KEY.len()));
    Ok(Some(reference))
}

/// Where lines begin.
fn lines(region: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain((1..=region.len()).filter(|at| region.get(at - 1) == Some(&b'\n')))
}

/// Blanks what [`parse`] does not read: spaces in a descriptor, zeros around it.
pub(super) fn mask(head: &mut Vec<u8>) {
    let extents = extents_at(head).ok().flatten();
    let parent_at = if extents == Some(0) { 0 } else { EMBEDDED };
    let parents = c_string(head, parent_at, PARENT_BYTES);
    let listed = extents.map_or(&[][..], |at| c_string(head, at, DESCRIPTOR_BYTES));
    let mut kept: Vec<Range<usize>> = Vec::new();
    if extents != Some(0) {
        kept.push(0..BINARY);
    } else {
        kept.extend(lines(listed).filter(|at| listed.get(*at) == Some(&b'#')).map(|at| at..at + 1));
        kept.extend(
            lines(listed).find(|at| listed.get(*at..*at + 8) == Some(b"version=")).map(|at| at..at + 9),
        );
    }
    for (key, most) in [(&b"createType"[..], MAX_CREATE_TYPE), (PARENT_KEY, MAX_PARENT)] {
        let end =
            |at: usize| quoted(parents, parent_at, key, most).map_or(at, |value| value.span.end as usize + 1);
        kept.extend(find(parents, 0, key).map(|at| parent_at + at..end(parent_at + at + key.len())));
    }
    if let Some(base) = extents {
        let found = lines(listed).filter_map(|at| extent(listed, at));
        kept.extend(found.map(|(first, _, name)| base + first..base + name.end + 1));
    }
    let regions = [Some((parent_at, parents.len())), extents.map(|at| (at, listed.len()))];
    let regions = regions.map(|region| region.map_or(0..0, |(at, len)| at..at + len));
    kept.sort_by_key(|range| range.start);
    let mut next = kept.iter().peekable();
    for (at, byte) in head.iter_mut().enumerate() {
        while next.next_if(|range| range.end <= at).is_some() {}
        if next.peek().is_some_and(|range| range.contains(&at)) {
            continue;
        }
        let text = regions.iter().any(|region| region.contains(&at));
        // What ends a name stays, or what is left could read as an extent that was none.
        *byte = match *byte {
            _ if !text => 0,
            end @ (b'\n' | b'\r') => end,
            _ => b' ',
        };
    }
    let end = head.iter().rposition(|b| !matches!(b, 0 | b' ')).map_or(0, |last| last + 1);
    head.truncate(end.max(BINARY));
}

/// Adds the extents to `header` and gives their sectors together.
fn read_extents(region: &[u8], base: usize, header: &mut Header) -> u64 {
    let mut total = 0_u64;
    let mut extents = 0;
    for at in lines(region) {
        let Some((_, sectors, name)) = extent(region, at) else { continue };
        total = total.saturating_add(sectors);
        let reference =
            Reference::new(Role::Extent, region.get(name.clone()).unwrap_or_default(), base + name.start);
        if header
            .references
            .iter()
            .any(|seen| seen.role == Role::Extent && seen.name.value == reference.name.value)
        {
            continue;
        }
        if extents == MAX_EXTENTS {
            header.truncated = true;
            break;
        }
        extents += 1;
        header.references.push(reference);
    }
    total
}

/// `RW` sectors kind `"name"`, any white space between, from byte `at`: its first byte, sectors, and the name's place.
fn extent(region: &[u8], at: usize) -> Option<(usize, u64, Range<usize>)> {
    let skip = |mut at: usize| {
        while region.get(at).is_some_and(|b| b.is_ascii_whitespace() || *b == 0x0b) {
            at += 1;
        }
        at
    };
    let word = |at: usize, most: usize, fits: fn(u8) -> bool| {
        let rest = region.get(at..).unwrap_or_default();
        let end = rest.iter().position(|b| !fits(*b)).unwrap_or(rest.len());
        (end > 0 && end <= most).then_some(at..at + end)
    };
    let solid: fn(u8) -> bool = |b| !b.is_ascii_whitespace() && b != 0x0b;
    // White space over a line's end leads to where the next line's own search begins, so this one stops there.
    let blank = |b: &&u8| **b != b'\n' && (b.is_ascii_whitespace() || **b == 0x0b);
    let first = at + region.get(at..)?.iter().take_while(blank).count();
    let access = word(first, 10, solid)?;
    if region.get(access.clone())? != b"RW" {
        return None;
    }
    let at = skip(access.end);
    let at = if region.get(at) == Some(&b'+') { at + 1 } else { at };
    let digits = word(at, usize::MAX, |b| b.is_ascii_digit())?;
    // A number too large is the largest, as with sscanf.
    let sectors = std::str::from_utf8(region.get(digits.clone())?).ok()?.parse().unwrap_or(u64::MAX);
    let kind = word(skip(digits.end), 10, solid)?;
    let known = std::str::from_utf8(region.get(kind.clone())?).is_ok_and(|kind| EXTENT_KINDS.contains(&kind));
    let quote = skip(kind.end);
    if sectors == 0 || !known || region.get(quote) != Some(&b'"') {
        return None;
    }
    let name = word(quote + 1, MAX_EXTENT_NAME, |b| !matches!(b, b'\n' | b'\r' | b'"'))?;
    (region.get(name.end) == Some(&b'"')).then_some((first, sectors, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(Role, String)> {
        let header = parse(text.as_bytes(), text.len() as u64).unwrap();
        header.references.into_iter().map(|r| (r.role, r.name.value)).collect()
    }

    #[test]
    fn a_descriptor_names_its_parent_and_extents_once() {
        let text = "# Disk DescriptorFile\nversion=1\ncreateType=\"monolithicFlat\"\n\
            parentFileNameHint=\"/base.vmdk\"\nRW 63 FLAT \"a-flat.vmdk\" 0\nRW 1 FLAT \"a-flat.vmdk\" 63\n\
            RW 8 SPARSE \"s.vmdk\"\nRDONLY 8 SPARSE \"no.vmdk\"\n";
        let header = parse(text.as_bytes(), text.len() as u64).unwrap();
        assert_eq!(header.create_type.unwrap().value, "monolithicFlat");
        assert_eq!(header.virtual_size, Some(72 * 512));
        let spans: Vec<_> = header.references.iter().map(|r| &text[r.name.span.range()]).collect();
        assert_eq!(spans, ["/base.vmdk", "a-flat.vmdk", "s.vmdk"]);
    }

    #[test]
    fn what_scanf_would_take_is_taken() {
        let expected = [(Role::Extent, "/etc/shadow".to_owned())];
        for text in
            ["RW\n1\nFLAT\n\"/etc/shadow\" 0\n", "  RW +1 VMFS \"/etc/shadow\"", "RW 1FLAT \"/etc/shadow\" 0"]
        {
            assert_eq!(names(text), expected, "{text}");
        }
        assert!(names("RW 0 FLAT \"/etc/shadow\" 0\nRWX 1 FLAT \"x\" 0\nRW 1 FLAT \"no end\n").is_empty());
    }

    #[test]
    fn a_parent_in_a_comment_counts_as_it_does_in_qemu() {
        assert_eq!(names("#parentFileNameHint=\"/x\"\nversion=1\n"), [(Role::Backing, "/x".to_owned())]);
        assert!(parse(b"version=1\nparentFileNameHint=\"/x", 40).is_err());
    }

    #[test]
    fn a_mebibyte_of_line_ends_is_read_in_one_pass() {
        // Looked at anew from each line, this would take minutes.
        assert!(names(&format!("version=1\n{}", "\n".repeat(1 << 20))).is_empty());
        assert!(names(&format!("version=1\n{}", "RW\n".repeat(1 << 18))).is_empty());
    }

    #[test]
    fn extents_are_bounded() {
        let text: String = (0..1000).map(|n| format!("RW 1 FLAT \"{n}\" 0\n")).collect();
        let header = parse(text.as_bytes(), text.len() as u64).unwrap();
        assert!(header.truncated);
        assert_eq!(header.references.len(), MAX_EXTENTS);
    }
}
