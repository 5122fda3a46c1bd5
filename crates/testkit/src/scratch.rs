//! Temporary directories that remove themselves, and the tiny disk images that live in them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::tools::{SYSTEM_PATH, text};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory of its own under the system's temporary directory, removed with its contents on drop.
///
/// Its mode is 0755: QEMU, which runs as another user, must be able to pass through it to its image.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes an empty directory.
    ///
    /// # Errors
    /// The temporary directory isn't writable.
    pub fn new() -> Result<Self, String> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("baluarte-test-{}-{number}", std::process::id()));
        fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let scratch = Self { path };
        set_mode(&scratch.path, 0o755)?;
        Ok(scratch)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes an empty disk image of `mib` mebibytes in this directory with permissions `mode`; `format` is a
    /// format name of `qemu-img create -f`, such as `raw` or `qcow2`.
    ///
    /// # Errors
    /// What `qemu-img` said, or why it could not be run.
    pub fn image(&self, name: &str, format: &str, mib: u32, mode: u32) -> Result<PathBuf, String> {
        let path = self.path.join(name);
        let output = Command::new("qemu-img")
            .env("PATH", SYSTEM_PATH)
            .args(["create", "-q", "-f", format])
            .arg(&path)
            .arg(format!("{mib}M"))
            .output()
            .map_err(|error| format!("qemu-img: {error}"))?;
        text("qemu-img create", output)?;
        set_mode(&path, mode)?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A test that removed its own directory is fine; for anything else there is nobody left to tell.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<(), String> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_directories_differ_and_leave_nothing() {
        let (one, two) = (Scratch::new().unwrap(), Scratch::new().unwrap());
        assert_ne!(one.path(), two.path());
        let gone = one.path().to_owned();
        fs::write(gone.join("file"), "x").unwrap();
        drop(one);
        assert!(!gone.exists());
        assert!(two.path().is_dir());
    }

    #[test]
    fn an_image_has_the_format_and_mode_asked_for() {
        if let Err(why) = crate::need(&["qemu-img"]) {
            println!("skipped: {why}");
            return;
        }
        let scratch = Scratch::new().unwrap();
        let image = scratch.image("disk.qcow2", "qcow2", 1, 0o600).unwrap();
        assert_eq!(fs::read(&image).unwrap()[..4], *b"QFI\xfb");
        assert_eq!(fs::metadata(&image).unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(scratch.image("disk", "no-such-format", 1, 0o600).is_err());
    }
}
