//! Commands, run to their end, and the packages that they come from.
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// What the lab needs of the host, by Debian's package, and the command that shows it is there.
pub const NEEDED: &[(&str, &str)] = &[
    ("mmdebstrap", "mmdebstrap"),
    ("qemu-system-x86", "qemu-system-x86_64"),
    ("qemu-utils", "qemu-img"),
    ("swtpm", "swtpm"),
    ("policycoreutils", "setfiles"),
    ("e2fsprogs", "mkfs.ext4"),
    ("cpio", "cpio"),
    ("xz-utils", "xz"),
    ("bzip2", "bzip2"),
    ("secilc", "secilc"),
];

/// What is missing, as one sentence with its mend; none if all is there.
#[must_use]
pub fn missing() -> Option<String> {
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(_, command)| on_path(command).is_none())
        .map(|(package, _)| *package)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let list = missing.join(" ");
    Some(format!("the lab needs packages that are not here: apt-get install --no-install-recommends {list}"))
}

/// The first executable file of this name on `PATH`, or where system commands live.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let runs = |p: &PathBuf| p.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|dir| dir.join(name))
        .find(runs)
}

/// Runs a command to its end; what it printed. A failure carries the end of its stderr.
pub fn output(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| shown(command))?;
    if !done.status.success() {
        let text = String::from_utf8_lossy(&done.stderr);
        bail!("{}: {}\n{}", shown(command), done.status, tail(&text, 12));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// The last lines of a text.
#[must_use]
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.trim_end().lines().collect();
    all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n")
}

/// A word as a shell takes it for one.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|w| quoted(&w.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        for word in ["", "a b", "it's", "$x", "plain-1.2/x", "a\nb"] {
            let script = format!("printf %s {}", quoted(word));
            assert_eq!(output(Command::new("sh").args(["-c", &script])).unwrap_or_default(), word);
        }
    }

    #[test]
    fn the_tail_is_the_end() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail("a", 2), "a");
    }
}
