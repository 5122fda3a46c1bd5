//! Only root can change libvirt's configuration, and only root can read what is secret in it.
//!
//! ## Why
//! Who can write a hook or a domain's XML is root at the VM's next start. `qemu.conf`, domains and secrets may hold
//! passwords in clear.
//!
//! ## Where
//! Modes and owners below `/etc/libvirt`: the directory, its `*.conf`, `hooks` and what is in it are root's and nobody
//! else may write; `secrets` and what is in it, and the domains in `qemu`, are root's to read, too; so is `qemu.conf`,
//! unless the directory above keeps others out (as Fedora's 0700 does).
//!
//! ## Fix
//! Take the bits away with `chmod`, give the file to root with `chown`.
//!
//! ## Undo
//! `chmod` and `chown` back.
//!
//! ```fails
//! -- etc/libvirt/hooks/qemu mode=0775 gid=115 inode --
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0644 --
//! vnc_password = "secret"
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0664 --
//! listen_tcp = 0
//! ```
//! ```fails
//! -- etc/libvirt/secrets dir mode=0755 --
//! ```
//! ```fails
//! -- etc/libvirt/hooks/qemu.d/10-net mode=0755 uid=1000 inode --
//! ```
//! ```passes
//! -- etc/libvirt dir mode=0700 --
//! -- etc/libvirt/qemu.conf mode=0644 --
//! vnc_password = "secret"
//! -- etc/libvirt/network.conf mode=0644 --
//! firewall_backend = "nftables"
//! ```
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::libvirt_files::places;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt's configuration belongs to root",
        pt: "A configuração do libvirt pertence ao root",
        id: "Konfigurasi libvirt milik root",
    },
    why: "Who can write a hook or a domain's XML is root at the VM's next start.",
    references: &[
        "libvirt docs/hooks.rst",
        "libvirt libvirt.spec.in, /etc/libvirt",
        "libvirt src/qemu/qemu.conf.in, vnc_password",
    ],
};

/// Most places cited where all is well.
const SHOWN: usize = 5;

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for (key, stat, bits) in places(evidence)? {
        let bad = stat.permissions() & bits != 0 || stat.uid != 0;
        if bad || right.len() < SHOWN {
            let list = if bad { &mut wrong } else { &mut right };
            let seen = format!("mode {:04o}, owner {}:{}", stat.permissions(), stat.uid, stat.gid);
            list.push(Cite::whole(&key.into(), seen));
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("libvirt is not configured here"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let mut changes = vec![];
    for (key, stat, bits) in places(evidence)? {
        let path = format!("/{key}");
        if stat.uid != 0 {
            let action = Action::SetOwner { path: path.clone(), uid: 0, gid: stat.gid };
            changes.push(Change::new(action, Disposition::Live));
        }
        if stat.permissions() & bits != 0 {
            let action = Action::SetMode { path, mode: stat.permissions() & !bits };
            changes.push(Change::new(action, Disposition::Live));
        }
    }
    Ok(changes)
}
