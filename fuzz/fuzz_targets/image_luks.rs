//! LUKS headers: the first byte chooses raw bytes, or JSON in a LUKS2 header that is sound otherwise.
#![no_main]

use formats::image::luks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let mut head = match kind % 3 {
        0 => rest.to_vec(),
        1 => [b"LUKS\xba\xbe\0\x01", rest].concat(),
        _ => {
            let mut head = vec![0; 4096];
            head[..8].copy_from_slice(b"LUKS\xba\xbe\0\x02");
            head[8..16].copy_from_slice(&16384_u64.to_be_bytes());
            head.extend(rest);
            head.resize(16384, 0);
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
});
