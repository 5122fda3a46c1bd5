//! Every program that is started as QEMU's user is recorded.
//!
//! ## Why
//! QEMU starts no programs once its VM runs. An `execve` by its user is what an escape from a guest does first, and the
//! surest sign of one that there is.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): one on `execve` for every id of the emulator's user (`uid`,
//! `euid` or `fsuid`), or for everyone; or, where there is SELinux, for the domain `svirt_t`.
//!
//! ## Fix
//! Put `-a always,exit -F arch=b64 -S execve,execveat -F uid=libvirt-qemu -F success=1 -k qemu-exec` into
//! `/etc/audit/rules.d/60-baluarte.rules`; `augenrules --load`.
//!
//! ## Undo
//! Remove the line; `augenrules --load`.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["execve"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"uid","op":"=","value":1000}],"keys":[]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["execve"],"fields":[{"field":"arch","op":"=","value":"b32"}],"keys":[]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["execve"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"subj_type","op":"=","value":"svirt_t"}],"keys":[]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["execve"],"fields":[{"field":"arch","op":"=","value":"b64"}],"keys":[]}
//! ```
use formats::netlink::audit::{Field, Operator, Value};
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::{
    audit_rules::{Rules, Who, is_for_call, name},
    emulator_user,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "add `-a always,exit -F arch=b64 -S execve,execveat -F uid=libvirt-qemu -k qemu-exec` to /etc/audit/rules.d, `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Programs started as QEMU's user are recorded",
        pt: "Programas iniciados como o usuário do QEMU são registrados",
        id: "Program yang dijalankan sebagai pengguna QEMU dicatat",
    },
    why: "A program started by QEMU's user is the first sign of an escape.",
    references: &[
        "guide 2, Auditoria: interações não usuais",
        "auditctl(8)",
        "QEMU docs/system/security.rst, Isolation",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let ids = emulator_user::ids(evidence)?;
    if ids.is_empty() {
        return Ok(Verdict::NotApplicable("QEMU has no user of its own"));
    }
    let rules = Rules::of(evidence)?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for id in ids {
        match rules.find(|rule| is_for_call(rule, "execve", Who::Everyone, |field| is_emulator(field, id))) {
            Some(rule) => {
                right.push(rules.cite(format!("execve by uid {id} is recorded (rule {})", name(rule))))
            }
            None => wrong.push(rules.cite(format!("no rule that can fire records execve by uid {id}"))),
        }
    }
    Ok(Verdict::unless(wrong, right))
}

fn is_emulator(field: &Field, id: u32) -> bool {
    let user =
        matches!(field.field.as_str(), "uid" | "euid" | "fsuid") && field.value == Value::Number(id.into());
    let domain = field.field == "subj_type" && field.value.text() == Some("svirt_t");
    field.operator == Operator::Equal && (user || domain)
}
