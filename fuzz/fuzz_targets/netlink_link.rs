//! See `testkit::bodies`: `netlink_link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("netlink_link", data));
