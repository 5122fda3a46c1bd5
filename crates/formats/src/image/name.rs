//! Names of other files, as an image header writes them: which are paths, and what path they mean.
//!
//! The rules are QEMU's (`path_has_protocol`, `path_is_absolute` and `path_combine` in `block.c`), so that a name
//! means here what it would mean to the emulator.

/// The longest path that is looked at, in bytes: Linux `PATH_MAX`.
pub const MAX_PATH: usize = 4096;
/// Trees that a disk image has no business naming: devices, processes, kernel knobs.
const SYSTEM: [&str; 3] = ["/dev", "/proc", "/sys"];

/// The protocol of a name (`nbd` of `nbd:unix:/x`, `json` of `json:{…}`): QEMU's rule is a colon before any slash.
/// A file whose name has a colon is a protocol to QEMU too. The empty protocol of `:x` counts.
#[must_use]
pub fn protocol(name: &str) -> Option<&str> {
    let end = name.find([':', '/'])?;
    name.get(end..)?.starts_with(':').then(|| name.get(..end).unwrap_or_default())
}

/// The path that `name` means when written in the image at `overlay`: itself if absolute, else beside the overlay.
/// Lexical and not simplified, as QEMU does it; neither argument may have a [`protocol`].
#[must_use]
pub fn resolve(overlay: &str, name: &str) -> String {
    if name.starts_with('/') {
        return name.to_owned();
    }
    let folder = overlay.rfind('/').and_then(|slash| overlay.get(..=slash)).unwrap_or_default();
    format!("{folder}{name}")
}

/// The path without `.`, `..` and doubled slashes. It is for comparing: with symbolic links in the way, the kernel
/// may find another file there.
#[must_use]
pub fn simplify(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if path.starts_with('/') => {}
            other => parts.push(other),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// True for a path in `/dev`, `/proc` or `/sys`, after [`simplify`].
#[must_use]
pub fn is_system(path: &str) -> bool {
    let path = simplify(path);
    SYSTEM
        .iter()
        .any(|tree| path.strip_prefix(tree).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_before_any_slash_is_a_protocol() {
        for (name, expected) in [
            ("nbd:unix:/x", Some("nbd")),
            ("json:{}", Some("json")),
            ("http://h/x", Some("http")),
            ("fat:rw:/etc", Some("fat")),
            (":x", Some("")),
            ("a:b.img", Some("a")),
            ("/a:b.img", None),
            ("./a:b.img", None),
            ("plain", None),
            ("", None),
        ] {
            assert_eq!(protocol(name), expected, "{name}");
        }
    }

    #[test]
    fn names_are_beside_their_overlay() {
        assert_eq!(resolve("/a/b/top.qcow2", "base"), "/a/b/base");
        assert_eq!(resolve("/a/b/top.qcow2", "../base"), "/a/b/../base");
        assert_eq!(resolve("/a/b/top.qcow2", "/base"), "/base");
        assert_eq!(resolve("top", "base"), "base");
    }

    #[test]
    fn simplifying_never_climbs_over_the_root() {
        for (path, expected) in [
            ("/a/./b//c", "/a/b/c"),
            ("/../../dev/sda", "/dev/sda"),
            ("/a/..", "/"),
            ("../../a/../b", "../../b"),
        ] {
            assert_eq!(simplify(path), expected, "{path}");
        }
    }

    #[test]
    fn system_trees_are_told_even_in_disguise() {
        assert!(is_system("/var/../dev//sda") && is_system("/proc/self/fd/3") && is_system("/sys"));
        assert!(!is_system("/devices/x") && !is_system("/srv/dev/x") && !is_system("dev/x"));
    }
}
