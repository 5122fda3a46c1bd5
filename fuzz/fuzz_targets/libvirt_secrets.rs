//! See `testkit::bodies`: `libvirt_secrets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("libvirt_secrets", data));
