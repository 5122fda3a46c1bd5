//! See `testkit::bodies`: `libvirt_nwfilter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("libvirt_nwfilter", data));
