//! What systemd's unit files say of a daemon's sockets: systemd.unit(5), systemd.socket(5).

use std::collections::BTreeMap;

use formats::{Span, conf::unit};
use model::{
    change::{Action, Change},
    evidence::Evidence,
    fact::{Fact, Key, Missing},
    finding::Disposition,
};

/// Directories of unit files, weakest first (systemd.unit(5), Unit File Load Path).
const DIRECTORIES: [&str; 4] =
    ["lib/systemd/system", "usr/lib/systemd/system", "run/systemd/system", "etc/systemd/system"];

/// A unit with its drop-ins, in the order systemd reads them.
pub(crate) struct Unit {
    name: String,
    files: Vec<(Key, unit::File)>,
}

/// A setting of a unit, and where it stands.
pub(crate) struct Placed<'a> {
    /// Its value.
    pub(crate) value: &'a str,
    /// The key of its file.
    pub(crate) key: &'a Key,
    /// Where in it.
    pub(crate) span: Span,
}

/// The unit of this name; `None` where there is none or it is masked.
///
/// # Errors
/// [`Missing`] where a file that is part of it, or a directory, could not be read.
pub(crate) fn unit(evidence: &Evidence, name: &str) -> Result<Option<Unit>, Missing> {
    let (mut main, mut drop_ins) = (None, BTreeMap::new());
    // With a merged /usr, /lib is a link and holds nothing of its own.
    let merged = evidence.link("lib").ok().is_some();
    for directory in DIRECTORIES.into_iter().skip(usize::from(merged)) {
        let listed = evidence.names(directory);
        let names = listed.known()?.copied().unwrap_or_default();
        let has = |wanted: &str| names.iter().any(|known| known == wanted);
        if has(name) {
            let key = format!("{directory}/{name}");
            main = if is_masked(evidence, &key) { None } else { Some(file(evidence, key)?) };
        }
        if has(&format!("{name}.d")) {
            let below = format!("{directory}/{name}.d");
            let listed = evidence.names(&below);
            for base in listed.known()?.copied().unwrap_or_default() {
                if base.ends_with(".conf") {
                    drop_ins.insert(base.clone(), file(evidence, format!("{below}/{base}"))?);
                }
            }
        }
    }
    let Some(main) = main else { return Ok(None) };
    let files = std::iter::once(main).chain(drop_ins.into_values()).collect();
    Ok(Some(Unit { name: name.to_owned(), files }))
}

fn is_masked(evidence: &Evidence, key: &str) -> bool {
    evidence.link(key).ok().is_some_and(|target| *target == "/dev/null")
}

fn file(evidence: &Evidence, key: String) -> Result<(Key, unit::File), Missing> {
    let bytes = evidence.bytes(&key);
    let parsed = unit::File::parse(bytes.required()?);
    Ok((key.as_str().into(), parsed))
}

/// True where the unit is started with `sockets.target`.
///
/// # Errors
/// [`Missing`] where nobody could list the links.
pub(crate) fn is_enabled(evidence: &Evidence, name: &str) -> Result<bool, Missing> {
    let listed = evidence.names("etc/systemd/system/sockets.target.wants");
    let names = listed.known()?.copied().unwrap_or_default();
    Ok(names.iter().any(|known| known == name))
}

impl Unit {
    /// The key of the unit's own file.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.files.first().map(|(key, _)| key)
    }

    /// What a setting ends with.
    pub(crate) fn value(&self, section: &str, name: &str) -> Option<Placed<'_>> {
        let files: Vec<&unit::File> = self.files.iter().map(|(_, file)| file).collect();
        let (index, setting) = unit::value(&files, section, name)?;
        let (key, file) = self.files.get(index)?;
        // The setting of `files`, borrowed for as long as the unit.
        let setting = file.lines().settings().find(|known| known.span == setting.span)?;
        Some(Placed { value: &setting.value.value, key, span: setting.value.span })
    }

    /// `SocketMode` (0666 where it is not set) and where it is.
    pub(crate) fn socket_mode(&self) -> Option<(u32, Option<Placed<'_>>)> {
        match self.value("Socket", "SocketMode") {
            Some(placed) => Some((u32::from_str_radix(placed.value, 8).ok()?, Some(placed))),
            None => Some((0o666, None)),
        }
    }

    /// Sets `[Socket]` `name`, in the drop-in that says otherwise, else in ours.
    pub(crate) fn set(&self, evidence: &Evidence, name: &str, value: &str) -> Result<Vec<Change>, Missing> {
        let ours = format!("etc/systemd/system/{}.d/60-baluarte.conf", self.name);
        if let Some(placed) = self.value("Socket", name) {
            if placed.value == value {
                return Ok(vec![]);
            }
            if placed.key.contains(".d/") {
                let splice = formats::Splice::new(placed.span, value);
                return Ok(crate::ask::edit(
                    format!("/{}", placed.key),
                    vec![splice],
                    Disposition::DaemonRestart,
                ));
            }
        }
        let text = format!("[Socket]\n{name}={value}\n");
        let path = format!("/{ours}");
        let there: Fact<&[u8]> = evidence.bytes(&ours);
        // Of a directory that is not there nobody read a file.
        let there = if matches!(there, Fact::NotCollected(..)) { None } else { there.known()?.copied() };
        Ok(match there {
            Some(bytes) => {
                let splice = formats::Splice::new(bytes.len()..bytes.len(), text);
                crate::ask::edit(path, vec![splice], Disposition::DaemonRestart)
            }
            None => {
                let action = Action::CreateFile { path, text, mode: 0o644, uid: 0, gid: 0 };
                vec![Change::new(action, Disposition::DaemonRestart)]
            }
        })
    }
}
