//! SASL's password files and Kerberos keys are for their daemon alone.
//!
//! ## Why
//! SASL's database holds passwords in clear, and a keytab is as good as one. Who reads it logs in to libvirt, and is root
//! on the host.
//!
//! ## Where
//! Mode and owner of `/etc/libvirt/passwd.db`, `/etc/libvirt/krb5.tab` and `/etc/sasldb2`: 0600 or less, root's. Of
//! `/etc/libvirt/qemu_passwd.db`, which QEMU reads for VNC and SPICE: nothing for others, root's or the emulator's.
//!
//! ## Fix
//! `chmod 0600` the file (0640 for QEMU's), `chown root`. Then change the passwords.
//!
//! ## Undo
//! `chmod` and `chown` back.
//!
//! ```fails
//! -- etc/libvirt/passwd.db mode=0644 inode --
//! ```
//! ```fails
//! -- etc/libvirt/krb5.tab mode=0640 gid=115 inode --
//! ```
//! ```fails
//! -- etc/libvirt/qemu_passwd.db mode=0660 gid=64055 inode --
//! ```
//! ```passes
//! -- etc/libvirt/qemu_passwd.db mode=0640 gid=64055 inode --
//! ```
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::emulator_user;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "SASL's passwords are private",
        pt: "As senhas do SASL são privadas",
        id: "Kata sandi SASL bersifat privat",
    },
    why: "Who reads the passwords, which stand there in clear, is root on the host.",
    references: &[
        "guide 2, Gerenciamento: DB próprio para credenciais",
        "libvirt docs/auth.rst, SASL pluggable authentication",
        "libvirt src/remote/libvirtd.sasl",
    ],
};

/// Files, and the bits that are too much: of QEMU's own, the group may read.
const FILES: [(&str, u32); 4] = [
    ("etc/libvirt/passwd.db", 0o177),
    ("etc/libvirt/krb5.tab", 0o177),
    ("etc/sasldb2", 0o177),
    (QEMU, 0o137),
];
const QEMU: &str = "etc/libvirt/qemu_passwd.db";

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for (key, too_much) in FILES {
        let found = evidence.stat(key);
        let Some(stat) = found.known()? else { continue };
        let owned = stat.uid == 0 || (key == QEMU && emulator_user::ids(evidence)?.contains(&stat.uid));
        let list = if stat.permissions() & too_much == 0 && owned { &mut right } else { &mut wrong };
        let seen = format!("mode {:04o}, owner {}:{}", stat.permissions(), stat.uid, stat.gid);
        list.push(Cite::whole(found.key(), seen));
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("there are no such files"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let mut changes = vec![];
    for (key, too_much) in FILES {
        let found = evidence.stat(key);
        let Some(stat) = found.known()? else { continue };
        let path = format!("/{key}");
        if stat.uid != 0 && !(key == QEMU && emulator_user::ids(evidence)?.contains(&stat.uid)) {
            let action = Action::SetOwner { path: path.clone(), uid: 0, gid: stat.gid };
            changes.push(Change::new(action, Disposition::Live));
        }
        if stat.permissions() & too_much != 0 {
            let action = Action::SetMode { path, mode: stat.permissions() & !too_much };
            changes.push(Change::new(action, Disposition::Live));
        }
    }
    Ok(changes)
}
