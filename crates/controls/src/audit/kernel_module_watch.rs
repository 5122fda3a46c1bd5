//! Every loading and unloading of a kernel module is recorded.
//!
//! ## Why
//! A module is code in the kernel, under every VM and every wall. Loading one is how root becomes more than root, and
//! how vfio, KVM or a bridge filter is exchanged.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): one each for `init_module`, `finit_module` and `delete_module`.
//! A rule limited to processes that a login started (`auid>=1000`, `auid!=unset`) counts.
//!
//! ## Fix
//! Put `-a always,exit -F arch=b64 -S init_module,finit_module,delete_module -k modules` into
//! `/etc/audit/rules.d/60-baluarte.rules`; `augenrules --load`.
//!
//! ## Undo
//! Remove the line; `augenrules --load`.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["init_module"],"fields":[{"field":"arch","op":"=","value":"b64"}],"keys":["modules"]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["init_module","finit_module","delete_module"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"auid","op":">=","value":1000},{"field":"auid","op":"!=","value":"unset"}],"keys":["modules"]}
//! ```
use model::control::{Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};

use crate::audit_rules::{self, Who};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge: |evidence, (), _| audit_rules::judge_calls(evidence, &CALLS, Who::Logins, |_| false),
        fix: Fix::Advice(
            "add `-a always,exit -F arch=b64 -S init_module,finit_module,delete_module -k modules` to /etc/audit/rules.d, `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Loading of kernel modules is recorded",
        pt: "A carga de módulos do kernel é registrada",
        id: "Pemuatan modul kernel dicatat",
    },
    why: "A module is code below every VM and every wall.",
    references: &["auditctl(8), -S", "init_module(2)", "delete_module(2)"],
};

const CALLS: [&str; 3] = ["init_module", "finit_module", "delete_module"];
