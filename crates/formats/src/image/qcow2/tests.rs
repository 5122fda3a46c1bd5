//! Headers made by hand: what is read, where it points, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::image::{Format, facts, head_needed, mask_head};

/// A version 3 header with 64 KiB clusters, these extensions, and a backing name.
fn header(extensions: &[(u32, &[u8])], backing: &[u8]) -> Vec<u8> {
    let mut head = vec![0_u8; 104];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"QFI\xfb");
    put(4, &3_u32.to_be_bytes());
    put(20, &16_u32.to_be_bytes());
    put(24, &(1_u64 << 30).to_be_bytes());
    put(36, &2_u32.to_be_bytes());
    put(40, &(3_u64 << 16).to_be_bytes());
    put(48, &(1_u64 << 16).to_be_bytes());
    put(56, &1_u32.to_be_bytes());
    put(96, &4_u32.to_be_bytes());
    put(100, &104_u32.to_be_bytes());
    for (kind, data) in extensions {
        head.extend(kind.to_be_bytes());
        head.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        head.extend(*data);
        head.resize(head.len().next_multiple_of(8), 0);
    }
    head.extend([0; 8]);
    if !backing.is_empty() {
        let at = head.len() as u64;
        head[8..16].copy_from_slice(&at.to_be_bytes());
        head[16..20].copy_from_slice(&u32::try_from(backing.len()).unwrap().to_be_bytes());
        head.extend(backing);
    }
    head.resize(1 << 16, 0x55);
    head
}

const SIZE: u64 = 1 << 20;

#[test]
fn backing_name_and_format_are_read_with_their_places() {
    let head = header(&[(0xe279_2aca, b"raw")], b"../base.img");
    let backing = parse(&head, SIZE).unwrap().backing.unwrap();
    assert_eq!(
        (backing.name.value.as_str(), &head[backing.name.span.range()]),
        ("../base.img", &b"../base.img"[..])
    );
    let format = backing.format.unwrap();
    assert_eq!((format.value.as_str(), &head[format.span.range()]), ("raw", &b"raw"[..]));
}

#[test]
fn a_sound_header_leaves_no_doubt() {
    assert_eq!(parse(&header(&[], b""), SIZE).unwrap().doubts, []);
}

#[test]
fn feature_bits_are_named_and_unknown_ones_told() {
    let mut name = [0_u8; 48];
    name[1] = 40;
    name[2..7].copy_from_slice(b"magic");
    let mut head = header(&[(0x6803_f857, &name)], b"");
    head[72..80].copy_from_slice(&(0b10_u64 | 1 << 40 | 1 << 41).to_be_bytes());
    let header = parse(&head, SIZE).unwrap();
    let names: Vec<_> = header.features.iter().map(|f| (f.bit, f.name.as_str(), f.known)).collect();
    assert_eq!(names, [(1, "corrupt", true), (40, "unknown (magic)", false), (41, "unknown", false)]);
    assert_eq!(header.doubts.iter().filter(|doubt| doubt.offset == 72).count(), 2);
}

#[test]
fn a_data_file_counts_only_with_its_feature_bit() {
    let mut head = header(&[(0x4441_5441, b"/etc/shadow")], b"");
    assert_eq!(parse(&head, SIZE).unwrap().data_file, None);
    head[79] = 4;
    let data_file = parse(&head, SIZE).unwrap().data_file.unwrap();
    assert_eq!((data_file.role, data_file.name.value.as_str()), (Role::DataFile, "/etc/shadow"));
}

#[test]
fn what_qemu_refuses_is_refused_at_its_byte() {
    type Spoil = fn(&mut Vec<u8>);
    let cases: [(Spoil, usize, &str); 9] = [
        (|h| h[0] = 0, 0, "magic"),
        (|h| h[7] = 4, 4, "version 4"),
        (|h| h[23] = 8, 20, "cluster_bits 8"),
        (|h| h[23] = 22, 20, "cluster_bits 22"),
        (|h| h[103] = 72, 100, "header_length 72"),
        (|h| h[8] = 1, 8, "outside the first cluster"),
        (|h| h[18..20].copy_from_slice(&[4, 0]), 16, "too long: 1024"),
        (|h| h[108] = 1, 108, "leaves its area"),
        (|h| h.truncate(60), 60, "the head ends"),
    ];
    for (spoil, offset, why) in cases {
        let mut head = header(&[(1, b"x")], b"base");
        spoil(&mut head);
        let error = parse(&head, SIZE).unwrap_err();
        assert!(error.why.contains(why), "{error}");
        assert_eq!(error.offset, offset, "{error}");
    }
    let error = parse(&header(&[(0xe279_2aca, &[b'x'; 16])], b"base"), SIZE).unwrap_err();
    assert!(error.why.contains("backing format is too long"), "{error}");
}

#[test]
fn tables_outside_the_file_are_doubts() {
    type Spoil = fn(&mut Vec<u8>);
    let cases: [(Spoil, usize, &str); 7] = [
        (|h| h[43] = 1, 40, "level-1 table leaves the file"),
        (|h| h[47] = 1, 40, "level-1 table is not on a cluster boundary"),
        (|h| h[36] = 1, 36, "level-1 table is too large"),
        (|h| h[39] = 0, 36, "too small for the virtual size"),
        (|h| h[58] = 1, 56, "refcount table is too large"),
        (|h| h[59] = 0, 56, "no refcount table"),
        (|h| h[60] = 1, 60, "snapshot table is too large"),
    ];
    for (spoil, offset, why) in cases {
        let mut head = header(&[], b"");
        spoil(&mut head);
        let doubts = parse(&head, SIZE).unwrap().doubts;
        assert!(doubts.iter().any(|d| d.offset == offset && d.why.contains(why)), "{why}: {doubts:?}");
    }
}

#[test]
fn masking_keeps_the_facts_and_nothing_else() {
    let mut head = header(
        &[(0xe279_2aca, b"raw"), (0x1234, b"guest secret"), (0x4441_5441, b"data")],
        b"nbd://u:pw@h/x",
    );
    head[79] = 4;
    let before = facts(Format::Qcow2, &head, SIZE).unwrap();
    mask_head(Format::Qcow2, &mut head);
    assert!(head.len() < 256, "{}", head.len());
    assert!(!head.windows(6).any(|w| w == b"secret") && !head.contains(&0x55));
    let after = facts(Format::Qcow2, &head, SIZE).unwrap();
    let (Facts::Qcow2(mut before), Facts::Qcow2(after)) = (before, after) else { panic!("not qcow2") };
    before.backing.as_mut().unwrap().name.value = "nbd://u:**@h/x".to_owned();
    assert_eq!(before, after);
}

#[test]
fn masking_finds_the_end_of_extensions_that_are_not_aligned() {
    let mut head = header(&[(0x1234, b"x"), (0xe279_2aca, b"raw")], b"base");
    // A header of 107 bytes moves the extensions by three.
    head.splice(104..104, [0; 3]);
    head[103] = 107;
    head[15] += 3;
    let before = parse(&head, SIZE).unwrap();
    assert_eq!(before.extensions.len(), 2);
    mask_head(Format::Qcow2, &mut head);
    assert_eq!(parse(&head, SIZE), Ok(before));
}

#[test]
fn a_cluster_of_tiny_extensions_is_refused() {
    let many = vec![(7_u32, &b""[..]); 300];
    assert!(parse(&header(&many, b""), SIZE).unwrap_err().why.contains("256"));
}

#[test]
fn a_header_cut_anywhere_is_an_error_or_has_lost_nothing() {
    let whole = header(&[(0xe279_2aca, b"raw")], b"base");
    let expected = parse(&whole, SIZE).unwrap();
    for len in 0..200 {
        match parse(&whole[..len], SIZE) {
            Ok(header) => assert_eq!(header, expected, "{len}"),
            Err(error) => assert!(error.offset <= len, "{len}: {error}"),
        }
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_masking_keeps_the_facts(
        noise in prop::collection::vec((4_usize..200, any::<u8>()), 0..6),
        cut in 0_usize..70_000,
    ) {
        let mut head = header(&[(0xe279_2aca, b"raw"), (0x1234, b"x"), (0x4441_5441, b"data")], b"base");
        for (at, byte) in noise {
            head[at] = byte;
        }
        head.truncate(cut);
        prop_assert!(head_needed(&head, u64::MAX) <= crate::image::HEAD_MAX);
        let before = parse(&head, SIZE);
        mask_head(Format::Qcow2, &mut head);
        if let Ok(before) = before {
            let after = parse(&head, SIZE).unwrap();
            prop_assert_eq!(before.doubts, after.doubts);
            prop_assert_eq!(before.extensions, after.extensions);
        }
    }
}
