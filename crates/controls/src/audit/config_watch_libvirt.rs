//! Every change of libvirt's configuration is recorded.
//!
//! ## Why
//! One line in `/etc/libvirt` opens a port, takes a VM's confinement away or hangs a hook that runs as root into every
//! start. Who wrote it must be known after they have changed it back.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): for `/etc/libvirt`, and for `CA`, `qemu` and `libvirt*` of `/etc/pki`,
//! `/etc/sasl2/libvirt.conf` and `/etc/polkit-1/rules.d` where they are there, one that records writing and changes of
//! attributes by everyone. A rule that never fires (a label without SELinux), that is limited to some users, or that an
//! earlier `never` takes precedence over, is no rule.
//!
//! ## Fix
//! Put `-w /etc/libvirt -p wa -k libvirt-config`, and the same for the other directories, into
//! `/etc/audit/rules.d/60-baluarte.rules`; `augenrules --load`.
//!
//! ## Undo
//! Remove the file; `augenrules --load`.
//!
//! ```fails
//! -- netlink/audit-rules --
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/etc"},{"field":"perm","op":"=","value":"r"}],"keys":["a"]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"task","action":"never","syscalls":[],"fields":[]}
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/etc"},{"field":"perm","op":"=","value":"wa"}],"keys":["a"]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/etc"},{"field":"perm","op":"=","value":"wa"},{"field":"subj_type","op":"!=","value":"virtd_t"}],"keys":["a"]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/etc"},{"field":"perm","op":"=","value":"wa"}],"keys":["a"]}
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::audit_rules;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "add `-w DIRECTORY -p wa -k libvirt-config` to /etc/audit/rules.d and run `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Changes of libvirt's configuration are recorded",
        pt: "Mudanças na configuração do libvirt são registradas",
        id: "Perubahan konfigurasi libvirt dicatat",
    },
    why: "Nobody can say who opened a port, took a confinement away or added a hook.",
    references: &[
        "guide 2, Auditoria: auditar mudanças na configuração",
        "auditctl(8), -w",
        "audit.rules(7)",
    ],
};

/// Watched besides `/etc/libvirt` where they are there, without the leading slash.
const OTHERS: [&str; 10] = [
    "etc/pki/CA",
    "etc/pki/libvirt",
    "etc/pki/qemu",
    "etc/pki/libvirt-vnc",
    "etc/pki/libvirt-spice",
    "etc/pki/libvirt-chardev",
    "etc/pki/libvirt-migrate",
    "etc/pki/libvirt-backup",
    "etc/sasl2/libvirt.conf",
    "etc/polkit-1/rules.d",
];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if !evidence.has_libvirt() {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let mut paths = vec!["/etc/libvirt".to_owned()];
    for key in OTHERS {
        if is_there(evidence, key)? {
            paths.push(format!("/{key}"));
        }
    }
    audit_rules::judge_watches(evidence, paths.iter().map(String::as_str), "wa")
}

fn is_there(evidence: &Evidence, key: &str) -> Result<bool, Missing> {
    match evidence.names(key).known() {
        Ok(names) => Ok(names.is_some()),
        // A file is there too.
        Err(_) => Ok(evidence.bytes(key).known()?.is_some()),
    }
}
