//! See `testkit::bodies`: `access_group`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("access_group", data));
