//! The audit rules are locked until the next boot.
//!
//! ## Why
//! Who has become root silences the audit first: one `auditctl -D`. Locked, rules and status stay as they are until a
//! reboot, which nobody overlooks.
//!
//! ## Where
//! `enabled` of the kernel's answer to `AUDIT_GET` is 2. Asked for where the profile is `strict`; elsewhere it counts only
//! if it is so.
//!
//! ## Fix
//! Put `-e 2` into the last file of `/etc/audit/rules.d` (`99-finalize.rules`) and reboot. From then on a change of rules
//! takes a reboot.
//!
//! ## Undo
//! Take the line out and reboot.
//!
//! ```fails
//! -- etc/baluarte/profile.toml --
//! name = "strict"
//! -- netlink/audit-status --
//! {"enabled":1,"failure":1,"pid":612,"rate_limit":0,"backlog_limit":8192,"lost":0,"backlog":0,"features":127}
//! ```
//! ```n/a
//! -- netlink/audit-status --
//! {"enabled":1,"failure":1,"pid":612,"rate_limit":0,"backlog_limit":8192,"lost":0,"backlog":0,"features":127}
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("put `-e 2` into /etc/audit/rules.d/99-finalize.rules and reboot"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Audit rules are locked",
        pt: "As regras de auditoria estão travadas",
        id: "Aturan audit terkunci",
    },
    why: "Who has become root silences the audit with one command.",
    references: &["auditctl(8), -e 2", "Linux kernel/audit.c, AUDIT_LOCKED"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let status = evidence.audit_status.required()?;
    let cite = vec![Cite::whole(evidence.audit_status.key(), format!("enabled = {}", status.enabled))];
    if status.enabled == 2 {
        return Ok(Verdict::Pass(cite));
    }
    Ok(if ask::is_strict(evidence)? {
        Verdict::Fail(cite)
    } else {
        Verdict::NotApplicable("the profile is not strict")
    })
}
