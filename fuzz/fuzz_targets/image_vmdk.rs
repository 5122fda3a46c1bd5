//! VMDK headers and descriptors.
#![no_main]

use formats::image::{Format, mask_head, vmdk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let size = data.len() as u64;
    let before = vmdk::parse(data, size);
    let mut head = data.to_vec();
    mask_head(Format::Vmdk, &mut head);
    if let Ok(before) = before {
        let after = vmdk::parse(&head, size).expect("masking broke the header");
        assert_eq!(before.virtual_size, after.virtual_size);
        assert_eq!(before.references.len(), after.references.len());
        for (before, after) in before.references.iter().zip(&after.references) {
            assert_eq!(before.name.span, after.name.span);
        }
    }
});
