//! See `testkit::bodies`: `image_luks`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("image_luks", data));
