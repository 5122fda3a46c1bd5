//! The kernel's audit is on and a daemon writes its records down.
//!
//! ## Why
//! Without it nobody can say afterwards who read a TLS key, which process touched an image, or which VM a denial
//! belongs to; and libvirt stays mute: it asks only once, when it starts, whether audit is on.
//!
//! ## Where
//! The kernel's answer to `AUDIT_GET` over netlink: `enabled` is 1 or 2 and `pid` is that of the daemon.
//!
//! ## Fix
//! Install auditd and `systemctl enable --now auditd`; then restart libvirt's daemons, so that they notice.
//!
//! ## Undo
//! `systemctl disable auditd` and reboot.
//!
//! ## Guides
//! Guide 2 says `chkconfig auditd on`: today that is `systemctl enable auditd`.
//!
//! ```fails
//! -- netlink/audit-status --
//! {"enabled":0,"failure":1,"pid":0,"rate_limit":0,"backlog_limit":64,"lost":0,"backlog":0,"features":127}
//! ```
//! ```fails
//! -- netlink/audit-status --
//! {"enabled":1,"failure":1,"pid":0,"rate_limit":0,"backlog_limit":64,"lost":0,"backlog":0,"features":127}
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("install auditd, `systemctl enable --now auditd`, then restart libvirt's daemons"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Audit is on and written down",
        pt: "A auditoria está ligada e é registrada",
        id: "Audit aktif dan dicatat",
    },
    why: "Nobody can say afterwards who touched a key, an image or a VM.",
    references: &[
        "guide 2, Auditoria: chkconfig auditd on",
        "auditctl(8)",
        "Linux include/uapi/linux/audit.h, audit_status",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let status = evidence.audit_status.required()?;
    let key = evidence.audit_status.key();
    let (mut wrong, mut right) = (vec![], vec![]);
    for (bad, seen) in [
        (status.enabled == 0, format!("enabled = {}", status.enabled)),
        (
            status.pid == 0,
            if status.pid == 0 {
                "no daemon takes the records".to_owned()
            } else {
                format!("pid = {}", status.pid)
            },
        ),
    ] {
        let list = if bad { &mut wrong } else { &mut right };
        list.push(Cite::whole(key, seen));
    }
    Ok(Verdict::unless(wrong, right))
}
