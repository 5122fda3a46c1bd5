//! What a change does to a recording.

use super::{Action, Refused, file, is_tree};
use crate::recording::{Body, Entry, Recording, Stat};
use formats::Splice;

pub(super) fn apply(action: &Action, recording: &mut Recording) -> Result<(), Refused> {
    let Some(key) = action.key() else {
        return Err(Refused { key: String::new(), why: "its effect is seen only on a machine" });
    };
    match action {
        Action::EditFile { splices, .. }
        | Action::EditDomain { splices, .. }
        | Action::EditNetwork { splices, .. } => edit(recording, &key, splices),
        Action::CreateFile { text, mode, uid, gid, .. } => create(
            recording,
            &key,
            text,
            Stat { mode: 0o100_000 | mode, uid: *uid, gid: *gid, ..Stat::default() },
        ),
        Action::RemoveFile { .. } => {
            existing(recording, &key)?;
            recording.entries.insert(key.clone(), Entry { stat: None, body: Body::Absent });
            if let Some((names, base)) = siblings(recording, &key) {
                names.retain(|name| *name != base);
            }
            Ok(())
        }
        Action::SetMode { mode, .. } => {
            on_stat(recording, &key, |stat| stat.mode = stat.mode & !0o7777 | mode & 0o7777)
        }
        Action::SetOwner { uid, gid, .. } => {
            on_stat(recording, &key, |stat| (stat.uid, stat.gid) = (*uid, *gid))
        }
        Action::SetAcl { acl, .. } => {
            let value = Some(acl.clone()).filter(|acl| !acl.is_empty());
            on_stat(recording, &key, |stat| set_xattr(stat, "system.posix_acl_access", value.as_deref()))
        }
        Action::SetXattr { name, value, .. } => {
            on_stat(recording, &key, |stat| set_xattr(stat, name, value.as_deref()))
        }
        // A tree has no running kernel, so there is nothing to write to, and nothing that would be wrong.
        Action::Sysctl { .. }
        | Action::Sysfs { .. }
        | Action::SelinuxEnforce { .. }
        | Action::SelinuxBoolean { .. }
            if is_tree(recording) =>
        {
            Ok(())
        }
        Action::SelinuxEnforce { on } => write(recording, &key, u8::from(*on).to_string()),
        // In force, and what a commit would bring.
        Action::SelinuxBoolean { on, .. } => write(recording, &key, format!("{0} {0}", u8::from(*on))),
        Action::Sysctl { value, .. } | Action::Sysfs { value, .. } => {
            write(recording, &key, format!("{value}\n"))
        }
        _ => Err(Refused { key, why: "its effect is seen only on a machine" }),
    }
}

/// Writes to a file of the kernel.
fn write(recording: &mut Recording, key: &str, text: String) -> Result<(), Refused> {
    // Writing 2 to run unmerges every page (Linux mm/ksm.c, run_store).
    let unmerges = key == "sys/kernel/mm/ksm/run" && text == "2\n";
    existing(recording, key)?.body = Body::Text(text);
    if unmerges && let Some(sharing) = recording.entries.get_mut("sys/kernel/mm/ksm/pages_sharing") {
        sharing.body = Body::Text("0\n".to_owned());
    }
    Ok(())
}

fn edit(recording: &mut Recording, key: &str, splices: &[Splice]) -> Result<(), Refused> {
    let entry = existing(recording, key)?;
    let refused = |why| Refused { key: key.to_owned(), why };
    let old = entry.body.bytes().ok_or_else(|| refused("it is not a file that was read"))?;
    let (mut new, mut from) = (Vec::with_capacity(old.len()), 0);
    for splice in splices {
        let kept = old.get(from..splice.span.start as usize);
        new.extend_from_slice(kept.ok_or_else(|| refused("the splices overlap or lie outside the file"))?);
        new.extend_from_slice(splice.text.as_bytes());
        from = splice.span.end as usize;
    }
    new.extend_from_slice(old.get(from..).ok_or_else(|| refused("the splices lie outside the file"))?);
    *entry = file(new, entry.stat.clone().unwrap_or_default());
    Ok(())
}

fn create(recording: &mut Recording, key: &str, text: &str, stat: Stat) -> Result<(), Refused> {
    let there = recording
        .entries
        .get(key)
        .is_some_and(|entry| !matches!(entry.body, Body::Absent | Body::NotCollected(_)));
    if there {
        return Err(Refused { key: key.to_owned(), why: "a file is there already" });
    }
    recording.entries.insert(key.to_owned(), file(text.as_bytes().to_vec(), stat));
    list(recording, key);
    Ok(())
}

/// Adds a key to the list of its directory, and directories made for it to theirs. A directory that nobody listed stays
/// so: a list with one name in it would say that nothing else is there.
fn list(recording: &mut Recording, key: &str) {
    let mut key = key;
    while let Some((directory, base)) = key.rsplit_once('/') {
        if let Some(Body::Names(names)) = recording.entries.get_mut(directory).map(|entry| &mut entry.body) {
            names.push(base.to_owned());
            names.sort();
            names.dedup();
            return;
        }
        let is_new = recording.entries.get(directory).is_some_and(|entry| entry.body == Body::Absent)
            || recording.lacks(directory);
        if !is_new {
            return;
        }
        recording
            .entries
            .insert(directory.to_owned(), Entry { stat: None, body: Body::Names(vec![base.to_owned()]) });
        key = directory;
    }
}

/// The names of the directory a key lies in, if it was listed, and the key's own name.
fn siblings<'a>(recording: &'a mut Recording, key: &str) -> Option<(&'a mut Vec<String>, String)> {
    let (directory, base) = key.rsplit_once('/')?;
    match &mut recording.entries.get_mut(directory)?.body {
        Body::Names(names) => Some((names, base.to_owned())),
        _ => None,
    }
}

fn on_stat(recording: &mut Recording, key: &str, change: impl FnOnce(&mut Stat)) -> Result<(), Refused> {
    match &mut existing(recording, key)?.stat {
        Some(stat) => {
            change(stat);
            Ok(())
        }
        None => Err(Refused { key: key.to_owned(), why: "its inode was not read" }),
    }
}

fn set_xattr(stat: &mut Stat, name: &str, value: Option<&str>) {
    match value {
        Some(value) => stat.xattrs.insert(name.to_owned(), value.to_owned()),
        None => stat.xattrs.remove(name),
    };
}

fn existing<'a>(recording: &'a mut Recording, key: &str) -> Result<&'a mut Entry, Refused> {
    recording
        .entries
        .get_mut(key)
        .filter(|entry| !matches!(entry.body, Body::Absent | Body::NotCollected(_)))
        .ok_or_else(|| Refused { key: key.to_owned(), why: "it is not there" })
}
