//! Keywords of sshd: one judgement, one remedy. sshd takes the *first* value it meets (sshd_config(5)).

use std::collections::BTreeMap;

use formats::{
    Splice,
    conf::sshd::{Config, Found, arguments},
};
use model::{
    change::{Action, Change, Lockout},
    control::{Cite, Judged, Verdict},
    evidence::Evidence,
    fact::{Key, Missing},
    finding::Disposition,
};

/// Our drop-in, by name before any other, so that it is met first.
const OURS: &str = "etc/ssh/sshd_config.d/00-baluarte.conf";

/// What a keyword must be.
pub(crate) struct Wish {
    /// The keyword.
    pub(crate) keyword: &'static str,
    /// Whether a value, in lower case, is fine.
    pub(crate) allows: fn(&str) -> bool,
    /// The value that the remedy sets.
    pub(crate) value: &'static str,
    /// Whether a `Match` block that forces a command may say otherwise: such accounts get no shell.
    pub(crate) unless_forced: bool,
}

/// The configuration; `None` where there is no sshd.
///
/// # Errors
/// [`Missing`] where a part of it could not be read, or sshd would refuse it.
pub(crate) fn config(evidence: &Evidence) -> Result<Option<&Config>, Missing> {
    let Some(config) = evidence.access.sshd.known()? else { return Ok(None) };
    match config.errors.first() {
        Some((file, error)) => {
            let path = config.files.get(*file).map_or("etc/ssh/sshd_config", |(path, _)| path);
            Err(Missing { key: path.into(), why: format!("sshd refuses the file: {error}").into() })
        }
        None => Ok(Some(config)),
    }
}

/// Judges the wishes for everyone, and in the `Match` blocks.
///
/// # Errors
/// As [`config`].
pub(crate) fn judge(evidence: &Evidence, wishes: &[&Wish]) -> Judged {
    let Some(config) = config(evidence)? else { return Ok(Verdict::NotApplicable("there is no sshd")) };
    let (mut wrong, mut right) = (vec![], vec![]);
    for wish in wishes {
        let Some(effective) = config.effective(wish.keyword) else { continue };
        let cite = match effective.found {
            Some(found) => cite(config, found),
            None => {
                let seen = format!("{} is not set; the default is {}", wish.keyword, effective.value);
                Cite::whole(evidence.access.sshd.key(), seen)
            }
        };
        let list = if (wish.allows)(&effective.value.to_ascii_lowercase()) { &mut right } else { &mut wrong };
        list.push(cite);
        wrong.extend(against(config, wish).map(|found| self::cite(config, found)));
    }
    Ok(Verdict::unless(wrong, right))
}

/// Settings in `Match` blocks that a wish does not allow.
fn against<'a>(config: &'a Config, wish: &'a Wish) -> impl Iterator<Item = &'a Found> {
    let forced = |block| config.overrides("ForceCommand").any(|found| found.block == block);
    let excused = move |found: &Found| wish.unless_forced && forced(found.block);
    config.overrides(wish.keyword).filter(move |found| !excused(found) && !(wish.allows)(&value(found)))
}

/// The first argument of a setting, in lower case.
fn value(found: &Found) -> String {
    arguments(&found.setting.value.value).into_iter().next().unwrap_or_default().to_ascii_lowercase()
}

/// A setting at its place.
fn cite(config: &Config, found: &Found) -> Cite {
    let setting = &found.setting;
    let block = found.block.and_then(|block| config.blocks.get(block));
    let within = block.map(|block| format!(", in Match {}", block.criteria.value)).unwrap_or_default();
    let key: Key = config.files.get(found.file).map_or("etc/ssh/sshd_config", |(path, _)| path).into();
    Cite::bytes(&key, setting.span, format!("{} {}{within}", setting.key.value, setting.value.value))
}

/// Sets what is not as wished: in place where an earlier line would win over ours, else in a drop-in that is met first.
///
/// # Errors
/// As [`config`].
pub(crate) fn remedy(evidence: &Evidence, wishes: &[&Wish]) -> Result<Vec<Change>, Missing> {
    let Some(config) = config(evidence)? else { return Ok(vec![]) };
    let mut edits: BTreeMap<String, Vec<Splice>> = BTreeMap::new();
    let mut lines = String::new();
    for wish in wishes {
        let in_place = |found: &Found, edits: &mut BTreeMap<String, Vec<Splice>>| {
            if let Some((path, span)) = config.place(found) {
                edits.entry(path.to_owned()).or_default().push(Splice::new(span, wish.value));
            }
        };
        against(config, wish).for_each(|found| in_place(found, &mut edits));
        let Some(effective) = config.effective(wish.keyword) else { continue };
        if (wish.allows)(&effective.value.to_ascii_lowercase()) {
            continue;
        }
        match effective.found.filter(|found| !ours_comes_first(config, found)) {
            Some(found) => in_place(found, &mut edits),
            None => lines.push_str(&format!("{} {}\n", wish.keyword, wish.value)),
        }
    }
    let mut changes = if lines.is_empty() { vec![] } else { add(evidence, config, lines, &mut edits)? };
    for (path, mut splices) in edits {
        splices.sort_by_key(|splice| splice.span);
        changes.extend(crate::ask::edit(format!("/{path}"), splices, Disposition::DaemonRestart));
    }
    Ok(changes.into_iter().map(|change| change.may_lock_out(Lockout::Ssh)).collect())
}

/// Where in the main file our drop-in is included for everyone, if it is.
fn included_at(config: &Config) -> Option<u32> {
    let (_, main) = config.files.first()?;
    let pattern = |pattern: &str| matches!(pattern, "/etc/ssh/sshd_config.d/*.conf" | "sshd_config.d/*.conf");
    let include = main.lines().settings().find(|setting| {
        setting.section.is_empty()
            && setting.key.value.eq_ignore_ascii_case("include")
            && arguments(&setting.value.value).iter().any(|path| pattern(path))
    })?;
    Some(include.span.start)
}

/// True where a line of our drop-in would be met before this one.
fn ours_comes_first(config: &Config, found: &Found) -> bool {
    let Some(include) = included_at(config) else { return false };
    match config.files.get(found.file) {
        Some(_) if found.file == 0 => include < found.setting.span.start,
        Some((path, _)) => OURS < path.as_str() && path.starts_with("etc/ssh/sshd_config.d/"),
        None => false,
    }
}

/// Adds lines that are met first: to our drop-in, or at the top of the main file where that is not included.
fn add(
    evidence: &Evidence,
    config: &Config,
    lines: String,
    edits: &mut BTreeMap<String, Vec<Splice>>,
) -> Result<Vec<Change>, Missing> {
    let directory = evidence.names("etc/ssh/sshd_config.d");
    if included_at(config).is_none() || directory.known()?.is_none() {
        let main = config.files.first().map_or("etc/ssh/sshd_config", |(path, _)| path);
        edits.entry(main.to_owned()).or_default().push(Splice::new(0..0, lines));
        return Ok(vec![]);
    }
    if evidence.bytes(OURS).known()?.is_some() {
        edits.entry(OURS.to_owned()).or_default().push(Splice::new(0..0, lines));
        return Ok(vec![]);
    }
    let action = Action::CreateFile { path: format!("/{OURS}"), text: lines, mode: 0o600, uid: 0, gid: 0 };
    Ok(vec![Change::new(action, Disposition::DaemonRestart)])
}
