//! A sysctl as the files of sysctl.d(5) set it at boot.

use formats::{Splice, conf::sysctl::Assignment};
use model::{
    change::{Action, Change},
    control::Cite,
    evidence::Evidence,
    fact::{Key, Missing},
    finding::Disposition,
    recording::Vantage,
};

use crate::ask;

/// The file our settings go to: after most, so that it wins (the last file in order of name).
const FILE: &str = "etc/sysctl.d/60-baluarte.conf";

/// The assignment that counts, with the file it is in; `None` where no file sets it.
///
/// # Errors
/// [`Missing`] where a file that may set it could not be read.
pub(crate) fn configured<'a>(
    evidence: &'a Evidence,
    name: &str,
) -> Result<Option<(&'a Key, Assignment)>, Missing> {
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
    evidence.bytes("etc/sysctl.conf").known()?;
    Ok(evidence.configured_sysctl(name))
}

/// What an assignment says, at its place.
pub(crate) fn cite(key: &Key, name: &str, assignment: &Assignment) -> Cite {
    let value = &assignment.setting.value;
    Cite::bytes(key, value.span, format!("{name} = {}", value.value))
}

/// Sets it for every boot: corrects the assignment that counts, or adds one to our own file.
///
/// # Errors
/// As [`configured`].
pub(crate) fn persist(evidence: &Evidence, name: &str, value: &str) -> Result<Vec<Change>, Missing> {
    if let Some((file, assignment)) = configured(evidence, name)? {
        let splice = Splice::new(assignment.setting.value.span, value);
        return Ok(ask::edit(format!("/{file}"), vec![splice], Disposition::Live));
    }
    let (path, line) = (format!("/{FILE}"), format!("{name} = {value}\n"));
    let there = evidence.bytes(FILE);
    Ok(match there.known()? {
        Some(bytes) => {
            let line =
                if bytes.last().is_none_or(|byte| *byte == b'\n') { line } else { format!("\n{line}") };
            ask::edit(path, vec![Splice::new(bytes.len()..bytes.len(), line)], Disposition::Live)
        }
        None => {
            let action = Action::CreateFile { path, text: line, mode: 0o644, uid: 0, gid: 0 };
            vec![Change::new(action, Disposition::Live)]
        }
    })
}
