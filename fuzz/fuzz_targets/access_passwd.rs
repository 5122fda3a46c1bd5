//! See `testkit::bodies`: `access_passwd`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("access_passwd", data));
