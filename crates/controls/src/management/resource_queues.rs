//! libvirt limits what clients without a login, and dead ones, can hold.
//!
//! ## Why
//! A client that has not logged in yet costs memory and a descriptor. Without a limit a stranger takes them all, and the
//! administrator does not get in any more.
//!
//! ## Where
//! `max_anonymous_clients` of the daemon's file is not 0 (no limit; default 20), and `keepalive_interval` is not -1 (never
//! asks whether a client is still there; default 5).
//!
//! ## Fix
//! Set `max_anonymous_clients = 20` and `keepalive_interval = 5`; restart.
//!
//! ## Undo
//! Put the former lines back and restart.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! max_anonymous_clients = 0
//! keepalive_interval = -1
//! ```
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt limits waiting clients",
        pt: "O libvirt limita clientes em espera",
        id: "libvirt membatasi klien yang menunggu",
    },
    why: "A stranger takes every place, and the administrator does not get in.",
    references: &["libvirt src/remote/libvirtd.conf.in, max_anonymous_clients, keepalive_interval"],
};

/// Key, the value that takes the limit away, and the default.
const KEYS: [(&str, i64, i64); 2] = [("max_anonymous_clients", 0, 20), ("keepalive_interval", -1, 5)];

fn judge(_: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for (name, unlimited, default) in KEYS {
        let setting = ask::setting(&daemon.conf, name)?;
        let list = if setting.int(default) == Some(unlimited) { &mut wrong } else { &mut right };
        list.push(setting.cite(&default.to_string()));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(_: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    let mut splices = vec![];
    for (name, unlimited, default) in KEYS {
        let setting = ask::setting(&daemon.conf, name)?;
        let spoiled = setting.assignment.filter(|_| setting.int(default) == Some(unlimited));
        splices.extend(
            spoiled.map(|assignment| formats::Splice::new(assignment.value.span, default.to_string())),
        );
    }
    splices.sort_by_key(|splice| splice.span);
    Ok(ask::edit(format!("/{}", daemon.conf_key), splices, Disposition::DaemonRestart))
}
