//! Only root and the emulator's user reach saved memory, core dumps, snapshots and firmware variables.
//!
//! ## Why
//! `virsh save`, `virsh dump` and snapshots with memory write the guest's RAM to a file: disk keys, passwords,
//! sessions, in clear text. Whoever enters the directory and reads the file has them, and an encrypted disk is no
//! longer one.
//!
//! ## Where
//! Mode of `/var/lib/libvirt/qemu` and of `save`, `dump`, `snapshot`, `ram` and `nvram` below it: nothing for others
//! but the right to pass through the uppermost (0751), and no writing for the group. Where others may not pass through
//! the uppermost, their bits further down do not count. Directories that are not there are passed over.
//!
//! ## Fix
//! Take the bits away: `chmod o-rwx,g-w`, and for `/var/lib/libvirt/qemu` itself `chmod 0751`. libvirt and QEMU own
//! these directories and go on working. Put them on an encrypted file system.
//!
//! ## Undo
//! `chmod` back to the former modes.
//!
//! ```fails
//! -- var/lib/libvirt/qemu/save dir mode=0755 --
//! ```
//! ```fails
//! -- var/lib/libvirt/qemu/dump dir mode=0777 --
//! ```
//! ```fails
//! -- var/lib/libvirt/qemu dir mode=0775 --
//! ```
//! ```passes
//! -- var/lib/libvirt/qemu dir mode=0751 uid=64055 --
//! -- var/lib/libvirt/qemu/nvram dir mode=0750 uid=64055 --
//! ```
//! ```passes
//! -- var/lib/libvirt/qemu dir mode=0750 uid=64055 --
//! -- var/lib/libvirt/qemu/save dir mode=0755 --
//! ```
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::{Key, Missing},
    finding::Disposition,
    recording::Stat,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Saved guest memory is private",
        pt: "A memória salva dos convidados é privada",
        id: "Memori tamu yang disimpan bersifat privat",
    },
    why: "Saved memory holds disk keys and passwords in clear text.",
    references: &[
        "libvirt docs/drvqemu.rst, Filesystem layout",
        "libvirt docs/kbase/secureusage.rst",
        "guide 2, Criptografia",
    ],
};

/// Directories, and the bits that none but their owner may have (with the group's reading left alone).
const DIRECTORIES: [(&str, u32); 6] = [
    ("var/lib/libvirt/qemu", 0o026),
    ("var/lib/libvirt/qemu/save", 0o027),
    ("var/lib/libvirt/qemu/dump", 0o027),
    ("var/lib/libvirt/qemu/snapshot", 0o027),
    ("var/lib/libvirt/qemu/ram", 0o027),
    ("var/lib/libvirt/qemu/nvram", 0o027),
];

/// A directory that is there.
struct Found<'a> {
    key: Key,
    stat: &'a Stat,
    /// The bits it has and should not have.
    too_much: u32,
}

fn look(evidence: &Evidence) -> Result<Vec<Found<'_>>, Missing> {
    let mut found = vec![];
    let mut closed = false;
    for (directory, too_much) in DIRECTORIES {
        let fact = evidence.stat(directory);
        let Some(stat) = fact.known()?.copied() else { continue };
        let others = if closed { 0o007 } else { 0 };
        found.push(Found { key: fact.key().clone(), stat, too_much: stat.mode & too_much & !others });
        closed |= directory == "var/lib/libvirt/qemu" && stat.mode & 0o001 == 0;
    }
    Ok(found)
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for Found { key, stat, too_much } in look(evidence)? {
        let seen = format!("mode {:04o}, owner {}:{}", stat.permissions(), stat.uid, stat.gid);
        (if too_much == 0 { &mut right } else { &mut wrong }).push(Cite::whole(&key, seen));
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("libvirt keeps no state here"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let wrong = look(evidence)?.into_iter().filter(|found| found.too_much != 0);
    let change = |found: Found<'_>| {
        let mode = found.stat.permissions() & !found.too_much;
        Change::new(Action::SetMode { path: format!("/{}", found.key), mode }, Disposition::Live)
    };
    Ok(wrong.map(change).collect())
}
