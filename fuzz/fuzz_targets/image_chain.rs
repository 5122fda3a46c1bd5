//! See `testkit::bodies`: `image_chain`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("image_chain", data));
