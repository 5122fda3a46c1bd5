//! Every promise of SPECIFICATION.md names tests that exist, as `file::test`; `…::test` is in the file named before.

use std::{fs, path::Path};

#[test]
fn every_test_that_is_named_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("SPECIFICATION.md")).unwrap();
    let (mut file, mut source, mut named) = ("", String::new(), 0);
    // The preamble explains how they are written.
    for promise in text.split("\n**S").skip(1) {
        let spans = promise.split('`').skip(1).step_by(2);
        let tests: Vec<_> = spans.filter_map(|span| span.rsplit_once("::")).collect();
        assert!(!tests.is_empty(), "no test keeps **S{promise}");
        for (path, test) in tests {
            if path != "…" && path != file {
                file = path;
                source = fs::read_to_string(root.join(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
            }
            assert!(source.contains(&format!("fn {test}(")), "{file} has no test {test}");
            named += 1;
        }
    }
    assert!(named >= 20, "only {named} tests are named");
}
