//! See `testkit::bodies`: `image_facts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("image_facts", data));
