//! libvirt writes the start, stop and resources of every VM to the audit trail.
//!
//! ## Why
//! These records (`VIRT_CONTROL`, `VIRT_RESOURCE`, `VIRT_MACHINE_ID`) are the only ones that say which VM a label, a
//! process or a disk belonged to. Without them a denial in the log can't be told from another VM's.
//!
//! ## Where
//! Configured: `audit_level` of `/etc/libvirt/libvirtd.conf` or `virtqemud.conf`: 1 (the default) writes if the kernel's
//! audit was on when the daemon started, 2 refuses to start otherwise, 0 never writes. In effect: the kernel's audit is
//! on (`AUDIT_GET`), or libvirt has nowhere to write. Daemons that run no VM write none of these records.
//!
//! ## Fix
//! Set `audit_level` (2 where the kernel audits from boot on, else 1) and restart the daemon. Where the kernel's audit is
//! off, see `audit.daemon-enabled`, and restart the daemon after that: it asks only once.
//!
//! ## Undo
//! Put the former line back and restart.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! audit_level = 0
//! ```
//! ```fails
//! -- netlink/audit-status --
//! {"enabled":0,"failure":1,"pid":0,"rate_limit":0,"backlog_limit":64,"lost":0,"backlog":0,"features":127}
//! ```
//! ```passes
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! # nothing is set
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Daemon(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt's VM events are audited",
        pt: "Os eventos de VM do libvirt são auditados",
        id: "Peristiwa VM libvirt tercatat di audit",
    },
    why: "Nobody can say afterwards which VM a process, a label or a disk belonged to.",
    references: &[
        "libvirt src/remote/libvirtd.conf.in, audit_level",
        "libvirt src/util/viraudit.c, virAuditOpen",
        "libvirt src/conf/domain_audit.c",
    ],
};

fn judge(evidence: &Evidence, daemon: &Daemon, reading: Reading) -> Judged {
    if !runs_vms(daemon) {
        return Ok(Verdict::NotApplicable("this daemon runs no VM"));
    }
    if reading == Reading::Configured {
        let setting = ask::setting(&daemon.conf, "audit_level")?;
        let cite = vec![setting.cite("1")];
        return Ok(if setting.int(1).is_some_and(|level| level > 0) {
            Verdict::Pass(cite)
        } else {
            Verdict::Fail(cite)
        });
    }
    if daemon.pid.is_none() {
        return Ok(Verdict::NotApplicable("the daemon does not run"));
    }
    let status = evidence.audit_status.required()?;
    let cite = vec![Cite::whole(evidence.audit_status.key(), format!("enabled = {}", status.enabled))];
    Ok(if status.enabled > 0 { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}

fn runs_vms(daemon: &Daemon) -> bool {
    matches!(daemon.name, "libvirtd" | "virtqemud")
}

fn remedy(evidence: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, daemon, Reading::Configured)? else { return Ok(vec![]) };
    // With 2 the daemon does not start where the kernel's audit is off.
    let from_boot = evidence
        .cmdline
        .ok()
        .and_then(|line| line.get("audit"))
        .is_some_and(|argument| argument.text() == "1");
    let level = if from_boot { 2 } else { 1 };
    ask::set(&daemon.conf, "audit_level", &Value::Int(level), Disposition::DaemonRestart)
}
