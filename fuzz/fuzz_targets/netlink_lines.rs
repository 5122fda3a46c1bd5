//! See `testkit::bodies`: `netlink_lines`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("netlink_lines", data));
