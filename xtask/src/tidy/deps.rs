//! Law 8: no GPL, no OpenSSL, and no system C library but libc linked in the default build.
use super::{Breach, breach};
use crate::tools;
use anyhow::Result;

/// Bindings that bring their C with them, or need none.
const BUNDLED: &[&str] = &["linux-raw-sys", "zstd-sys", "libsqlite3-sys", "libmimalloc-sys"];
const OPENSSL: &[&str] = &["openssl", "native-tls", "boring"];

/// What the default build links: `name vVERSION|licence` a line.
pub fn linked() -> Result<String> {
    let tree =
        ["tree", "--workspace", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}|{l}"];
    tools::output(tools::cargo().args(tree))
}

pub fn check(linked: &str) -> Vec<Breach> {
    let mut lines: Vec<&str> =
        linked.lines().map(|l| l.trim_end_matches(" (*)")).filter(|l| !l.is_empty()).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut out = Vec::new();
    for line in lines {
        let (package, licence) = line.split_once('|').unwrap_or((line, ""));
        let name = package.split(' ').next().unwrap_or(package);
        let mut say = |what: String| out.push(breach("Cargo.lock", 1, "8", what));
        if OPENSSL.iter().any(|o| name == *o || name.starts_with(&format!("{o}-"))) {
            say(format!(
                "{package} is OpenSSL; find who brings it with `cargo tree -i {name}` and drop that"
            ));
        } else if name.ends_with("-sys") && !name.starts_with("windows-") && !BUNDLED.contains(&name) {
            say(format!("{package} binds a system C library; `cargo tree -i {name}` tells who brings it"));
        }
        if only_gpl(licence) {
            say(format!(
                "{package} is {licence}, which we can't link; `cargo tree -i {name}` tells who brings it"
            ));
        }
    }
    out
}

/// No way to take it but under a GPL: each alternative names one.
fn only_gpl(licence: &str) -> bool {
    let parts = licence.replace(['(', ')'], " ").replace('/', " OR ");
    parts.split(" OR ").all(|p| p.contains("GPL"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gpl_openssl_and_system_libraries_break_law_8() {
        let breaks = |line: &str| check(line).len();
        assert_eq!(breaks("openssl-sys v0.9.1|MIT"), 1);
        assert_eq!(breaks("native-tls v0.2.1|MIT"), 1);
        assert_eq!(breaks("libvirt-sys v0.9.1|MIT"), 1);
        assert_eq!(breaks("pam-sys v0.9.1|GPL-3.0"), 2);
        assert_eq!(breaks("readline v1.0.0|GPL-3.0-or-later\nreadline v1.0.0|GPL-3.0-or-later (*)"), 1);
        let fine = "r-efi v5|MIT OR Apache-2.0 OR LGPL-2.1-or-later\nzstd-sys v2|BSD-3-Clause\nlinux-raw-sys v0|MIT\n\
                    windows-sys v0|MIT\nopensslish v1|MIT\nold v1|MIT/Apache-2.0";
        assert_eq!(check(fine), []);
    }
}
