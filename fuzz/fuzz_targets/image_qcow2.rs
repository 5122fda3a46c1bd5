//! qcow2 headers: the magic and the version are given, so that the rest is reached.
#![no_main]

use formats::image::{Facts, Format, facts, mask_head, qcow2};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((version, rest)) = data.split_first() else { return };
    let head = [&b"QFI\xfb\0\0\0"[..], &[2 + version % 2], rest].concat();
    let before = qcow2::parse(&head, 1 << 30);
    let mut masked = head;
    mask_head(Format::Qcow2, &mut masked);
    if let Ok(mut before) = before {
        let Ok(Facts::Qcow2(mut after)) = facts(Format::Qcow2, &masked, 1 << 30) else {
            panic!("masking broke the header")
        };
        // Passwords in names are starred.
        for header in [&mut before, &mut *after] {
            for reference in header.backing.iter_mut().chain(&mut header.data_file) {
                reference.name.value.clear();
                reference.exact = true;
            }
        }
        assert_eq!(before, *after);
    }
});
