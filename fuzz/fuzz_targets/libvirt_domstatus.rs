//! See `testkit::bodies`: `libvirt_domstatus`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("libvirt_domstatus", data));
