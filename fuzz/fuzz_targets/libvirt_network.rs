//! See `testkit::bodies`: `libvirt_network`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("libvirt_network", data));
