//! See `testkit::bodies`: `libvirt_binding`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("libvirt_binding", data));
