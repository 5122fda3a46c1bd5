//! See `testkit::bodies`: `netlink_audit`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| testkit::bodies::run("netlink_audit", data));
