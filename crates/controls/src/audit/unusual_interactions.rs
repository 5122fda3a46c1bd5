//! Every look into another process's memory is recorded.
//!
//! ## Why
//! All of a VM's memory is memory of one process. Whoever attaches a debugger to it, or reads it with
//! `process_vm_readv`, has the guest's keys without touching the guest.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): one each for `ptrace`, `process_vm_readv` and
//! `process_vm_writev`. A rule may be limited to logins, and one on `ptrace` to its requests (`a0`).
//!
//! ## Fix
//! Put `-a always,exit -F arch=b64 -S ptrace,process_vm_readv,process_vm_writev,pidfd_getfd -k vm-memory` into
//! `/etc/audit/rules.d/60-baluarte.rules`; `augenrules --load`.
//!
//! ## Undo
//! Remove the line; `augenrules --load`.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["ptrace"],"fields":[{"field":"arch","op":"=","value":"b64"}],"keys":["a"]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":["ptrace","process_vm_readv","process_vm_writev"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"uid","op":"=","value":1000}],"keys":["a"]}
//! ```
use model::control::{Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};

use crate::audit_rules::{self, Who};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge: |evidence, (), _| {
            audit_rules::judge_calls(evidence, &CALLS, Who::Logins, |field| field.field == "a0")
        },
        fix: Fix::Advice(
            "add `-a always,exit -F arch=b64 -S ptrace,process_vm_readv,process_vm_writev -k vm-memory` to /etc/audit/rules.d, `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Looks into VMs' memory are recorded",
        pt: "Acessos à memória das VMs são registrados",
        id: "Akses ke memori VM dicatat",
    },
    why: "Who reads QEMU's memory has the guest's keys, and nothing in the guest records it.",
    references: &["guide 2, Auditoria: auditar interações não usuais", "ptrace(2)", "process_vm_readv(2)"],
};

const CALLS: [&str; 3] = ["ptrace", "process_vm_readv", "process_vm_writev"];
