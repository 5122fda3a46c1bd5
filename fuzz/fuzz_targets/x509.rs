//! See `testkit::bodies`: `x509`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("x509", data));
