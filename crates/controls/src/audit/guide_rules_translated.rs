//! No audit rule is loaded that can never fire.
//!
//! ## Why
//! Without SELinux the kernel takes a rule on a label, lists it, and never fires it, not even with `!=`. Who wrote it
//! believes that reading a key or writing to an image is recorded.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`) with fields on SELinux labels (`subj_type`, `obj_type` …), while
//! `/sys/kernel/security/lsm` names no SELinux. AppArmor answers for `subj_role` alone.
//!
//! ## Fix
//! Replace each by one on users, programs and directories: see `audit.tls-key-access`, `audit.image-modification` and
//! `audit.qemu-cross-domain`, which give the lines.
//!
//! ## Undo
//! Load the former rules again: `augenrules --load`.
//!
//! ## Guides
//! All three example rules of guide 2 are of this kind, and their types `virt_image_t` and `qemu_t` are older than sVirt:
//! also with SELinux they miss every VM of today.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"path","op":"=","value":"/etc/pki/libvirt/private/serverkey.pem"},{"field":"subj_type","op":"!=","value":"virtd_t"}],"keys":[]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::audit_rules::{Rules, name};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Info,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "replace the rule by one on users, programs or directories, and run `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Every audit rule can fire",
        pt: "Toda regra de auditoria pode disparar",
        id: "Setiap aturan audit dapat terpicu",
    },
    why: "A rule on a label that the kernel does not know is listed and never fires.",
    references: &[
        "guide 2, Auditoria: audit.rules, exemplos",
        "Linux kernel/auditsc.c, audit_filter_rules",
        "Linux security/apparmor/audit.c, aa_audit_rule_init",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let rules = Rules::of(evidence)?;
    let wrong = rules
        .dead()
        .map(|rule| rules.cite(format!("rule {} never fires: the kernel has no SELinux", name(rule))));
    Ok(Verdict::unless(
        wrong.collect(),
        vec![rules.cite("no rule needs labels that the kernel does not know".to_owned())],
    ))
}
