//! The words after `lab run` and `lab shell`.
use anyhow::{Context, Result, bail};
use lab::{Iommu, Mac, Release, Request};
use std::path::PathBuf;
use std::time::Duration;

/// Must a command follow?
#[derive(PartialEq)]
pub enum Words {
    /// `-- COMMAND`.
    Needed,
    /// A shell takes none.
    None,
}

/// What was asked for.
#[derive(Debug)]
pub struct Arguments {
    pub request: Request,
    pub release: Release,
    /// Where to keep what came of it.
    pub logs: Option<PathBuf>,
}

impl Arguments {
    pub fn read(words: &[&str], command: Words) -> Result<Self> {
        let (options, script) = match words.iter().position(|w| *w == "--") {
            Some(at) => (&words[..at], &words[at + 1..]),
            None => (words, &[][..]),
        };
        if command == Words::Needed && script.is_empty() {
            bail!("lab run needs `-- COMMAND` (see cargo xtask lab --help)");
        }
        let mut asked = Arguments {
            request: Request::script(&lab::run::script(script)),
            release: Release::Bookworm,
            logs: None,
        };
        let mut options = options.iter().copied();
        while let Some(option) = options.next() {
            asked.option(option, &mut options)?;
        }
        Ok(asked)
    }

    fn option<'a>(&mut self, option: &str, rest: &mut impl Iterator<Item = &'a str>) -> Result<()> {
        let request = &mut self.request;
        match option {
            "--mac" => request.mac = value(option, rest.next(), Mac::named)?,
            "--iommu" => request.iommu = value(option, rest.next(), Iommu::named)?,
            "--release" => self.release = value(option, rest.next(), Release::named)?,
            "--tpm" => request.tpm = true,
            "--cold" => request.cold = true,
            "--nvme" => request.nvme = true,
            "--append" => request.append = rest.next().context("--append needs words")?.to_owned(),
            "--logs" => self.logs = Some(rest.next().context("--logs needs a folder")?.into()),
            "--timeout" => {
                let seconds =
                    value(option, rest.next(), |w| w.parse().ok().filter(|n| (1..=86_400).contains(n)))?;
                request.limit = Duration::from_secs(seconds);
            }
            other if other.starts_with('-') => bail!("no such option: {other} (see cargo xtask lab --help)"),
            file => request.files.push(std::path::absolute(file)?),
        }
        Ok(())
    }
}

/// The value after an option, by what reads it.
pub fn value<T>(option: &str, word: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<T> {
    let word = word.with_context(|| format!("{option} needs a value"))?;
    read(word).with_context(|| format!("{option} {word}: not one of its values (see cargo xtask lab --help)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_files_and_command_are_told_apart() {
        let words = ["--mac", "apparmor", "--tpm", "Cargo.toml", "--", "ls", "-l", "a b"];
        let asked = Arguments::read(&words, Words::Needed).unwrap();
        assert_eq!((asked.request.mac, asked.request.tpm), (Mac::Apparmor, true));
        assert!(asked.request.files[0].ends_with("Cargo.toml") && asked.request.files[0].is_absolute());
        assert_eq!(asked.request.script, "exec ls -l 'a b'");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let why = |words: &[&str]| Arguments::read(words, Words::Needed).unwrap_err().to_string();
        assert!(why(&["--mac", "smack", "--", "x"]).contains("--mac smack"));
        assert!(why(&["--timeout", "0", "--", "x"]).contains("--timeout 0"));
        assert!(why(&["--mac", "--", "x"]).contains("--mac needs a value"));
        assert!(why(&["--fast", "--", "x"]).contains("--fast"));
        assert!(why(&["x"]).contains("-- COMMAND"));
    }
}
