//! The base host in memory, and examples laid over it.

use std::sync::Arc;

pub use host::source::Memory;
use host::{
    collect::{self, Options},
    source::Source,
};
use model::{
    evidence::Evidence,
    recording::{Body, Recording},
};

use crate::{archive, fragment};

/// The base host, on which every control passes.
pub const BASE: &str = include_str!("../../../hosts/base.txtar");
/// The files of its one VM: inactive and live.
pub const VM: [&str; 2] = ["etc/libvirt/qemu/web1.xml", "run/libvirt/qemu/web1.xml"];
/// When its recordings were made, so that tests have a clock: 2026-11-21 00:00 UTC.
pub const NOW: i64 = 1_795_219_200;

/// The base host.
///
/// # Errors
/// What is wrong with the archive.
pub fn base() -> Result<Memory, String> {
    let mut memory = Memory::default();
    lay_over(&mut memory, BASE)?;
    Ok(memory)
}

/// Lays the parts of an archive over a machine; gives the text before the first part, and the paths.
///
/// # Errors
/// What is wrong with the archive.
pub fn lay_over(memory: &mut Memory, text: &str) -> Result<(String, Vec<String>), String> {
    let (before, parts) = archive::parse(text)?;
    let paths = parts.iter().map(|part| part.path.clone()).collect();
    memory.entries.extend(parts.into_iter().map(|part| (part.path, part.entry)));
    Ok((before, paths))
}

/// The base host with an example laid over it, and the paths that the example touches. The words of the tag after the
/// first: `vm` merges the text before the first part into the VM's XML, `live` or `inactive` into that file alone.
///
/// # Errors
/// What is wrong with the example.
pub fn example(tag: &str, text: &str) -> Result<(Memory, Vec<String>), String> {
    let words: Vec<&str> = tag.split_whitespace().skip(1).collect();
    let mut memory = base()?;
    let (before, mut paths) = lay_over(&mut memory, text)?;
    if words.contains(&"vm") {
        let wanted = VM.iter().filter(|path| match (words.contains(&"live"), words.contains(&"inactive")) {
            (true, _) => path.starts_with("run/"),
            (_, true) => path.starts_with("etc/"),
            _ => true,
        });
        for path in wanted {
            let entry = memory.entries.get_mut(*path).ok_or("the base host has no VM")?;
            let xml =
                String::from_utf8_lossy(entry.body.bytes().ok_or("the VM's file is no file")?).into_owned();
            entry.body = Body::Text(fragment::merge(&xml, &before)?);
            paths.push((*path).to_owned());
        }
    } else if !before.trim().is_empty() {
        return Err(format!("text before the first part, and the tag `{tag}` does not say vm"));
    }
    Ok((memory, paths))
}

/// What the collector records of a machine in memory.
#[must_use]
pub fn record(memory: &Memory) -> Recording {
    let source: Arc<dyn Source> = Arc::new(memory.clone());
    let options = Options { workers: 1, ..Options::default() };
    Recording { collected_at: NOW, ..collect::collect(&source, &options, |_, _| ()) }
}

/// The evidence of a machine in memory, by way of a recording.
#[must_use]
pub fn evidence(memory: &Memory) -> Evidence {
    Evidence::of(record(memory))
}
