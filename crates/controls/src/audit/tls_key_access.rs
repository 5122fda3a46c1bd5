//! Every reading of a private key by anyone but its daemon is recorded.
//!
//! ## Why
//! A key that was copied is of no less use to its owner, so that nobody notices; the record of its reading is the only
//! trace. With it anyone may pose as this host, or as an administrator to every other.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): for every private key in `/etc/pki/libvirt/private`,
//! `/etc/pki/qemu` and `/etc/pki/libvirt-*`, one that records reading, but for programs it names (`exe!=`) or, where
//! there is SELinux, domains (`subj_type!=`). `auditctl -l` before 4.0.2 prints `exe!=` as `exe=`, so that the rules are
//! taken from the kernel.
//!
//! ## Fix
//! Put `-a always,exit -F path=KEY -F perm=r -F exe!=/usr/sbin/libvirtd -k vm-tls-key` into
//! `/etc/audit/rules.d/60-baluarte.rules`; `augenrules --load`. With modular daemons the program is
//! `/usr/sbin/virtproxyd`.
//!
//! ## Undo
//! Remove the line; `augenrules --load`.
//!
//! ## Guides
//! Guide 2's rule says `subj_type!=virtd_t`. Without SELinux it loads, is listed, and never fires; with it, modular
//! daemons run as `virtproxyd_t`, and every handshake is recorded.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"path","op":"=","value":"/etc/pki/libvirt/private/serverkey.pem"},{"field":"subj_type","op":"!=","value":"virtd_t"}],"keys":[]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/etc/pki"},{"field":"perm","op":"=","value":"r"},{"field":"exe","op":"=","value":"/usr/sbin/libvirtd"}],"keys":[]}
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,selinux
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/etc/pki"},{"field":"perm","op":"=","value":"r"},{"field":"subj_type","op":"!=","value":"virtproxyd_t"}],"keys":[]}
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::{audit_rules, private_keys};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "add `-a always,exit -F path=KEY -F perm=r -F exe!=DAEMON -k vm-tls-key` to /etc/audit/rules.d, `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Reading a private key is recorded",
        pt: "A leitura de chave privada é registrada",
        id: "Pembacaan kunci privat dicatat",
    },
    why: "A copied key leaves no other trace.",
    references: &[
        "guide 2, Auditoria: acesso chave privada TLS",
        "auditctl(8)",
        "Linux kernel/auditsc.c, audit_filter_rules",
        "audit-userspace issue 379",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let paths: Vec<String> = private_keys::keys(evidence)?.into_iter().map(|key| format!("/{key}")).collect();
    if paths.is_empty() {
        return Ok(Verdict::NotApplicable("there are no keys"));
    }
    audit_rules::judge_watches(evidence, paths.iter().map(String::as_str), "r")
}
