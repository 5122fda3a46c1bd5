//! Each sample breaks its law, or by a hair doesn't.
use crate::tidy::tests::{laws, tree};

const A: &str = "crates/model/src/a.rs";

#[test]
fn panics_break_law_5() {
    for (i, bad) in [
        "x.unwrap()",
        "x.expect(\"y\")",
        "x.expect(&format!(\"y\"))",
        "panic!()",
        "todo!()",
        "unreachable!()",
        "println!()",
        "std::eprintln!()",
        "dbg!(x)",
    ]
    .iter()
    .enumerate()
    {
        let text = format!("//! A.\nfn f() {{\n    {bad};\n}}\n");
        assert_eq!(laws(&format!("l5a{i}"), A, &text), [(3, "5")], "{bad}");
    }
    let allow = "//! A.\n#![allow(clippy::indexing_slicing)]\n";
    assert_eq!(laws("l5b", A, allow), [(2, "5")]);
}

#[test]
fn words_that_only_look_like_it_are_fine() {
    let text = "//! A. x.unwrap()\n// panic!()\nfn f() {\n    g(\"x.unwrap()\", x.unwrap_or(1), self.expect(b'='), my_panic!());\n}\n";
    assert_eq!(laws("l5c", A, text), []);
}

#[test]
fn tests_may_panic_and_nothing_after_them() {
    let text = "//! A.\n#[cfg(test)]\nmod tests {\n    fn é() { x.unwrap(); }\n}\nfn f() { x.unwrap(); }\n";
    assert_eq!(laws("l5d", A, text), [(6, "5")]);
    let not = "//! A.\n#[cfg(not(test))]\nfn f() { x.unwrap(); }\n";
    assert_eq!(laws("l5e", A, not), [(3, "5")]);
    assert_eq!(laws("l5f", "crates/model/tests/a.rs", "//! A.\nfn f() { x.unwrap(); }\n"), []);
}

#[test]
fn a_file_of_tests_is_one_only_if_declared_so() {
    let child = ("crates/model/src/a/tests.rs", "//! T.\nfn f() { x.unwrap(); }\n");
    let declared = (A, "//! A.\n#[cfg(test)]\nmod tests;\n");
    let plain = (A, "//! A.\nmod tests;\n");
    assert_eq!(crate::tidy::of_text(&tree("l5g", &[declared, child])), []);
    assert_eq!(crate::tidy::of_text(&tree("l5h", &[plain, child])).len(), 1);
}

#[test]
fn only_the_front_prints_and_through_anstream() {
    let through = "//! A.\nfn f() { anstream::println!(); }\n";
    let bare = "//! A.\nfn f() { println!(); }\n";
    assert_eq!(laws("l5i", "crates/cli/src/main.rs", through), []);
    assert_eq!(laws("l5j", "crates/cli/src/main.rs", bare), [(2, "5")]);
    assert_eq!(laws("l5k", "crates/cli/src/check.rs", through), [(2, "5")]);
    assert_eq!(laws("l5l", "xtask/src/a.rs", bare), []);
}

#[test]
fn unsafe_outside_sys_or_unexplained_breaks_law_4() {
    let explained = "//! A.\nfn f() {\n    // SAFETY: it is.\n    let x =\n        unsafe { g() };\n}\n";
    let bare = "//! A.\nfn f() {\n    // SAFETY: of another.\n    h();\n    unsafe { g() };\n}\n";
    assert_eq!(laws("l4a", A, explained), [(5, "4")]);
    assert_eq!(laws("l4b", "crates/host/src/sys.rs", explained), []);
    assert_eq!(laws("l4c", "crates/host/src/sys.rs", bare), [(5, "4")]);
    assert_eq!(laws("l4d", A, "//! unsafe.\n#![deny(unsafe_code)]\n"), []);
}
