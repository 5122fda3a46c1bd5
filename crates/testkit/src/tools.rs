//! What a test needs from the machine, and the running of its tools.

use std::path::{Path, PathBuf};
use std::process::Output;

/// Where system tools live; an unprivileged `PATH` often lacks the `sbin` half.
pub(crate) const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Says why a test that needs root and `tools` can't run here, so that it prints `skipped: …` and returns.
///
/// Tools are names looked for in the standard system directories, or absolute paths.
///
/// # Errors
/// The reason to skip, in words.
pub fn need(tools: &[&str]) -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("not root".into());
    }
    let missing: Vec<&str> = tools.iter().copied().filter(|tool| find(tool).is_none()).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("not installed: {}", missing.join(", "))) }
}

fn find(tool: &str) -> Option<PathBuf> {
    // Joining an absolute path replaces the directory, which is what is wanted.
    SYSTEM_PATH.split(':').map(|dir| Path::new(dir).join(tool)).find(|path| path.is_file())
}

/// Standard output as text, or why the command failed in its own words.
pub(crate) fn text(what: &str, output: Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{what}: {}: {}", output.status, said.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_named() {
        if !rustix::process::geteuid().is_root() {
            assert_eq!(need(&[]), Err("not root".into()));
            return;
        }
        assert_eq!(need(&["sh", "/bin/sh"]), Ok(()));
        assert_eq!(
            need(&["sh", "no-such-tool", "/no/such"]),
            Err("not installed: no-such-tool, /no/such".into())
        );
    }
}
