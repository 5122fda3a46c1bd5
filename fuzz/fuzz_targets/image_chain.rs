//! Chains: the input is cut into files of 512 bytes, and every path that is asked for is one of them.
#![no_main]

use formats::image::chain::{MAX_LINKS, Node, Opened, walk};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let files: Vec<&[u8]> = data.chunks(512).collect();
    let mut opened = 0_u64;
    let chain = walk(&Node { path: "/0", declared: None }, |path| {
        assert!(path.starts_with('/') && path.len() <= 4096 && !path.contains('\0'));
        let head = files.get(opened as usize).copied().unwrap_or_default().to_vec();
        opened += 1;
        Ok(Opened { size: head.len() as u64, head, identity: (0, opened) })
    });
    assert!(chain.links.len() <= MAX_LINKS && opened <= MAX_LINKS as u64);
});
