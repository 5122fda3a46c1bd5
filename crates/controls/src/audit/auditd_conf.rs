//! auditd never stops writing in silence.
//!
//! ## Why
//! A full disk is an old way to switch an audit off. With `ignore` auditd goes on as if nothing were the matter and
//! drops what it can't write.
//!
//! ## Where
//! `/etc/audit/auditd.conf`: none of `space_left_action`, `admin_space_left_action`, `disk_full_action`,
//! `disk_error_action` and `max_log_file_action` is `ignore`, `flush` is not `none`, `write_logs` is not `no`. Whether to
//! stop the machine when the disk is full (`halt`, `single`) is yours to decide.
//!
//! ## Fix
//! Set the key to `syslog`, `suspend` or `rotate`, `flush` to `incremental_async`, `write_logs` to `yes`; then
//! `kill -HUP` auditd.
//!
//! ## Undo
//! Put the former lines back.
//!
//! ```fails
//! -- etc/audit/auditd.conf mode=0640 --
//! log_file = /var/log/audit/audit.log
//! disk_full_action = IGNORE
//! space_left_action = ignore
//! ```
//! ```fails
//! -- etc/audit/auditd.conf mode=0640 --
//! write_logs = no
//! flush=none
//! ```
//! As Debian ships it:
//! ```passes
//! -- etc/audit/auditd.conf mode=0640 --
//! flush = INCREMENTAL_ASYNC
//! max_log_file_action = ROTATE
//! space_left_action = SYSLOG
//! admin_space_left_action = SUSPEND
//! disk_full_action = SUSPEND
//! disk_error_action = SUSPEND
//! ```
use formats::{Span, Splice};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "auditd never stops in silence",
        pt: "O auditd nunca para em silêncio",
        id: "auditd tidak pernah berhenti diam-diam",
    },
    why: "Who fills the disk switches the audit off, and nothing says so.",
    references: &["auditd.conf(5)", "auditd(8)"],
};

const FILE: &str = "etc/audit/auditd.conf";
/// Key, the value that silences (in lower case), and what the remedy sets: auditd's shipped values.
const KEYS: [(&str, &str, &str); 7] = [
    ("space_left_action", "ignore", "syslog"),
    ("admin_space_left_action", "ignore", "suspend"),
    ("disk_full_action", "ignore", "suspend"),
    ("disk_error_action", "ignore", "suspend"),
    ("max_log_file_action", "ignore", "rotate"),
    ("flush", "none", "incremental_async"),
    ("write_logs", "no", "yes"),
];

/// The lines that silence: key, the place of the value, and what to set.
fn silent(text: &str) -> Vec<(String, Span, &'static str)> {
    let mut at = 0;
    let mut found = vec![];
    for line in text.split('\n') {
        if let Some((key, value)) = line.split_once('=') {
            let (name, value) = (key.trim().to_ascii_lowercase(), value.trim());
            let known = KEYS.iter().find(|(known, bad, _)| *known == name && value.eq_ignore_ascii_case(bad));
            // The place of the value in the file: its bytes are part of the line.
            let start =
                at + line.len() - line.split_once('=').map_or("", |(_, value)| value.trim_start()).len();
            found.extend(known.map(|(_, _, good)| {
                (format!("{name} = {value}"), Span::new(start, start + value.len()), *good)
            }));
        }
        at += line.len() + 1;
    }
    found
}

fn read(evidence: &Evidence) -> Result<Option<String>, Missing> {
    let bytes = evidence.bytes(FILE);
    Ok(bytes.known()?.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let Some(text) = read(evidence)? else { return Ok(Verdict::NotApplicable("there is no auditd")) };
    let key = FILE.into();
    let wrong = silent(&text).into_iter().map(|(seen, span, _)| Cite::bytes(&key, span, seen)).collect();
    Ok(Verdict::unless(wrong, vec![Cite::whole(&key, "no key makes it stop in silence")]))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let text = read(evidence)?.unwrap_or_default();
    let splices = silent(&text).into_iter().map(|(_, span, good)| Splice::new(span, good)).collect();
    Ok(crate::ask::edit(format!("/{FILE}"), splices, Disposition::DaemonRestart))
}
