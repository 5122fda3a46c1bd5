//! libvirt's files below `/etc/libvirt`, and the permissions that are too much for each.

use model::{
    evidence::Evidence,
    fact::Missing,
    recording::{Body, Entry, Stat},
};

const BASE: &str = "etc/libvirt";
/// Writing for group and others.
const WRITE: u32 = 0o022;
/// Anything for group and others.
const ALL: u32 = 0o077;

/// What is looked at: key, inode, and the bits that are too much.
///
/// # Errors
/// [`Missing`] where a directory could not be listed, or an inode not read.
pub(crate) fn places(evidence: &Evidence) -> Result<Vec<(&str, &Stat, u32)>, Missing> {
    let base = evidence.names(BASE);
    if base.known()?.is_none() {
        return Ok(vec![]);
    }
    for directory in
        ["etc/libvirt/hooks", "etc/libvirt/hooks/qemu.d", "etc/libvirt/secrets", "etc/libvirt/qemu"]
    {
        evidence.names(directory).known()?;
    }
    let above = evidence.stat(BASE);
    let open = above.known()?.is_none_or(|stat| stat.permissions() & 0o001 != 0);
    let mut found = vec![];
    let below =
        evidence.recording.entries.range(BASE.to_owned()..).take_while(|(key, _)| key.starts_with(BASE));
    for (key, entry) in below {
        let Some(bits) = too_much(key, open) else { continue };
        if let Some(stat) = inode(evidence, key, entry)? {
            found.push((key.as_str(), stat, bits));
        }
    }
    Ok(found)
}

fn inode<'a>(evidence: &Evidence, key: &str, entry: &'a Entry) -> Result<Option<&'a Stat>, Missing> {
    // A directory that was listed without its inode tells of its files alone.
    match (&entry.stat, &entry.body) {
        (None, Body::Names(_)) => Ok(None),
        (stat, _) => {
            evidence.stat(key).known()?;
            Ok(stat.as_ref())
        }
    }
}

/// The bits that are too much for a key; `None` for what is not judged.
fn too_much(key: &str, open: bool) -> Option<u32> {
    let Some(rest) = key.strip_prefix("etc/libvirt/") else { return (key == BASE).then_some(WRITE) };
    match rest.split_once('/') {
        None if rest == "qemu.conf" && open => Some(WRITE | 0o004),
        None if rest.ends_with(".conf") || rest == "hooks" => Some(WRITE),
        None if rest == "secrets" => Some(ALL),
        Some(("hooks", _)) => Some(WRITE),
        Some(("secrets", _)) => Some(ALL),
        Some(("qemu", name)) if name.ends_with(".xml") && !name.contains('/') => Some(ALL),
        _ => None,
    }
}
