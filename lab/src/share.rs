//! The folder that a run and its VM share over 9p: `in/` for the VM, `out/` from it, `vm/` for QEMU's own.
use crate::tools;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// The most that is taken of one file that the VM wrote.
const LARGEST: u64 = 64 << 20;
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder for one run, gone with it.
#[derive(Debug)]
pub struct Share(PathBuf);

impl Share {
    /// An empty one, for us alone.
    ///
    /// # Errors
    /// The temporary folder can't be written.
    pub fn new() -> Result<Self> {
        clean(&std::env::temp_dir());
        // Short: a socket's path may not be longer than 107 bytes (unix(7)).
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("lab-{}-{number}", std::process::id()));
        fs::remove_dir_all(&folder).ok();
        fs::DirBuilder::new().mode(0o700).create(&folder).with_context(|| folder.display().to_string())?;
        let share = Share(folder);
        for part in ["in", "out", "vm"] {
            fs::create_dir(share.0.join(part))?;
        }
        fs::File::create(share.0.join("vm/data.img"))?.set_len(128 << 20)?;
        Ok(share)
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Puts the script and the files into `in/`.
    ///
    /// # Errors
    /// A file isn't there, or two have one name.
    pub fn fill(&self, script: &str, files: &[PathBuf]) -> Result<()> {
        let to = self.0.join("in");
        let run = to.join("run.sh");
        fs::write(&run, format!("#!/bin/bash\n{script}\n"))?;
        for file in files {
            let name = file.file_name().with_context(|| format!("{} has no name", file.display()))?;
            if to.join(name).exists() {
                bail!("two files named {} are handed in", name.to_string_lossy());
            }
            tools::output(Command::new("cp").args(["-r", "--preserve=mode", "--"]).arg(file).arg(&to))?;
        }
        tools::output(Command::new("chmod").args(["-R", "a+rX"]).arg(&to))?;
        tools::output(Command::new("chmod").arg("a+x").arg(&run))?;
        Ok(())
    }

    /// What else it wrote into `out/`, by name.
    #[must_use]
    pub fn made(&self) -> BTreeMap<String, Vec<u8>> {
        let known = ["stdout", "stderr", "audit.log", "console", "kmsg"];
        let entries = fs::read_dir(self.0.join("out")).into_iter().flatten().flatten();
        let files = entries.filter(|e| e.file_type().is_ok_and(|t| t.is_file()));
        let names = files.map(|e| e.file_name().to_string_lossy().into_owned());
        names.filter(|n| !known.contains(&n.as_str())).map(|n| (n.clone(), self.bytes(&n))).collect()
    }

    /// What the VM wrote into `out/NAME`; empty if it didn't.
    #[must_use]
    pub fn out(&self, name: &str) -> String {
        String::from_utf8_lossy(&self.bytes(name)).into_owned()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Ok(file) = fs::File::open(self.0.join("out").join(name)) {
            file.take(LARGEST).read_to_end(&mut bytes).ok();
        }
        bytes
    }
}

/// Removes what runs left that were killed: folders named for processes that are gone.
fn clean(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let pid = name
            .strip_prefix("lab-")
            .and_then(|rest| rest.split_once('-'))
            .and_then(|(pid, _)| pid.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_goes() -> Result<()> {
        let parent = Share::new()?;
        let (dead, ours) = (
            parent.folder().join("lab-4294967295-0"),
            parent.folder().join(format!("lab-{}-0", std::process::id())),
        );
        for folder in [&dead, &ours, &parent.folder().join("lab-notes")] {
            fs::create_dir(folder)?;
        }
        clean(parent.folder());
        assert!(!dead.exists() && ours.exists() && parent.folder().join("lab-notes").exists());
        Ok(())
    }

    #[test]
    fn it_is_filled_and_gone() -> Result<()> {
        let share = Share::new()?;
        let folder = share.folder().to_owned();
        let file = folder.join("vm/data.img");
        share.fill("true", std::slice::from_ref(&file))?;
        assert!(folder.join("in/data.img").exists());
        assert!(share.fill("true", &[file]).is_err_and(|e| e.to_string().contains("two files named")));
        assert!(share.fill("true", &["/no/such".into()]).is_err());
        assert_eq!(share.out("stdout"), "");
        drop(share);
        assert!(!folder.exists());
        Ok(())
    }
}
