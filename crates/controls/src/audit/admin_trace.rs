//! What administrators run as root is recorded with who they are.
//!
//! ## Why
//! Managing VMs takes root, and as root everyone looks the same. The kernel keeps the login's own id (`auid`) through
//! sudo and su; a record of each program run as root then names the person.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): one on `execve` for processes of logins that run as root
//! (`auid>=1000`, `euid=0`), or with another user's id (`-C euid!=uid`), or for everyone.
//!
//! ## Fix
//! Put `-a always,exit -F arch=b64 -S execve -F auid>=1000 -F auid!=unset -F euid=0 -k admin` into
//! `/etc/audit/rules.d/60-baluarte.rules`; `augenrules --load`.
//!
//! ## Undo
//! Remove the line; `augenrules --load`.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["execve"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"auid","op":"=","value":1000}],"keys":["a"]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["execve"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"field_compare","op":"!=","value":"uid euid"},{"field":"auid","op":"!=","value":"unset"}],"keys":["user_emulation"]}
//! ```
use formats::netlink::audit::{Field, Operator, Value};
use model::control::{Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};

use crate::audit_rules::{self, Who};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge: |evidence, (), _| audit_rules::judge_calls(evidence, &["execve"], Who::Logins, is_root),
        fix: Fix::Advice(
            "add `-a always,exit -F arch=b64 -S execve -F auid>=1000 -F auid!=unset -F euid=0 -k admin` to /etc/audit/rules.d, `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Administrators' commands are recorded",
        pt: "Os comandos dos administradores são registrados",
        id: "Perintah administrator dicatat",
    },
    why: "As root everyone looks the same: nobody can say who did it.",
    references: &[
        "guide 2, Auditoria: administração requer root",
        "auditctl(8), -F auid, -C",
        "pam_loginuid(8)",
    ],
};

fn is_root(field: &Field) -> bool {
    match (field.field.as_str(), field.operator) {
        ("euid", Operator::Equal) => field.value == Value::Number(0),
        ("field_compare", Operator::NotEqual) => matches!(field.value.text(), Some("uid euid" | "auid euid")),
        _ => false,
    }
}
