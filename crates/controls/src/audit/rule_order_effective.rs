//! No audit rule silences the others.
//!
//! ## Why
//! Of two rules that match, the earlier decides. One `never` at the top, or one exclusion of a record type, and rules
//! that are loaded and listed record nothing, or too little to be of use. `-a never,task` stands in the rules that some
//! distributions ship, to save time, and takes every system call and every watched file with it.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): `never` on list `task`, or on list `exit` for all calls before
//! other rules, limited by nothing; and exclusions, limited by nothing but the type, of the records that VMs are told
//! apart by: SYSCALL, PATH, CONFIG_CHANGE, EXECVE, SECCOMP, AVC, and libvirt's VIRT_CONTROL, VIRT_RESOURCE and
//! VIRT_MACHINE_ID.
//!
//! ## Fix
//! Take the line out of `/etc/audit/rules.d`; `augenrules --load`.
//!
//! ## Undo
//! Put the line back; `augenrules --load`.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"task","action":"never","syscalls":[],"fields":[]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"never","syscalls":"all","fields":[{"field":"arch","op":"=","value":"b64"}]}
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/etc"},{"field":"perm","op":"=","value":"wa"}],"keys":["a"]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exclude","action":"always","syscalls":[],"fields":[{"field":"msgtype","op":"=","value":1400}]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! {"list":"exclude","action":"always","syscalls":[],"fields":[{"field":"msgtype","op":"=","value":1307}]}
//! {"list":"exit","action":"never","syscalls":["adjtimex"],"fields":[{"field":"arch","op":"=","value":"b64"},{"field":"uid","op":"=","value":123}]}
//! ```
use formats::netlink::audit::{self, List, Operator, Value};
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::audit_rules::Rules;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "take the `never` or `exclude` rule out of /etc/audit/rules.d and run `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No audit rule silences the others",
        pt: "Nenhuma regra de auditoria silencia as outras",
        id: "Tidak ada aturan audit yang membungkam lainnya",
    },
    why: "Rules that are loaded and listed record nothing.",
    references: &[
        "auditctl(8), -a never,task; -a exclude",
        "audit.rules(7)",
        "Linux kernel/auditfilter.c, audit_filter",
    ],
};

/// Record types (Linux include/uapi/linux/audit.h; libaudit.h for libvirt's).
const NEEDED: [(i64, &str); 9] = [
    (1300, "SYSCALL"),
    (1302, "PATH"),
    (1305, "CONFIG_CHANGE"),
    (1309, "EXECVE"),
    (1326, "SECCOMP"),
    (1400, "AVC"),
    (2500, "VIRT_CONTROL"),
    (2501, "VIRT_RESOURCE"),
    (2502, "VIRT_MACHINE_ID"),
];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let rules = Rules::of(evidence)?;
    let mut wrong = vec![];
    if let Some(rule) = rules.muting(rules.all().len()) {
        let seen = if rule.list == List::Task { "never,task" } else { "never,exit for every call" };
        wrong.push(rules.cite(format!("{seen}: the rules after it record no system call and no file")));
    }
    let excluded =
        |kind: i64| rules.all().iter().any(|rule| rule.list == List::Exclude && excludes(rule, kind));
    let lost = NEEDED.into_iter().filter(|(kind, _)| excluded(*kind));
    wrong.extend(lost.map(|(_, name)| rules.cite(format!("{name} records are excluded"))));
    Ok(Verdict::unless(wrong, vec![rules.cite("no rule silences the others".to_owned())]))
}

/// True where the rule excludes every record of this type.
fn excludes(rule: &audit::Rule, kind: i64) -> bool {
    !rule.fields.is_empty()
        && rule.fields.iter().all(|field| {
            let Value::Number(value) = field.value else { return false };
            field.field == "msgtype"
                && match field.operator {
                    Operator::Equal => kind == value,
                    Operator::NotEqual => kind != value,
                    Operator::Greater => kind > value,
                    Operator::GreaterOrEqual => kind >= value,
                    Operator::Less => kind < value,
                    Operator::LessOrEqual => kind <= value,
                    Operator::AnyBit | Operator::AllBits => false,
                }
        })
}
