//! The audit trail and libvirt's logs are for root alone.
//!
//! ## Why
//! The audit trail tells an intruder what was noticed, and who can write to it takes himself out. libvirt's logs hold the
//! command lines of every QEMU: names, addresses, paths.
//!
//! ## Where
//! Mode and owner of `/var/log/audit` and all in it: nothing for others, no writing for the group, owner root. Of
//! `/var/log/libvirt/qemu`: nothing for others, unless `/var/log/libvirt` above it keeps them out already.
//!
//! ## Fix
//! `chmod 0750 /var/log/audit`, `chmod 0640` the files in it, `chmod 0700 /var/log/libvirt/qemu`; `chown root`.
//!
//! ## Undo
//! `chmod` and `chown` back.
//!
//! ```fails
//! -- var/log/audit/audit.log mode=0644 inode --
//! ```
//! ```fails
//! -- var/log/audit dir mode=0755 --
//! ```
//! ```fails
//! -- var/log/libvirt dir mode=0755 --
//! -- var/log/libvirt/qemu dir mode=0755 --
//! ```
//! ```passes
//! -- var/log/audit dir mode=0750 gid=4 --
//! -- var/log/audit/audit.log mode=0640 gid=4 inode --
//! -- var/log/libvirt dir mode=0700 --
//! -- var/log/libvirt/qemu dir mode=0755 --
//! ```
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
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
    title: Titles { en: "Logs are private", pt: "Os logs são privados", id: "Log bersifat privat" },
    why: "Who can write to the trail takes himself out of it; who can read it knows what was noticed.",
    references: &[
        "guide 2, Auditoria",
        "auditd.conf(5), log_group",
        "libvirt libvirt.spec.in, /var/log/libvirt",
    ],
};

const AUDIT: &str = "var/log/audit";
const LIBVIRT: &str = "var/log/libvirt";
const QEMU: &str = "var/log/libvirt/qemu";
/// Anything for others, writing for the group.
const TOO_MUCH: u32 = 0o027;

/// What is looked at, with its inode and the bits that are too much.
fn places(evidence: &Evidence) -> Result<Vec<(String, &Stat, u32)>, Missing> {
    let mut found = vec![];
    let directory = evidence.stat(AUDIT);
    if let Some(stat) = directory.known()? {
        found.push((AUDIT.to_owned(), *stat, TOO_MUCH));
        let names = evidence.names(AUDIT);
        for name in names.known()?.copied().unwrap_or_default() {
            let key = format!("{AUDIT}/{name}");
            let stat = evidence.stat(&key);
            found.extend(stat.known()?.map(|stat| (key, *stat, TOO_MUCH)));
        }
    }
    let (above, qemu) = (evidence.stat(LIBVIRT), evidence.stat(QEMU));
    let open = above.known()?.is_some_and(|stat| stat.permissions() & 0o001 != 0);
    let bits = if open { TOO_MUCH } else { 0 };
    found.extend(qemu.known()?.map(|stat| (QEMU.to_owned(), *stat, bits)));
    Ok(found)
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for (key, stat, bits) in places(evidence)? {
        let list = if stat.permissions() & bits != 0 || stat.uid != 0 { &mut wrong } else { &mut right };
        let seen = format!("mode {:04o}, owner {}:{}", stat.permissions(), stat.uid, stat.gid);
        list.push(Cite::whole(&key.into(), seen));
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("there are no logs"));
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
            let mode = stat.permissions() & !bits;
            changes.push(Change::new(Action::SetMode { path, mode }, Disposition::Live));
        }
    }
    Ok(changes)
}
