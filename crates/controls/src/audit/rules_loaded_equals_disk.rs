//! The audit rules that the kernel holds are those on disk.
//!
//! ## Why
//! `augenrules` stops at the first rule that the kernel refuses (a directory that is not there is enough), and those after
//! it are not loaded; a rule added by hand is gone after the next boot; and who takes one out with `auditctl -d` leaves the
//! file as it was.
//!
//! ## Where
//! The rules of `/etc/audit/rules.d/*.rules`, or of `/etc/audit/audit.rules` where there are none, against what the kernel
//! holds (`AUDIT_LIST_RULES`): for each key (`-k`) there are as many rules on both sides, rules without a key counted
//! together. Rules before a `-D` don't count in
//! `audit.rules`; `augenrules` puts it first. That two rules of one key differ in their fields is not seen here: whether
//! they record what they should, other controls judge.
//!
//! ## Fix
//! `augenrules --load`, and read what it says; write what was added by hand into `/etc/audit/rules.d`.
//!
//! ## Undo
//! Not needed: the files are not changed.
//!
//! ```fails
//! -- etc/audit/rules.d/70-more.rules mode=0640 --
//! -w /etc/nova -p wa -k nova
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"path","op":"=","value":"/tmp/x"}],"keys":["by-hand"]}
//! ```
//! `augenrules` puts Debian's `-D` first, though its file sorts last:
//! ```passes
//! -- etc/audit/rules.d/audit.rules mode=0640 --
//! -D
//! -b 8192
//! ```
//! ```passes
//! -- etc/audit/rules.d/60-baluarte.rules absent --
//! -- etc/audit/audit.rules mode=0640 --
//! ## comment
//! -w /etc/nova -p wa -k old
//! -D
//! -b 8192
//! -a always,exit -F arch=b64 -S execve -F key=a -F success=1
//! -a never,exit -F arch=b64 -S adjtimex
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["execve"],"fields":[{"field":"arch","op":"=","value":"b64"}],"keys":["a"]}
//! {"list":"exit","action":"never","syscalls":["adjtimex"],"fields":[{"field":"arch","op":"=","value":"b64"}]}
//! ```
use std::collections::BTreeMap;

use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::audit_rules::Rules;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "run `augenrules --load` and mend what it refuses; write rules added by hand into /etc/audit/rules.d",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Loaded audit rules are those on disk",
        pt: "As regras de auditoria carregadas são as do disco",
        id: "Aturan audit yang dimuat sama dengan di disk",
    },
    why: "One refused line, and none of the rules after it is loaded.",
    references: &["augenrules(8)", "auditctl(8), -R, -D, -k", "audit.rules(7)"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let rules = Rules::of(evidence)?;
    let Some(disk) = on_disk(evidence)? else {
        return Ok(Verdict::NotApplicable("there are no rules on disk"));
    };
    let mut loaded: BTreeMap<String, usize> = BTreeMap::new();
    for rule in rules.all() {
        *loaded.entry(rule.keys.join(",")).or_default() += 1;
    }
    let count = |side: &BTreeMap<String, usize>, key: &str| side.get(key).copied().unwrap_or_default();
    let mut wrong = vec![];
    let keys: std::collections::BTreeSet<&String> = disk.keys().chain(loaded.keys()).collect();
    for key in keys {
        let (there, here) = (count(&disk, key), count(&loaded, key));
        if there != here {
            let name = if key.is_empty() { "without a key".to_owned() } else { format!("with key {key}") };
            wrong.push(rules.cite(format!("rules {name}: {there} on disk, {here} loaded")));
        }
    }
    let total: usize = disk.values().sum();
    let right = Cite::whole(&"etc/audit/rules.d".into(), format!("{total} rules on disk, as many loaded"));
    Ok(Verdict::unless(wrong, vec![right]))
}

/// How many rules of each key the files hold; `None` where there is no file.
fn on_disk(evidence: &Evidence) -> Result<Option<BTreeMap<String, usize>>, Missing> {
    const DIRECTORY: &str = "etc/audit/rules.d";
    let listed = evidence.names(DIRECTORY);
    let names = listed.known()?.copied().unwrap_or_default().iter().filter(|name| name.ends_with(".rules"));
    let mut keys: Vec<String> = names.map(|name| format!("{DIRECTORY}/{name}")).collect();
    // augenrules puts a -D first, whichever of its files has it (Debian's audit.rules sorts behind 60-….rules).
    let in_order = keys.is_empty();
    if in_order {
        keys.push("etc/audit/audit.rules".to_owned());
    }
    let mut found: Option<BTreeMap<String, usize>> = None;
    for key in keys {
        let text = evidence.text(&key);
        let Some(text) = text.known()? else { continue };
        let found = found.get_or_insert_default();
        for line in text.lines().map(str::trim).filter(|line| line.starts_with('-')) {
            if in_order || !line.starts_with("-D") {
                count(line, found);
            }
        }
    }
    Ok(found)
}

/// Counts one line of a rules file, as `auditctl -R` takes it.
fn count(line: &str, found: &mut BTreeMap<String, usize>) {
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    match words.first() {
        Some(&"-D") => found.clear(),
        Some(&("-w" | "-a" | "-A")) => {
            let pairs = words.iter().zip(words.iter().skip(1));
            let key = |(option, value): (&&str, &&str)| match *option {
                "-k" => Some((*value).to_owned()),
                "-F" => value.strip_prefix("key=").map(str::to_owned),
                _ => None,
            };
            let keys: Vec<String> = pairs.filter_map(key).collect();
            *found.entry(keys.join(",")).or_default() += 1;
        }
        _ => {}
    }
}
