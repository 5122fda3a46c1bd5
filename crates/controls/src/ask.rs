//! Questions that many controls ask in the same way, and edits many remedies make.

use formats::{
    Splice,
    conf::libvirt::{Assignment, File, Value, schema},
};
use model::{
    change::{Action, Change},
    control::{Cite, Judged, Verdict},
    evidence::{Evidence, View},
    fact::{Fact, Key, Missing},
    finding::Disposition,
};

/// What a key of a libvirt configuration file is set to.
pub(crate) struct Setting<'a> {
    /// The assignment that counts; `None` where the default applies.
    pub(crate) assignment: Option<&'a Assignment>,
    key: &'a Key,
    name: &'a str,
}

/// Looks a key up. An absent file means that every default applies.
///
/// # Errors
/// [`Missing`] where the file could not be read, where libvirt would refuse it, or where the value is none that the key
/// takes: then libvirt does not start, and nothing in the file holds.
pub(crate) fn setting<'a>(file: &'a Fact<File>, name: &'a str) -> Result<Setting<'a>, Missing> {
    let key = file.key();
    let Some(parsed) = file.known()? else { return Ok(Setting { assignment: None, key, name }) };
    let missing = |why: String| Missing { key: key.clone(), why: why.into() };
    if let Some(malformed) = parsed.refused() {
        return Err(missing(format!("libvirt refuses the file: {malformed}")));
    }
    let assignment = parsed.get(name);
    let schema = key.rsplit('/').next().and_then(schema::of_file).filter(|_| assignment.is_some());
    let known = schema.and_then(|schema| schema.find(name));
    if let Some(wrong) = known.and_then(|known| parsed.wrong_type(known)) {
        return Err(missing(format!("libvirt does not start: {name}: {}", wrong.why)));
    }
    Ok(Setting { assignment, key, name })
}

impl Setting<'_> {
    /// A number; `default` where it is not set, `None` where it is set to something else, which stops the driver.
    pub(crate) fn int(&self, default: i64) -> Option<i64> {
        match self.assignment.map(|assignment| &assignment.value.value) {
            None => Some(default),
            Some(Value::Int(number)) => Some(*number),
            Some(_) => None,
        }
    }

    /// A string; `None` where it is not set or something else.
    pub(crate) fn text(&self) -> Option<&str> {
        match self.assignment.map(|assignment| &assignment.value.value) {
            Some(Value::Str(text)) => Some(text),
            _ => None,
        }
    }

    /// A list, a single string counting as a list of one; `None` where it is not set.
    pub(crate) fn list(&self) -> Option<Vec<&str>> {
        match self.assignment.map(|assignment| &assignment.value.value)? {
            Value::List(items) => Some(items.iter().map(|item| item.value.as_str()).collect()),
            Value::Str(text) => Some(vec![text]),
            _ => Some(vec![]),
        }
    }

    /// What was seen, at its place.
    pub(crate) fn cite(&self, default: &str) -> Cite {
        match self.assignment {
            Some(assignment) => Cite::bytes(
                self.key,
                assignment.span(),
                format!("{} = {}", self.name, show(&assignment.value.value)),
            ),
            None => Cite::whole(self.key, format!("{} is not set; the default is {default}", self.name)),
        }
    }
}

/// A value as libvirt's files write it.
fn show(value: &Value) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Str(text) => format!("\"{text}\""),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| format!("\"{}\"", item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mixed => "a list of mixed values".to_owned(),
    }
}

/// Judges a boolean key: it must be `wanted`.
///
/// # Errors
/// As [`setting`].
pub(crate) fn flag(file: &Fact<File>, name: &str, wanted: i64, default: i64) -> Judged {
    let setting = setting(file, name)?;
    let cite = vec![setting.cite(&default.to_string())];
    Ok(if setting.int(default) == Some(wanted) { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}

/// True where the profile is named `strict`: it asks for what costs comfort.
///
/// # Errors
/// [`Missing`] where the profile could not be read.
pub(crate) fn is_strict(evidence: &Evidence) -> Result<bool, Missing> {
    Ok(evidence.profile.known()?.is_some_and(|profile| profile.name == "strict"))
}

/// The change that sets a key, if it is not so already: in place, uncommented in place, or at the end.
///
/// # Errors
/// [`Missing`] where the file could not be read or can't be edited.
pub(crate) fn set(
    file: &Fact<File>,
    name: &str,
    value: &Value,
    disposition: Disposition,
) -> Result<Vec<Change>, Missing> {
    set_all(file, &[(name, value.clone())], disposition)
}

/// As [`set`], for several keys in one change.
///
/// # Errors
/// As [`set`].
pub(crate) fn set_all(
    file: &Fact<File>,
    wanted: &[(&str, Value)],
    disposition: Disposition,
) -> Result<Vec<Change>, Missing> {
    let path = format!("/{}", file.key());
    let Some(parsed) = file.known()? else {
        let text = wanted.iter().map(|(name, value)| format!("{name} = {}\n", show(value))).collect();
        // libvirt ships its files 0600 root:root (qemu.conf may hold a password).
        let action = Action::CreateFile { path, text, mode: 0o600, uid: 0, gid: 0 };
        return Ok(vec![Change::new(action, disposition)]);
    };
    let mut splices: Vec<Splice> = vec![];
    for (name, value) in wanted {
        let more = parsed.set(name, value);
        splices.extend(
            more.map_err(|malformed| Missing { key: file.key().clone(), why: malformed.to_string().into() })?,
        );
    }
    splices.sort_by_key(|splice| splice.span);
    // Two keys that both come last are one insertion.
    splices.dedup_by(|next, first| {
        let same = next.span.is_empty() && next.span == first.span;
        if same {
            first.text.push_str(next.text.trim_start());
        }
        same
    });
    Ok(edit(path, splices, disposition))
}

/// One edit of a file, or nothing where there is nothing to edit.
pub(crate) fn edit(path: String, splices: Vec<Splice>, disposition: Disposition) -> Vec<Change> {
    if splices.is_empty() {
        vec![]
    } else {
        vec![Change::new(Action::EditFile { path, splices }, disposition)]
    }
}

/// One edit of a VM's inactive XML, or nothing. Splices are sorted, as a change needs them.
pub(crate) fn edit_domain(uuid: &str, view: &View, mut splices: Vec<Splice>) -> Vec<Change> {
    splices.sort_by_key(|splice| splice.span);
    splices.dedup();
    if splices.is_empty() {
        return vec![];
    }
    let action = Action::EditDomain { uuid: uuid.to_owned(), path: format!("/{}", view.key), splices };
    vec![Change::new(action, Disposition::VmRestart)]
}
