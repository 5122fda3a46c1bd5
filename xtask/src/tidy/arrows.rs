//! Law 1: which crate may depend on which.
use super::{Breach, breach};
use serde_json::Value;
use std::path::Path;

/// The table of ARCHITECTURE.md, by folder under `crates/`. Change it there first.
#[rustfmt::skip]
const ARROWS: &[(&str, &[&str])] = &[
    ("formats",  &[]),
    ("model",    &["formats"]),
    ("attest",   &["formats"]),
    ("fence",    &["formats", "model"]),
    ("labels",   &["formats", "model"]),
    ("controls", &["fence", "labels", "formats", "model"]),
    ("host",     &["formats", "model"]),
    ("probe",    &["host", "formats", "model"]),
    ("image",    &["host", "formats", "model"]),
    ("qemu",     &["host", "formats", "model"]),
    ("pki",      &["host", "formats", "model"]),
    ("devices",  &["host", "formats", "model"]),
    ("watch",    &["host", "formats", "model"]),
    ("jail",     &["host", "formats", "model"]),
    ("engine",   &["controls", "host", "formats", "model"]),
    ("guard",    &["controls", "fence", "labels", "host", "formats", "model"]),
    ("guardd",   &["guard", "jail", "devices", "host"]),
    ("drill",    &["guard", "jail", "fence", "devices", "labels", "attest", "image", "pki", "probe", "watch", "host", "formats", "model"]),
    ("fleet",    &["engine", "controls", "watch", "pki", "host", "formats", "model"]),
    ("cli",      &["formats", "model", "fence", "labels", "attest", "controls", "host", "probe", "image", "qemu", "pki", "devices", "engine", "guard", "jail", "guardd", "drill", "watch"]),
    // For tests alone: the private machines that tests, and the bench, run on.
    ("testkit",  &["formats", "model", "host"]),
    // A hypervisor in a VM; it knows nothing of what runs in it.
    ("lab",      &[]),
    // `gen` writes the shipped recording and the manual's list of controls.
    ("xtask",    &["testkit", "lab", "controls", "host", "model"]),
];

/// Over the output of `cargo metadata --no-deps`.
pub fn check(metadata: &Value) -> Vec<Breach> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages.iter().flat_map(package).collect()
}

fn package(package: &Value) -> Vec<Breach> {
    let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
    let name = manifest.parent().map(folder).unwrap_or_default();
    let place = if ["xtask", "lab"].contains(&name.as_str()) {
        format!("{name}/Cargo.toml")
    } else {
        format!("crates/{name}/Cargo.toml")
    };
    let Some((_, allowed)) = ARROWS.iter().find(|(n, _)| *n == name) else {
        let what = format!(
            "`{name}` is not in the table of ARCHITECTURE.md; a new crate is written there, and into tidy, first"
        );
        return vec![breach(&place, 1, "1", what)];
    };
    let mut out = Vec::new();
    for dependency in package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default() {
        // Only our own crates are path dependencies.
        let Some(to) = dependency["path"].as_str().map(|p| folder(Path::new(p))) else { continue };
        let in_tests = dependency["kind"].as_str() == Some("dev") && to == "testkit";
        if !in_tests && !allowed.contains(&to.as_str()) {
            let what =
                format!("`{name}` may not depend on `{to}`; it may on {allowed:?}, and in tests on testkit");
            out.push(breach(&place, 1, "1", what));
        }
    }
    out
}

fn folder(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn breaks(name: &str, to: &str, kind: Option<&str>) -> usize {
        let dependencies = json!([
            {"name": to, "path": format!("/x/crates/{to}"), "kind": kind},
            {"name": "serde", "kind": null},
        ]);
        let package =
            json!({"manifest_path": format!("/x/crates/{name}/Cargo.toml"), "dependencies": dependencies});
        check(&json!({"packages": [package]})).len()
    }

    #[test]
    fn an_arrow_that_is_not_in_the_table_breaks_law_1() {
        assert_eq!(breaks("controls", "model", None), 0);
        assert_eq!(breaks("controls", "host", None), 1);
        assert_eq!(breaks("controls", "host", Some("dev")), 1);
        assert_eq!(breaks("controls", "host", Some("build")), 1);
        assert_eq!(breaks("engine", "testkit", Some("dev")), 0);
        assert_eq!(breaks("engine", "testkit", None), 1);
        assert_eq!(breaks("cli", "fleet", None), 1);
        assert_eq!(breaks("news", "model", None), 1);
    }

    #[test]
    fn the_table_has_no_cycle() {
        fn reaches(from: &str, to: &str) -> bool {
            let next = ARROWS.iter().find(|(n, _)| *n == from).map(|(_, a)| *a).unwrap();
            next.iter().any(|n| *n == to || reaches(n, to))
        }
        for (name, _) in ARROWS {
            assert!(!reaches(name, name), "{name}");
        }
    }
}
