//! SELinux policies made on a kernel without SELinux: the image's own modules, with another text in place of ours.
use crate::store::Lab;
use crate::tools;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The modules of the image, unpacked into a folder of the caller's.
#[derive(Debug)]
pub struct Modules {
    folder: PathBuf,
}

impl Modules {
    /// Unpacks those that are not disabled, in CIL.
    ///
    /// # Errors
    /// The image isn't built, or a tool is missing.
    pub fn unpack(lab: &Lab, folder: &Path) -> Result<Self> {
        let store = folder.join("store");
        let to = folder.join("cil");
        fs::create_dir_all(&store)?;
        fs::create_dir_all(&to)?;
        let archive = lab.image_folder().join("policy.tar");
        tools::output(Command::new("tar").arg("-C").arg(&store).arg("-xf").arg(archive).arg("./modules"))?;
        let disabled = store.join("modules/disabled");
        for entry in fs::read_dir(store.join("modules/100"))?.flatten() {
            let name = entry.file_name();
            if disabled.join(&name).exists() {
                continue;
            }
            let cil = entry.path().join("cil");
            let mut bytes = fs::read(&cil).with_context(|| cil.display().to_string())?;
            if bytes.starts_with(b"BZh") {
                bytes = Command::new("bzip2").arg("-dc").arg(&cil).output().context("bzip2")?.stdout;
            }
            fs::write(to.join(name).with_extension("cil"), bytes)?;
        }
        Ok(Modules { folder: to })
    }

    /// Compiles them with one more module, for the kernels of both releases (policy version 33, as semodule does).
    ///
    /// # Errors
    /// The module is wrong: secilc's words are in the error.
    pub fn compile(&self, module: &str, to: &Path) -> Result<()> {
        let own = to.with_extension("cil");
        fs::write(&own, module)?;
        let mut all: Vec<PathBuf> = fs::read_dir(&self.folder)?.flatten().map(|e| e.path()).collect();
        if all.is_empty() {
            bail!("the image has no SELinux modules");
        }
        all.sort();
        let mut compile = Command::new("secilc");
        compile
            .args(["--policyvers", "33", "--mls", "true", "--filecontext", "/dev/null", "--output"])
            .arg(to);
        tools::output(compile.args(all).arg(own)).map(|_| ())
    }
}

/// A module without the one rule that has these words.
///
/// # Errors
/// None has, or more than one.
pub fn without(module: &str, words: &str) -> Result<String> {
    let (gone, kept): (Vec<&str>, Vec<&str>) =
        module.lines().partition(|line| line.starts_with("(allow") && line.contains(words));
    if gone.len() != 1 {
        bail!("{} rules have {words:?}, not one", gone.len());
    }
    Ok(kept.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_is_taken_out() {
        let module = "; allow a b\n(allow a b (file (read)))\n(allow a c (file (read)))";
        assert_eq!(without(module, "a b").ok().as_deref(), Some("; allow a b\n(allow a c (file (read)))"));
        assert!(without(module, "file").is_err() && without(module, "z").is_err());
    }
}
