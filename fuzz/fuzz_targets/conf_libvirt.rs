//! See `testkit::bodies`: `conf_libvirt`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("conf_libvirt", data));
