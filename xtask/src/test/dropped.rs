//! What a deadline dropped, kept in the cache so that it goes first next time.
use crate::tools;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// The names of one tier, in the order they were dropped.
pub struct Memory {
    file: PathBuf,
    names: Vec<String>,
}

impl Memory {
    /// Of a tier; empty if there is none yet.
    pub fn load(tier: usize) -> Self {
        Self::at(tools::cache().join(format!("dropped-tier-{tier}")))
    }

    fn at(file: PathBuf) -> Self {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        Memory { file, names: text.lines().map(String::from).collect() }
    }

    /// Those that were dropped first, in their order; the rest as it was.
    pub fn put_first<T>(&self, all: &mut [T], name: impl Fn(&T) -> &str) {
        let rank = |one: &T| self.names.iter().position(|n| *n == name(one)).unwrap_or(self.names.len());
        all.sort_by_key(rank);
    }

    /// It ran.
    pub fn forget(&mut self, name: &str) {
        self.names.retain(|n| n != name);
    }

    /// It didn't.
    pub fn drop(&mut self, name: &str) {
        if !self.names.iter().any(|n| n == name) {
            self.names.push(name.to_owned());
        }
    }

    /// For the next time.
    pub fn save(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let text: String = self.names.iter().map(|n| format!("{n}\n")).collect();
        std::fs::write(&self.file, text).with_context(|| self.file.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::binaries::Binary;
    use super::*;

    #[test]
    fn dropped_goes_first_until_it_ran() {
        let file = tools::empty_dir("dropped").join("tier");
        let names = |all: &[Binary]| all.iter().map(|b| b.name.clone()).collect::<Vec<_>>();
        let mut all: Vec<Binary> = ["a", "b", "c"].into_iter().map(Binary::named).collect();
        let mut memory = Memory::at(file.clone());
        memory.drop("c");
        memory.drop("b");
        memory.save().unwrap();
        let mut memory = Memory::at(file.clone());
        memory.put_first(&mut all, |b| &b.name);
        assert_eq!(names(&all), ["c", "b", "a"]);
        memory.forget("c");
        memory.save().unwrap();
        Memory::at(file).put_first(&mut all, |b| &b.name);
        assert_eq!(names(&all), ["b", "c", "a"]);
    }
}
