//! libvirt's TLS port takes only clients that show a certificate of its CA.
//!
//! ## Why
//! With `tls_no_verify_certificate = 1` the port speaks TLS, so that it looks safe, and takes any client with any
//! certificate or none. Unless `auth_tls` asks for more, that client is root on the host.
//!
//! ## Where
//! `tls_no_verify_certificate` and `tls_no_sanity_certificate` of `/etc/libvirt/libvirtd.conf` or `virtproxyd.conf`;
//! both are 0 by default. The second lets the daemon start with a certificate of its own that is expired, not yet
//! valid or not for a server, which clients that verify then refuse, so that theirs get turned off too.
//!
//! ## Fix
//! Set both to 0 and restart the daemon. Clients without a certificate of the CA are then refused: issue theirs first.
//!
//! ## Undo
//! Put the former lines back and restart.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tls = 1
//! tls_no_verify_certificate = 1
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! tls_no_sanity_certificate = 1
//! ```
//! ```passes
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! #tls_no_verify_certificate = 1
//! ```
use model::{
    change::{Change, Lockout},
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt verifies its TLS clients",
        pt: "O libvirt verifica seus clientes TLS",
        id: "libvirt memverifikasi klien TLS-nya",
    },
    why: "A client with any certificate, or none, is taken in and is root on the host.",
    references: &[
        "guide 2, Gerenciamento: TLS",
        "libvirt src/remote/libvirtd.conf.in, tls_no_verify_certificate, tls_no_sanity_certificate",
        "libvirt docs/kbase/tlscerts.rst",
    ],
};

const KEYS: [&str; 2] = ["tls_no_verify_certificate", "tls_no_sanity_certificate"];

fn judge(_: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    if !daemon.is_remote() {
        return Ok(Verdict::NotApplicable("this daemon listens on UNIX sockets alone"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for key in KEYS {
        let setting = ask::setting(&daemon.conf, key)?;
        let list = if setting.int(0) == Some(0) { &mut right } else { &mut wrong };
        list.push(setting.cite("0"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(_: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    let mut splices = vec![];
    for key in KEYS.into_iter().filter(|_| daemon.is_remote()) {
        let setting = ask::setting(&daemon.conf, key)?;
        if let Some(assignment) = setting.assignment.filter(|_| setting.int(0) != Some(0)) {
            splices.push(formats::Splice::new(assignment.value.span, "0"));
        }
    }
    splices.sort_by_key(|splice| splice.span);
    let changes = ask::edit(format!("/{}", daemon.conf_key), splices, Disposition::DaemonRestart);
    Ok(changes.into_iter().map(|change| change.may_lock_out(Lockout::Libvirt)).collect())
}
