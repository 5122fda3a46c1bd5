//! Certificates, revocation lists and private keys, as a file and as bare DER.
#![no_main]

use formats::x509::{MAX_OBJECTS, contains_private_key, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(bundle) = parse(data) {
        assert!(bundle.certificates.len() + bundle.revocation_lists.len() <= MAX_OBJECTS);
        assert_eq!(bundle.private_key, contains_private_key(data));
    }
});
