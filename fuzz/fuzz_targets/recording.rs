//! A whole recording, or one file of the base host: evidence, and the reports of all formats.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::{evidence::Evidence, profile::Profile};

fuzz_target!(|data: &[u8]| {
    testkit::bodies::run("recording", data);
    let Some(recording) = testkit::bodies::recording::of(data) else { return };
    let evidence = Evidence::of(recording);
    let report = engine::check(&evidence, &controls::Selection::default(), &Profile::default());
    assert!(serde_json::to_string(&report).is_ok());
    assert!(!engine::sarif::of(&report).to_string().is_empty());
});
