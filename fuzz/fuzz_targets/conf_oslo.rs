//! See `testkit::bodies`: `conf_oslo`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("conf_oslo", data));
