//! Disk image headers, chains, certificates.

use formats::{
    image::{
        Facts, Format, HEAD_MAX,
        chain::{MAX_LINKS, Node, Opened, walk},
        facts as facts_of, head_needed, luks, mask_head, probe, qcow2, vmdk,
    },
    x509::{MAX_OBJECTS, contains_private_key, parse},
};

use super::understood;

/// The input is cut into files of 512 bytes, and every path that is asked for is the next of them.
pub(super) fn chain(bytes: &[u8]) {
    let mut files = bytes.chunks(512);
    let mut opened = 0_u64;
    let chain = walk(&Node { path: "/0", declared: None }, |path| {
        assert!(path.starts_with('/') && path.len() <= 4096 && !path.contains('\0'));
        let head = files.next().unwrap_or_default().to_vec();
        opened += 1;
        Ok(Opened { size: head.len() as u64, head, identity: (0, opened) })
    });
    assert!(chain.links.len() <= MAX_LINKS && opened <= MAX_LINKS as u64);
    for problem in chain.links.iter().flat_map(|link| &link.problems) {
        assert!(!problem.to_string().is_empty());
    }
}

/// Any bytes as any image: probed, read, masked, and read again. The format is the probed one.
pub(super) fn facts(bytes: &[u8]) {
    let size = bytes.len() as u64;
    assert!(head_needed(bytes, u64::MAX) <= HEAD_MAX);
    let format = probe(bytes, size);
    let before = understood(bytes, facts_of(format, bytes, size));
    let mut head = bytes.to_vec();
    mask_head(format, &mut head);
    assert!(head.len() <= bytes.len());
    if let Some(before) = before {
        let after = facts_of(format, &head, size);
        assert!(after.is_ok(), "masking broke the header: {after:?}");
        if let Ok(after) = after {
            assert_eq!(before.virtual_size(), after.virtual_size());
            assert_eq!(before.references().len(), after.references().len());
        }
    }
}

/// The first byte chooses raw bytes, or JSON in a LUKS2 header that is sound otherwise.
pub(super) fn luks(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let mut head = match kind % 3 {
        0 => rest.to_vec(),
        1 => [b"LUKS\xba\xbe\0\x01", rest].concat(),
        _ => {
            let size = 16_384_u64.to_be_bytes();
            let mut head = [b"LUKS\xba\xbe\0\x02".as_slice(), &size, &[0; 4080], rest].concat();
            head.resize(16_384, 0);
            head
        }
    };
    let before = luks::parse(&head);
    let length = head.len();
    luks::mask(&mut head);
    assert_eq!(head.len(), length);
    if let Ok(before) = before {
        assert_eq!(luks::parse(&head), Ok(before));
    }
}

/// The magic and the version are given, so that the rest is reached.
pub(super) fn qcow2(bytes: &[u8]) {
    let Some((version, rest)) = bytes.split_first() else { return };
    let head = [&b"QFI\xfb\0\0\0"[..], &[2 + version % 2], rest].concat();
    let before = qcow2::parse(&head, 1 << 30);
    let mut masked = head;
    mask_head(Format::Qcow2, &mut masked);
    let Ok(mut before) = before else { return };
    let after = facts_of(Format::Qcow2, &masked, 1 << 30);
    assert!(matches!(after, Ok(Facts::Qcow2(_))), "masking broke the header: {after:?}");
    if let Ok(Facts::Qcow2(mut after)) = after {
        // Passwords in names are starred.
        for header in [&mut before, &mut *after] {
            for reference in header.backing.iter_mut().chain(&mut header.data_file) {
                reference.name.value.clear();
                reference.exact = true;
            }
        }
        assert_eq!(before, *after);
    }
}

pub(super) fn vmdk(bytes: &[u8]) {
    let size = bytes.len() as u64;
    let before = vmdk::parse(bytes, size);
    let mut head = bytes.to_vec();
    mask_head(Format::Vmdk, &mut head);
    let Some(before) = understood(bytes, before) else { return };
    let after = vmdk::parse(&head, size);
    assert!(after.is_ok(), "masking broke the header: {after:?}");
    if let Ok(after) = after {
        assert_eq!(before.virtual_size, after.virtual_size);
        assert_eq!(before.references.len(), after.references.len());
        for (before, after) in before.references.iter().zip(&after.references) {
            assert_eq!(before.name.span, after.name.span);
        }
    }
}

/// Certificates, revocation lists and private keys, as a file and as bare DER.
pub(super) fn x509(bytes: &[u8]) {
    let told = contains_private_key(bytes);
    if let Some(bundle) = understood(bytes, parse(bytes)) {
        assert!(bundle.certificates.len() + bundle.revocation_lists.len() <= MAX_OBJECTS);
        assert_eq!(bundle.private_key, told);
    }
}
