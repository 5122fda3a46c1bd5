//! What of a head may leave the host: header facts, and nothing that a guest wrote as data.

use std::ops::Range;

use super::{
    Format, Reference,
    bytes::as_index,
    facts, luks,
    name::protocol,
    plain,
    qcow2::{self, KEPT_EXTENSIONS},
    vmdk,
};

/// Bytes of the known fields of the longest qcow2 header.
const QCOW2_FIXED: usize = 112;
/// What a text that tells a password or key is preceded by, in an option string, a URL or `json:`.
const TELLTALES: [&str; 5] = ["password", "passphrase", "secret", "token", "key"];

/// Takes out of a head all that is not header, in place. The facts of what is left are those of the whole head, with
/// zeros for salts and digests and stars for passwords in URLs. Nothing is left of raw data; of a header that
/// can't be read, its fixed part.
pub fn mask_head(format: Format, head: &mut Vec<u8>) {
    match format {
        Format::Raw | Format::Iso9660 => head.clear(),
        Format::Luks1 | Format::Luks2 => {
            head.truncate(luks::needed(head));
            luks::mask(head);
        }
        Format::Qcow2 => mask_qcow2(head),
        Format::Vmdk => {
            vmdk::mask(head);
            if let Ok(facts) = facts(format, head, u64::MAX) {
                hide_credentials(head, &facts.references());
            }
        }
        Format::Qcow | Format::Qed => mask_plain(format, head),
        Format::Vdi => retain(head, [64..72, 0x170..0x178]),
        Format::Vpc => retain(head, [0..8, 48..56]),
        Format::Parallels => retain(head, [0..20, 36..44]),
        Format::Vhdx => retain(head, Some(0..8)),
        Format::Bochs => retain(head, Some(0..68)),
        Format::Cloop => retain(head, Some(0..128)),
    }
}

/// Zeros all but `kept`, and ends the head after the last of it.
fn retain(head: &mut Vec<u8>, kept: impl IntoIterator<Item = Range<usize>>) {
    let mut kept: Vec<_> = kept.into_iter().collect();
    kept.sort_by_key(|range| range.start);
    let mut from = 0;
    for range in kept {
        // The head may end within the gap.
        let gap_end = range.start.clamp(from, head.len().max(from));
        if let Some(gap) = head.get_mut(from..gap_end) {
            gap.fill(0);
        }
        from = from.max(range.end);
    }
    head.truncate(from);
}

fn place(reference: &Reference) -> Range<usize> {
    reference.name.span.range()
}

fn mask_plain(format: Format, head: &mut Vec<u8>) {
    let backing = plain::parse(format, head).ok().and_then(|header| header.backing);
    retain(head, std::iter::once(0..64).chain(backing.iter().map(place)));
    hide_credentials(head, backing.as_slice());
}

fn mask_qcow2(head: &mut Vec<u8>) {
    let Ok(header) = qcow2::parse(head, u64::MAX) else { return retain(head, Some(0..QCOW2_FIXED)) };
    let length = header.header_length.value as usize;
    let mut kept = Vec::from_iter(Some(0..length.min(QCOW2_FIXED)));
    let mut end = length;
    for extension in &header.extensions {
        let data = extension.data.range();
        kept.push(data.start - 8..data.start);
        if KEPT_EXTENSIONS.contains(&extension.kind) {
            kept.push(data.clone());
        }
        end = data.start + data.len().next_multiple_of(8);
    }
    let references = header.references();
    kept.extend(references.iter().map(place));
    // The end marker, or else a reader would look for more extensions where the head was cut. Where there is none
    // the area was full to its end, and what follows it is not read.
    let closed = head.get(end..end + 4) == Some(&[0; 4]);
    kept.push(end..if closed { end + 4 } else { end });
    let inner = header.luks_area.map(|area| as_index(area.value.offset)).filter(|_| header.luks.is_some());
    kept.extend(inner.map(|start| start..start + luks::LUKS1_BYTES));
    if let Some(inner) = inner.and_then(|start| head.get_mut(start..start + luks::LUKS1_BYTES)) {
        luks::mask(inner);
    }
    retain(head, kept);
    hide_credentials(head, &references);
}

/// Stars the passwords and keys in names that are no paths.
fn hide_credentials(head: &mut [u8], references: &[Reference]) {
    for reference in references.iter().filter(|reference| protocol(&reference.name.value).is_some()) {
        let Some(name) = head.get_mut(place(reference)) else { continue };
        for range in credentials(name) {
            if let Some(secret) = name.get_mut(range) {
                secret.fill(b'*');
            }
        }
    }
}

/// The places of passwords in a URL, an option string or a `json:` text.
fn credentials(name: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let ends = |from: usize, stop: &[u8]| {
        let rest = name.get(from..).unwrap_or_default();
        from + rest.iter().position(|b| stop.contains(b)).unwrap_or(rest.len())
    };
    for at in (0..name.len()).filter(|at| name.get(*at..*at + 3) == Some(b"://")) {
        let authority = at + 3..ends(at + 3, b"/?#\" ");
        let host = name.get(authority.clone()).and_then(|text| text.iter().rposition(|b| *b == b'@'));
        let colon = name.get(authority.clone()).and_then(|text| text.iter().position(|b| *b == b':'));
        if let (Some(host), Some(colon)) = (host, colon)
            && colon < host
        {
            found.push(authority.start + colon + 1..authority.start + host);
        }
    }
    for word in TELLTALES {
        let matches = |at: &usize| {
            name.get(*at..*at + word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word.as_bytes()))
        };
        for at in (0..name.len()).filter(matches) {
            let rest = name.get(at + word.len()..).unwrap_or_default();
            let sign = rest.iter().take_while(|b| b"\": =\t\\".contains(b)).count();
            if rest.get(..sign).is_some_and(|sign| sign.iter().any(|b| b":=".contains(b))) {
                let start = at + word.len() + sign;
                found.push(start..ends(start, b":,&;\"}\\ "));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn starred(name: &str) -> String {
        let mut bytes = name.as_bytes().to_vec();
        for range in credentials(name.as_bytes()) {
            bytes[range].fill(b'*');
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn passwords_are_starred_wherever_they_stand() {
        assert_eq!(starred("ftp://me:pw@host/x"), "ftp://me:**@host/x");
        assert_eq!(starred("http://host:80/x@y"), "http://host:80/x@y");
        assert_eq!(starred("rbd:pool/img:id=a:key=QUJD==:conf=/c"), "rbd:pool/img:id=a:key=******:conf=/c");
        assert_eq!(starred(r#"json:{"password": "pw", "n":1}"#), r#"json:{"password": "**", "n":1}"#);
    }

    #[test]
    fn of_raw_data_nothing_is_left() {
        for format in [Format::Raw, Format::Iso9660] {
            let mut head = b"guest data".to_vec();
            mask_head(format, &mut head);
            assert!(head.is_empty());
        }
    }

    #[test]
    fn masking_makes_no_extent_of_what_was_none() {
        let text = "version=1\ncreateType=\"x\nRW 8 FLAT \"cut\roff\nparentFileNameHint=\"/base\" 0\n";
        let mut head = text.as_bytes().to_vec();
        let before = facts(Format::Vmdk, &head, 512);
        mask_head(Format::Vmdk, &mut head);
        assert_eq!(facts(Format::Vmdk, &head, 512), before);
    }

    #[test]
    fn a_vmdk_descriptor_keeps_its_names_alone() {
        let text = "# Disk DescriptorFile\nversion=1\nsecret note\ncreateType=\"vmfs\"\n\
            #parentFileNameHint=\"/base.vmdk\"\nRW 63 FLAT \"a.vmdk\" 0\nRW 1 FLAT \"a.vmdk\" 63\nmore secrets\n";
        let mut head = text.as_bytes().to_vec();
        mask_head(Format::Vmdk, &mut head);
        let left = String::from_utf8(head.clone()).unwrap();
        assert!(!left.contains("secret") && !left.contains("Disk"), "{left}");
        assert_eq!(super::super::probe(&head, 4096), Format::Vmdk, "{left}");
        let size = text.len() as u64;
        assert_eq!(facts(Format::Vmdk, &head, size), facts(Format::Vmdk, text.as_bytes(), size));
    }

    proptest! {
        #[test]
        fn a_masked_descriptor_has_the_same_facts(
            text in r#"(version=1|createType="|parentFileNameHint="|RW|FLAT|SPARSE| 8 |"|/x|\n|\r| |\x00|#|secret){0,40}"#,
        ) {
            let size = text.len() as u64;
            let before = facts(Format::Vmdk, text.as_bytes(), size);
            let mut head = text.into_bytes();
            mask_head(Format::Vmdk, &mut head);
            if before.is_ok() {
                prop_assert_eq!(facts(Format::Vmdk, &head, size), before);
            }
        }
    }
}
