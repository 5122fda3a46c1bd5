//! Private keys of libvirt, VNC, migration and NBD are for their daemon alone.
//!
//! ## Why
//! Who can read the key of the server can pose as it and read what its clients send; who can read a client's key may
//! open libvirt's TLS port, and is root on every host of the same CA.
//!
//! ## Where
//! `/etc/pki/libvirt/private`, `/etc/pki/CA/private`, `/etc/pki/qemu` and `/etc/pki/libvirt-{vnc,spice,chardev,migrate,
//! backup,nbd}`: mode and owner of every file that holds a private key, as `stat(2)` gives them. Nothing for others,
//! no writing for the group; reading for the group is right where QEMU, which is not root, needs the key (0640). The
//! owner is root, or the emulator's user.
//!
//! ## Fix
//! `chmod 0600`, or 0640 where the group may read; `chown root`. Then consider the key as read: issue a new one.
//!
//! ## Undo
//! `chmod` and `chown` back to what it was.
//!
//! ```fails
//! -- etc/pki/libvirt/private/serverkey.pem mode=0644 inode --
//! ```
//! ```fails
//! -- etc/pki/libvirt-vnc/server-key.pem mode=0640 uid=1000 gid=64055 inode --
//! ```
//! ```fails
//! -- etc/pki/CA/private/cakey.pem mode=0660 inode --
//! ```
//! ```passes
//! -- etc/pki/libvirt/private/clientkey.pem mode=0640 gid=115 inode --
//! -- etc/pki/qemu/server-key.pem mode=0400 uid=64055 gid=64055 inode --
//! ```
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
    recording::Stat,
};

use crate::{emulator_user, private_keys::keys};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Private keys are private",
        pt: "As chaves privadas são privadas",
        id: "Kunci privat bersifat privat",
    },
    why: "Who can read a key may pose as the host, or as an administrator of every host of the same CA.",
    references: &[
        "guide 2, Auditoria: chave privada TLS",
        "libvirt docs/kbase/tlscerts.rst",
        "libvirt tools/virt-pki-validate.c",
    ],
};

/// Anything for others, and writing or executing for the group.
const TOO_MUCH: u32 = 0o037;

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let emulator = emulator_user::ids(evidence)?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for key in keys(evidence)? {
        let found = evidence.stat(key);
        let Some(stat) = found.known()? else { continue };
        let seen = format!("mode {:04o}, owner {}:{}", stat.permissions(), stat.uid, stat.gid);
        let list = if is_private(stat, &emulator) { &mut right } else { &mut wrong };
        list.push(Cite::whole(found.key(), seen));
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("there are no keys"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn is_private(stat: &Stat, emulator: &[u32]) -> bool {
    stat.permissions() & TOO_MUCH == 0 && (stat.uid == 0 || emulator.contains(&stat.uid))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let emulator = emulator_user::ids(evidence)?;
    let mut changes = vec![];
    for key in keys(evidence)? {
        let found = evidence.stat(key);
        let Some(stat) = found.known()? else { continue };
        let path = format!("/{key}");
        if stat.uid != 0 && !emulator.contains(&stat.uid) {
            let action = Action::SetOwner { path: path.clone(), uid: 0, gid: stat.gid };
            changes.push(Change::new(action, Disposition::Live));
        }
        if stat.permissions() & TOO_MUCH != 0 {
            // What the group may read now it may go on reading, but not write, and not where that is root's in name alone.
            let mode = if stat.gid == 0 { 0o600 } else { stat.permissions() & 0o640 };
            changes.push(Change::new(Action::SetMode { path, mode }, Disposition::Live));
        }
    }
    Ok(changes)
}
