//! See `testkit::bodies`: `libvirt_domain`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("libvirt_domain", data));
