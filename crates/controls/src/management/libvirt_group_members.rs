//! Nobody is a member of libvirt's groups but its services and the administrators you named.
//!
//! ## Why
//! A member of `libvirt` is root without a password: Debian's and Fedora's polkit rule lets the group manage every VM,
//! and a VM may name any file of the host as its disk. A member of the emulator's group reads and writes what QEMU does:
//! TLS keys, monitor sockets, memory files.
//!
//! ## Where
//! `/etc/group` and `/etc/passwd` (primary groups): members of `libvirt`; of the group of libvirt's read-write sockets,
//! as they are and as `unix_sock_group` says; of `libvirt-qemu`, `qemu`, and the `group` of `/etc/libvirt/qemu.conf`.
//! Accounts without a login shell are services and left out, as are `root`, `nova` and `vdsm`, which need it. Members
//! that a directory service adds (LDAP, sssd) are not seen here.
//!
//! ## Fix
//! Take the account out: `gpasswd -d USER GROUP`. Or name it under `administrators` in `/etc/baluarte/policy.toml`, so
//! that it is known to be as good as root.
//!
//! ## Undo
//! `gpasswd -a USER GROUP`.
//!
//! ```fails
//! -- etc/group --
//! root:x:0:
//! libvirt:x:115:alice
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! unix_sock_group = "staff"
//! -- etc/group --
//! libvirt:x:115:
//! staff:x:50:alice
//! ```
//! ```fails
//! -- etc/passwd --
//! root:x:0:0:root:/root:/bin/bash
//! bob:x:1001:64055:Bob:/home/bob:/bin/sh
//! ```
//! ```passes
//! -- etc/group --
//! libvirt:x:115:alice,libvirt-qemu
//! -- etc/baluarte/policy.toml --
//! administrators = ["alice"]
//! ```
use std::collections::BTreeSet;

use formats::{
    Span,
    access::{
        group::{Group, members},
        passwd::{Table, User},
    },
};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "take the account out (`gpasswd -d USER GROUP`) or name it under administrators in /etc/baluarte/policy.toml",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt's groups have no unknown members",
        pt: "Os grupos do libvirt não têm membros desconhecidos",
        id: "Grup libvirt tidak punya anggota tak dikenal",
    },
    why: "Every member of the group is root on the host without a password.",
    references: &[
        "guide 2, Gerenciamento: autenticação UNIX",
        "libvirt docs/auth.rst, UNIX socket polkit auth",
        "group(5)",
    ],
};

/// Groups that distributions make for libvirt and its emulators.
const GROUPS: [&str; 3] = ["libvirt", "libvirt-qemu", "qemu"];
/// Accounts with a shell whose work is to manage VMs: OpenStack's and oVirt's agents.
const AGENTS: [&str; 3] = ["root", "nova", "vdsm"];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if !evidence.has_libvirt() {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let accounts = &evidence.access.accounts;
    let (groups, users) = (accounts.groups.required()?, accounts.users.required()?);
    let policy = evidence.policy.known()?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for name in names(evidence, groups)? {
        let Some(group) = groups.entries.iter().find(|group| group.name.value == name) else { continue };
        let key = accounts.groups.key();
        let known =
            |user: &str| policy.is_some_and(|policy| policy.administrators.iter().any(|known| known == user));
        let strangers =
            members(groups, users, &name).into_iter().filter(|user| !is_service(users, user) && !known(user));
        let before = wrong.len();
        for user in strangers {
            let (key, span) =
                place(group, users, user).map_or((accounts.users.key(), None), |span| (key, Some(span)));
            let span = span.or_else(|| {
                users.entries.iter().find(|known| known.name.value == user).map(|user| user.span)
            });
            wrong.push(Cite { key: key.clone(), span, seen: format!("{user} is a member of {name}").into() });
        }
        if wrong.len() == before {
            right.push(Cite::bytes(key, group.span, format!("{name} has no unknown member")));
        }
    }
    if wrong.is_empty() && right.is_empty() {
        right.push(Cite::whole(accounts.groups.key(), "libvirt has no group here"));
    }
    Ok(Verdict::unless(wrong, right))
}

/// Where a group's line names the user; nowhere for a primary group.
fn place(group: &Group, users: &Table<User>, user: &str) -> Option<Span> {
    let named = group.members.iter().find(|member| member.value == user).map(|member| member.span);
    let primary =
        users.entries.iter().any(|known| known.name.value == user && known.gid.value == group.gid.value);
    named.or((!primary).then_some(group.span))
}

/// An account that can't log in, or one of [`AGENTS`].
fn is_service(users: &Table<User>, name: &str) -> bool {
    let closed = |user: &User| user.shell.value.ends_with("/nologin") || user.shell.value.ends_with("/false");
    AGENTS.contains(&name) || users.entries.iter().any(|user| user.name.value == name && closed(user))
}

/// The groups that give access to libvirt or its emulators here.
fn names(evidence: &Evidence, groups: &Table<Group>) -> Result<BTreeSet<String>, Missing> {
    let mut names: BTreeSet<String> = GROUPS.into_iter().map(str::to_owned).collect();
    names.extend(
        ask::setting(&evidence.qemu_conf, "group")?
            .text()
            .map(|group| group.trim_start_matches('+').to_owned()),
    );
    for daemon in &evidence.daemons {
        names.extend(ask::setting(&daemon.conf, "unix_sock_group")?.text().map(str::to_owned));
        for socket in daemon.sockets.iter().filter(|socket| socket.purpose == "rw") {
            // In a tree there is none to look at.
            let Some(stat) = socket.stat.ok().filter(|stat| stat.mode & 0o020 != 0) else { continue };
            let owner = groups.entries.iter().find(|group| group.gid.value == stat.gid);
            names.extend(owner.map(|group| group.name.value.clone()));
        }
    }
    names.remove("root");
    Ok(names)
}
