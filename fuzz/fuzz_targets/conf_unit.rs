//! See `testkit::bodies`: `conf_unit`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("conf_unit", data));
