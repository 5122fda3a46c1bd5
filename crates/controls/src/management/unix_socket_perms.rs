//! Nobody reaches libvirt's UNIX sockets read-write without being asked who they are.
//!
//! ## Why
//! Whoever may talk to libvirt read-write is root on the host: a domain may name any file as its disk and any program
//! as its emulator. The read-write socket is protected by its mode, or by polkit behind it; with neither, every local
//! user, and every service that was broken into, is root.
//!
//! ## Where
//! In effect: mode of the sockets in `/run/libvirt`. Configured: `auth_unix_rw` of the daemon's file, and `SocketMode`
//! of the unit `libvirtd.socket` with its drop-ins. A trap: where systemd listens for the daemon, `unix_sock_rw_perms`
//! is ignored while `auth_unix_rw` is honoured, and the units are shipped with `SocketMode=0666`. `auth_unix_rw =
//! "none"` with `unix_sock_rw_perms = "0770"`, a common recipe, then lets everyone in. Mode 0666 is right where polkit
//! asks. The administration socket must be root's alone. Not judged: who is in the socket's group
//! (`management.libvirt-group-members`), and what polkit answers (`management.polkit-rules`).
//!
//! ## Fix
//! Set `auth_unix_rw = "polkit"`; set `SocketMode=0600` for the administration socket in a drop-in of its unit (or
//! `unix_sock_admin_perms = "0700"` where systemd does not listen). Then restart the sockets and the daemon.
//!
//! ## Undo
//! Put the former lines back, remove the drop-in, restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! unix_sock_rw_perms = "0770"
//! auth_unix_rw = "none"
//! -- etc/systemd/system/libvirtd.socket.d/60-baluarte.conf absent --
//! -- run/libvirt/libvirt-sock socket mode=0666 --
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_unix_rw = "none"
//! -- etc/systemd/system/libvirtd.socket.d/60-baluarte.conf --
//! [Socket]
//! SocketMode=0777
//! ```
//! ```fails
//! -- run/libvirt/libvirt-admin-sock socket mode=0660 gid=115 --
//! ```
//! ```fails
//! -- usr/lib/systemd/system/libvirtd-admin.socket --
//! [Socket]
//! ListenStream=/run/libvirt/libvirt-admin-sock
//! SocketMode=0666
//! ```
//! As most distributions ship it:
//! ```passes
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! # nothing is set
//! -- etc/systemd/system/libvirtd.socket.d/60-baluarte.conf absent --
//! -- run/libvirt/libvirt-sock socket mode=0666 --
//! -- run/libvirt/libvirt-sock-ro socket mode=0666 --
//! -- run/libvirt/libvirt-admin-sock socket mode=0600 --
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::{Action, Change, Lockout},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::Missing,
    finding::Disposition,
};

use crate::{
    ask, systemd_units,
    unix_sockets::{next, now, unit_name},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Daemon(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt's UNIX sockets are not open to all",
        pt: "Os soquetes UNIX do libvirt não são abertos a todos",
        id: "Soket UNIX libvirt tidak terbuka bagi semua",
    },
    why: "Every local user who can connect without being asked is root on the host.",
    references: &[
        "guide 2, Gerenciamento: autenticação UNIX",
        "libvirt src/remote/libvirtd.conf.in, auth_unix_rw, unix_sock_rw_perms",
        "libvirt src/remote/libvirtd.socket.in, SocketMode",
        "libvirt docs/auth.rst, UNIX socket permissions",
    ],
};

/// Writing for others: what connect(2) asks of a UNIX socket, unix(7).
const OTHERS: u32 = 0o002;
/// Writing for group and others.
const NOT_OWNER: u32 = 0o022;

fn judge(evidence: &Evidence, daemon: &Daemon, reading: Reading) -> Judged {
    let auth = ask::setting(&daemon.conf, "auth_unix_rw")?;
    let asked = auth.text().unwrap_or("polkit") != "none";
    let (mut wrong, mut right) = (vec![], vec![]);
    for purpose in ["rw", "admin"] {
        let seen = match reading {
            Reading::Effective => now(daemon, purpose)?,
            Reading::Configured => Some(next(evidence, daemon, purpose, asked)?),
        };
        let Some((mode, cite)) = seen else { continue };
        let open = if purpose == "rw" { !asked && mode & OTHERS != 0 } else { mode & NOT_OWNER != 0 };
        let list = if open { &mut wrong } else { &mut right };
        list.push(cite);
        if purpose == "rw" {
            list.push(auth.cite("\"polkit\""));
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("no socket of this daemon is there"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    let asked = ask::setting(&daemon.conf, "auth_unix_rw")?.text().unwrap_or("polkit") != "none";
    let mut changes = vec![];
    let open = |seen: Option<(u32, Cite)>| seen.is_some_and(|(mode, _)| mode & OTHERS != 0);
    if !asked && (open(now(daemon, "rw")?) || open(Some(next(evidence, daemon, "rw", asked)?))) {
        let polkit = Value::Str("polkit".to_owned());
        changes.extend(ask::set(&daemon.conf, "auth_unix_rw", &polkit, Disposition::DaemonRestart)?);
    }
    if next(evidence, daemon, "admin", asked)?.0 & NOT_OWNER != 0 {
        changes.extend(match systemd_units::unit(evidence, &unit_name(daemon, "admin"))? {
            Some(unit) => unit.set(evidence, "SocketMode", "0600")?,
            None => {
                let mode = Value::Str("0700".to_owned());
                ask::set(&daemon.conf, "unix_sock_admin_perms", &mode, Disposition::DaemonRestart)?
            }
        });
    }
    if now(daemon, "admin")?.is_some_and(|(mode, _)| mode & NOT_OWNER != 0) {
        let socket = daemon.sockets.iter().find(|socket| socket.purpose == "admin");
        let action = |key| Action::SetMode { path: format!("/{key}"), mode: 0o600 };
        changes.extend(socket.map(|socket| Change::new(action(&socket.key), Disposition::Live)));
    }
    Ok(changes.into_iter().map(|change| change.may_lock_out(Lockout::Libvirt)).collect())
}
