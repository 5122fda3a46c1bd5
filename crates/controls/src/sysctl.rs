//! Sysctls: what is configured for the next boot, and the edits that configure it.

use std::collections::BTreeMap;

use formats::Splice;
use model::{
    change::{Action, Change},
    control::Cite,
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
    recording::Vantage,
};

use crate::ask;

/// The file our sysctls go to: after most, so that it wins (sysctl.d(5): the last file in order of name).
const FILE: &str = "etc/sysctl.d/60-baluarte.conf";

/// What is configured for a sysctl: its value, and where; `None` where no file sets it.
///
/// # Errors
/// [`Missing`] where a file that may set it could not be read.
pub(crate) fn configured(evidence: &Evidence, name: &str) -> Result<Option<(String, Cite)>, Missing> {
    readable(evidence)?;
    Ok(evidence.configured_sysctl(name).map(|(file, assignment)| {
        let value = assignment.setting.value;
        let cite = Cite::bytes(file, value.span, format!("{name} = {}", value.value));
        (value.value, cite)
    }))
}

/// A sysctl file nobody could read may say anything.
fn readable(evidence: &Evidence) -> Result<(), Missing> {
    for directory in formats::conf::sysctl::DIRECTORIES {
        let directory = directory.trim_start_matches('/');
        // Where /lib is a link to /usr/lib the files were read under that name; a tree has no /run, which is made anew at
        // each boot.
        let volatile = directory.starts_with("run/") && evidence.recording.vantage == Vantage::Tree;
        if volatile || directory == "lib/sysctl.d" {
            continue;
        }
        let names = evidence.names(directory);
        for file in names.known()?.copied().unwrap_or_default().iter().filter(|name| name.ends_with(".conf"))
        {
            evidence.bytes(&format!("{directory}/{file}")).known()?;
        }
    }
    evidence.bytes("etc/sysctl.conf").known().map(drop)
}

/// The edits after which each sysctl has its value at the next boot: one change a file.
///
/// # Errors
/// [`Missing`] where our own file could not be read.
pub(crate) fn persist(evidence: &Evidence, wanted: &[(&str, &str)]) -> Result<Vec<Change>, Missing> {
    let (mut edits, mut lines) = (BTreeMap::<String, Vec<Splice>>::new(), String::new());
    for (name, value) in wanted {
        match evidence.configured_sysctl(name) {
            Some((_, assignment)) if assignment.setting.value.value == *value => {}
            Some((file, assignment)) => {
                let splice = Splice::new(assignment.setting.value.span, *value);
                edits.entry(file.to_string()).or_default().push(splice);
            }
            None => lines.push_str(&format!("{name} = {value}\n")),
        }
    }
    let mut changes = vec![];
    if !lines.is_empty() {
        match end(evidence, FILE, &lines)? {
            Some(splice) => edits.entry(FILE.to_owned()).or_default().push(splice),
            None => changes.push(create(FILE, lines)),
        }
    }
    for (file, mut splices) in edits {
        splices.sort_by_key(|splice| splice.span);
        changes.extend(ask::edit(format!("/{file}"), splices, Disposition::Live));
    }
    Ok(changes)
}

/// Adds lines at the end of a file, or makes it, 0644.
///
/// # Errors
/// [`Missing`] where it is there and could not be read.
pub(crate) fn append(evidence: &Evidence, key: &str, lines: &str) -> Result<Vec<Change>, Missing> {
    Ok(match end(evidence, key, lines)? {
        Some(splice) => ask::edit(format!("/{key}"), vec![splice], Disposition::Live),
        None => vec![create(key, lines.to_owned())],
    })
}

fn end(evidence: &Evidence, key: &str, lines: &str) -> Result<Option<Splice>, Missing> {
    let there = evidence.bytes(key);
    Ok(there.known()?.map(|bytes| {
        let gap = if bytes.last().is_none_or(|last| *last == b'\n') { "" } else { "\n" };
        Splice::new(bytes.len()..bytes.len(), format!("{gap}{lines}"))
    }))
}

fn create(key: &str, text: String) -> Change {
    let action = Action::CreateFile { path: format!("/{key}"), text, mode: 0o644, uid: 0, gid: 0 };
    Change::new(action, Disposition::Live)
}
