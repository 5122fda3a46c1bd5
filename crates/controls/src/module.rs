//! Parameters of the kernel's modules: what they are now (`/sys/module`), and what modprobe.d(5) sets.

use formats::{Span, Splice};
use model::{
    change::{Action, Change},
    control::{Cite, Judged, Reading, Verdict},
    evidence::Evidence,
    fact::{Fact, Key, Missing},
    finding::Disposition,
    recording::Vantage,
};

use crate::ask;

/// A parameter that must have, or not have, a value. The module's own default is a good one.
pub(crate) struct Wanted {
    pub(crate) module: &'static str,
    pub(crate) name: &'static str,
    /// Values that will do, as the kernel shows them and as people write them.
    pub(crate) good: &'static [&'static str],
    /// The one to write where it has another.
    pub(crate) value: &'static str,
}

/// A parameter as it is now; absent where the module is not loaded, or knows no such parameter.
pub(crate) fn parameter<'a>(evidence: &'a Evidence, module: &str, name: &str) -> Fact<&'a str> {
    let directory = format!("sys/module/{module}/parameters");
    let key = format!("{directory}/{name}");
    match evidence.names(&directory) {
        Fact::Absent(_) => Fact::Absent(key.as_str().into()),
        Fact::Known(names, _) if !names.iter().any(|known| known == name) => {
            Fact::Absent(key.as_str().into())
        }
        Fact::Unreadable(directory, why) => Fact::Unreadable(directory, why),
        Fact::Known(..) | Fact::NotCollected(..) => evidence.text(&key),
    }
}

/// One assignment of an `options` line.
struct Assignment {
    file: Key,
    /// `name=value`, or the name alone, which sets a switch.
    span: Span,
    value: String,
}

/// The assignment that counts: modprobe hands all to the kernel, in order of file names, and the last one wins.
fn configured(evidence: &Evidence, wanted: &Wanted) -> Result<Option<Assignment>, Missing> {
    let mut files = vec![];
    for directory in ["etc/modprobe.d", "run/modprobe.d", "usr/lib/modprobe.d"] {
        // A tree has no /run, which is made anew at each boot.
        if directory.starts_with("run/") && evidence.recording.vantage == Vantage::Tree {
            continue;
        }
        for name in evidence.names(directory).known()?.copied().unwrap_or_default() {
            // A file of the same name in a stronger directory takes its place (modprobe.d(5)).
            if name.ends_with(".conf") && !files.iter().any(|(known, _)| known == name) {
                files.push((name.clone(), format!("{directory}/{name}")));
            }
        }
    }
    files.sort();
    let mut found = None;
    for (_, key) in files {
        let file = evidence.bytes(&key);
        let Some(bytes) = file.known()? else { continue };
        let last = assignments(bytes, wanted).into_iter().next_back();
        found = last.map(|(span, value)| Assignment { file: file.key().clone(), span, value }).or(found);
    }
    Ok(found)
}

/// The assignments of one parameter in one file. The kernel takes `-` and `_` for the same.
fn assignments(bytes: &[u8], wanted: &Wanted) -> Vec<(Span, String)> {
    let text = String::from_utf8_lossy(bytes);
    let same = |one: &str, other: &str| one.replace('-', "_") == other.replace('-', "_");
    let (mut found, mut start) = (vec![], 0);
    for line in text.split_inclusive('\n') {
        let mut words = line.split_ascii_whitespace();
        let ours =
            words.next() == Some("options") && words.next().is_some_and(|module| same(module, wanted.module));
        for word in words.filter(|_| ours) {
            let (name, value) = word.split_once('=').unwrap_or((word, "Y"));
            if same(name, wanted.name) {
                let at = start + (word.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
                found.push((Span::new(at, at + word.len()), value.to_owned()));
            }
        }
        start += line.len();
    }
    found
}

/// Judges a parameter.
pub(crate) fn judge(evidence: &Evidence, wanted: &Wanted, reading: Reading) -> Judged {
    let Wanted { module, name, good, .. } = wanted;
    if reading == Reading::Effective {
        let now = parameter(evidence, module, name);
        let Some(value) = now.known()? else { return Ok(Verdict::NotApplicable("the module is not loaded")) };
        let cite = vec![Cite::whole(now.key(), format!("{name} = {value}"))];
        return Ok(if good.contains(value) { Verdict::Pass(cite) } else { Verdict::Fail(cite) });
    }
    Ok(match configured(evidence, wanted)? {
        Some(Assignment { file, span, value }) => {
            let cite = vec![Cite::bytes(&file, span, format!("options {module} {name}={value}"))];
            if good.contains(&value.as_str()) { Verdict::Pass(cite) } else { Verdict::Fail(cite) }
        }
        None => {
            let seen = format!("{name} of {module} is set in no file, and its default will do");
            Verdict::Pass(vec![Cite::whole(&"etc/modprobe.d".into(), seen)])
        }
    })
}

/// Sets it now, and where modprobe.d says otherwise, there.
pub(crate) fn remedy(evidence: &Evidence, wanted: &Wanted) -> Result<Vec<Change>, Missing> {
    let Wanted { module, name, good, value } = wanted;
    let mut changes = vec![];
    if let Some(assignment) =
        configured(evidence, wanted)?.filter(|found| !good.contains(&found.value.as_str()))
    {
        let splice = Splice::new(assignment.span, format!("{name}={value}"));
        changes.extend(ask::edit(format!("/{}", assignment.file), vec![splice], Disposition::Live));
    }
    let now = parameter(evidence, module, name);
    if now.ok().is_some_and(|now| !good.contains(now)) {
        let action = Action::Sysfs { path: format!("/{}", now.key()), value: (*value).to_owned() };
        changes.push(Change::new(action, Disposition::Live));
    }
    Ok(changes)
}
