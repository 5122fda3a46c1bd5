//! Every change of accounts and groups is recorded.
//!
//! ## Why
//! One name added to the group `libvirt` in `/etc/group` is one more root of the host. Who added it must be known after
//! it is gone again.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): for `/etc/passwd`, `/etc/shadow`, `/etc/group` and
//! `/etc/sudoers`, one that records writing and changes of attributes by everyone.
//!
//! ## Fix
//! Put `-w /etc/group -p wa -k identity`, and the same for the others, into `/etc/audit/rules.d/60-baluarte.rules`;
//! `augenrules --load`.
//!
//! ## Undo
//! Remove the lines; `augenrules --load`.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"path","op":"=","value":"/etc/passwd"},{"field":"perm","op":"=","value":"wa"}],"keys":["identity"]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/etc/"},{"field":"perm","op":"=","value":"rwa"}],"keys":["etc"]}
//! ```
use model::control::{Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};

use crate::audit_rules;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge: |evidence, (), _| audit_rules::judge_watches(evidence, FILES, "wa"),
        fix: Fix::Advice(
            "add `-w FILE -p wa -k identity` for each to /etc/audit/rules.d and run `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Changes of accounts are recorded",
        pt: "Mudanças em contas são registradas",
        id: "Perubahan akun dicatat",
    },
    why: "Nobody can say who made an account one of libvirt's administrators.",
    references: &["audit.rules(7)", "auditctl(8), -w"],
};

const FILES: [&str; 4] = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers"];
