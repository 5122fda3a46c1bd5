//! `baluarte collect`.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use host::{collect as gather, source::Directory, source::Source, store};
use model::{
    evidence::Parsed,
    recording::{Body, Privilege, Recording},
};

use crate::{arguments::Collect, progress::Progress, terminal};

pub(crate) fn run(arguments: &Collect) -> Result<u8> {
    let (recording, _) = record(arguments.root.as_deref())?;
    store::save(&arguments.output, &recording)?;
    let refused =
        recording.entries.values().filter(|entry| matches!(entry.body, Body::Unreadable(_))).count();
    let mut line = format!("{}: {} entries", arguments.output.display(), recording.entries.len());
    if refused > 0 {
        line.push_str(&format!(", {refused} of them could not be read"));
        if recording.privilege == Privilege::User && arguments.root.is_none() {
            line.push_str("; run it as root to read everything");
        }
    }
    terminal::note(&line);
    Ok(engine::exit::CLEAN)
}

/// Reads this machine, or a tree.
pub(crate) fn record(root: Option<&Path>) -> Result<(Recording, Parsed)> {
    let source: Arc<dyn Source> = match root {
        None => Arc::new(Directory::live().context("/")?),
        Some(root) => {
            let text = root.to_str().with_context(|| format!("{}: the path is not UTF-8", root.display()))?;
            Arc::new(Directory::tree(text).with_context(|| format!("--root {text}"))?)
        }
    };
    let mut progress = Progress::new("reading");
    Ok(gather::parsed(&source, &gather::Options::default(), |done, of| progress.tell(done, of)))
}
