//! Any bytes as any image: probed, read, masked, and read again. The format is the probed one.
#![no_main]

use formats::image::{HEAD_MAX, facts, head_needed, mask_head, probe};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let size = data.len() as u64;
    assert!(head_needed(data, u64::MAX) <= HEAD_MAX);
    let format = probe(data, size);
    let before = facts(format, data, size);
    let mut head = data.to_vec();
    mask_head(format, &mut head);
    assert!(head.len() <= data.len());
    if let Ok(before) = before {
        let after = facts(format, &head, size).expect("masking broke the header");
        assert_eq!(before.virtual_size(), after.virtual_size());
        assert_eq!(before.references().len(), after.references().len());
    }
});
