//! See `testkit::bodies`: `kernel_mount`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("kernel_mount", data));
