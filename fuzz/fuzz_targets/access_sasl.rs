//! See `testkit::bodies`: `access_sasl`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("access_sasl", data));
