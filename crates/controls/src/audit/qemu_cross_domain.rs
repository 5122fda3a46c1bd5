//! Every refusal that QEMU's user meets when it opens a file is recorded.
//!
//! ## Why
//! A QEMU that was taken over looks around: other VMs' images, the host's files. What stops it is mode or label, and each
//! stop is a record of who tried, if a rule asks for it. Where there is no SELinux and no AppArmor denial, there is no
//! other.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): for every id of the emulator's user, `openat` that fails with
//! `EACCES` and with `EPERM` (or fails at all: `success=0`); or, where there is SELinux, a rule for the domain `svirt_t`
//! and objects of other types.
//!
//! ## Fix
//! Put two lines into `/etc/audit/rules.d/60-baluarte.rules`: `-a always,exit -F arch=b64 -S open,openat,openat2 -F
//! uid=libvirt-qemu -F exit=-EACCES -k qemu-denied`, and the same with `-EPERM`; `augenrules --load`.
//!
//! ## Undo
//! Remove the lines; `augenrules --load`.
//!
//! ## Guides
//! Guide 2's rule records every system call of `qemu_t` on objects that are not `qemu_t`. That type is older than sVirt;
//! with today's (`svirt_t`) the rule would record all of QEMU's own input and output.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"perm","op":"=","value":"wxa"},{"field":"subj_type","op":"=","value":"qemu_t"},{"field":"obj_type","op":"!=","value":"qemu_t"}],"keys":[]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["openat"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"uid","op":"=","value":64055},{"field":"exit","op":"=","value":-13}],"keys":[]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["openat"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"success","op":"=","value":0}],"keys":[]}
//! ```
use formats::netlink::audit::{self, Field, Operator, Value};
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
            "add rules on openat by uid=libvirt-qemu with exit=-EACCES and exit=-EPERM to /etc/audit/rules.d, `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Files that QEMU may not open are recorded",
        pt: "Arquivos negados ao QEMU são registrados",
        id: "Berkas yang ditolak bagi QEMU dicatat",
    },
    why: "A QEMU that was taken over looks around, and nobody sees it.",
    references: &["guide 2, Auditoria: interações não usuais", "auditctl(8)", "errno(3)"],
};

/// `EACCES` and `EPERM`, as a system call returns them.
const REFUSALS: [(i64, &str); 2] = [(-13, "EACCES"), (-1, "EPERM")];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let ids = emulator_user::ids(evidence)?;
    if ids.is_empty() {
        return Ok(Verdict::NotApplicable("QEMU has no user of its own"));
    }
    let rules = Rules::of(evidence)?;
    if let Some(rule) = rules.find(watches_domain) {
        return Ok(Verdict::Pass(vec![rules.cite(format!("svirt_t is watched (rule {})", name(rule)))]));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for id in ids {
        for (refusal, word) in REFUSALS {
            let limits = |field: &Field| is_refusal(field, refusal) || is_user(field, id);
            let wanted = |rule: &audit::Rule| {
                let success = rule.named("success").any(|field| field.value == Value::Number(1));
                !success && is_for_call(rule, "openat", Who::Everyone, limits)
            };
            match rules.find(wanted) {
                Some(rule) => {
                    right.push(rules.cite(format!("{word} for uid {id} is recorded (rule {})", name(rule))))
                }
                None => wrong.push(rules.cite(format!("no rule that can fire records {word} for uid {id}"))),
            }
        }
    }
    Ok(Verdict::unless(wrong, right))
}

fn is_refusal(field: &Field, refusal: i64) -> bool {
    let number = |wanted: i64| field.operator == Operator::Equal && field.value == Value::Number(wanted);
    (field.field == "exit" && number(refusal)) || (field.field == "success" && number(0))
}

fn is_user(field: &Field, id: u32) -> bool {
    let user = matches!(field.field.as_str(), "uid" | "euid" | "fsuid");
    user && field.operator == Operator::Equal && field.value == Value::Number(id.into())
}

/// A rule on what `svirt_t` does to objects of other types.
fn watches_domain(rule: &audit::Rule) -> bool {
    let domain = |field: &Field| {
        field.field == "subj_type"
            && field.operator == Operator::Equal
            && field.value.text() == Some("svirt_t")
    };
    let object = |field: &Field| field.field == "obj_type" && field.operator == Operator::NotEqual;
    let mut fields = rule.fields.iter();
    rule.fields.iter().any(domain)
        && fields
            .all(|field| domain(field) || object(field) || matches!(field.field.as_str(), "perm" | "arch"))
}
