//! No audit record was lost, and the queue has room.
//!
//! ## Why
//! A flood of records drowns the one that matters: an attacker makes noise first. What was lost is lost for good, and a
//! kernel that is told to say nothing about it (`failure` 0) leaves no trace of the gap.
//!
//! ## Where
//! The kernel's answer to `AUDIT_GET`: `lost` since boot is 0, `backlog` is under half of `backlog_limit`, `failure` is 1
//! (a kernel message) or 2 (panic). Not applicable where audit is off, which `audit.daemon-enabled` tells.
//!
//! ## Fix
//! Raise the limit (`-b 8192` or more in `/etc/audit/rules.d`), set `-f 1`, take rules out that record too much, and look
//! at what flooded it: `aureport --summary` on a small slice. `auditctl --reset-lost` once the cause is found.
//!
//! ## Undo
//! Put the former lines back; `augenrules --load`.
//!
//! ```fails
//! -- netlink/audit-status --
//! {"enabled":1,"failure":1,"pid":612,"rate_limit":0,"backlog_limit":8192,"lost":17,"backlog":0,"features":127}
//! ```
//! ```fails
//! -- netlink/audit-status --
//! {"enabled":1,"failure":0,"pid":612,"rate_limit":0,"backlog_limit":64,"lost":0,"backlog":40,"features":127}
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "raise the limit with `-b 8192` in /etc/audit/rules.d, set `-f 1`, and find what floods it",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No audit records are lost",
        pt: "Nenhum registro de auditoria foi perdido",
        id: "Tidak ada catatan audit yang hilang",
    },
    why: "The record that matters may be among those that were lost.",
    references: &["auditctl(8), -b, -f, --reset-lost", "Linux kernel/audit.c, audit_log_lost"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let status = evidence.audit_status.required()?;
    if status.enabled == 0 {
        return Ok(Verdict::NotApplicable("audit is off"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    let full = status.backlog_limit > 0 && status.backlog.saturating_mul(2) >= status.backlog_limit;
    for (bad, seen) in [
        (status.lost > 0, format!("lost = {}", status.lost)),
        (full, format!("backlog = {} of {}", status.backlog, status.backlog_limit)),
        (status.failure == 0, format!("failure = {}", status.failure)),
    ] {
        let list = if bad { &mut wrong } else { &mut right };
        list.push(Cite::whole(evidence.audit_status.key(), seen));
    }
    Ok(Verdict::unless(wrong, right))
}
