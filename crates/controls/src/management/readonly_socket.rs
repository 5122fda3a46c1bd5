//! libvirt's read-only socket is not open to all.
//!
//! ## Why
//! polkit lets everyone read (`org.libvirt.unix.monitor` is `yes`): names and addresses of every VM, their disks and
//! networks, and what an attacker needs to choose one.
//!
//! ## Where
//! Mode of the sockets `*-sock-ro` in `/run/libvirt`: not open to others, or `auth_unix_ro` is `sasl`. Asked for where the
//! profile is `strict`; elsewhere it counts only if it is so.
//!
//! ## Fix
//! Put `SocketMode=0660` and `SocketGroup=` (a group for monitoring) into a drop-in of `libvirtd-ro.socket`, and restart
//! the socket and the daemon.
//!
//! ## Undo
//! Remove the drop-in and restart both.
//!
//! ```fails
//! -- etc/baluarte/profile.toml --
//! name = "strict"
//! -- run/libvirt/libvirt-sock-ro socket mode=0666 --
//! ```
//! ```n/a
//! -- run/libvirt/libvirt-sock-ro socket mode=0666 --
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice(
            "set SocketMode=0660 and SocketGroup= in a drop-in of the -ro.socket unit, restart both",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt's read-only socket is not open to all",
        pt: "O soquete somente leitura do libvirt não é aberto a todos",
        id: "Soket baca-saja libvirt tidak terbuka bagi semua",
    },
    why: "Every local account reads names, addresses and disks of every VM.",
    references: &[
        "libvirt src/remote/libvirtd.policy.in, org.libvirt.unix.monitor",
        "libvirt src/remote/libvirtd.conf.in, unix_sock_ro_perms, auth_unix_ro",
    ],
};

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    let Some(socket) = daemon.sockets.iter().find(|socket| socket.purpose == "ro") else {
        return Ok(Verdict::NotApplicable("this daemon has no read-only socket"));
    };
    let Some(stat) = socket.stat.known()? else {
        return Ok(Verdict::NotApplicable("the socket is not there"));
    };
    let auth = ask::setting(&daemon.conf, "auth_unix_ro")?;
    let mode = stat.permissions();
    let cites = vec![Cite::whole(&socket.key, format!("mode {mode:04o}")), auth.cite("\"polkit\"")];
    if mode & 0o002 == 0 || auth.text() == Some("sasl") {
        return Ok(Verdict::Pass(cites));
    }
    Ok(if ask::is_strict(evidence)? {
        Verdict::Fail(cites)
    } else {
        Verdict::NotApplicable("the profile is not strict")
    })
}
