//! See `testkit::bodies`: `image_qcow2`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("image_qcow2", data));
