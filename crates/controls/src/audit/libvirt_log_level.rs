//! libvirt's log does not hold what goes through it.
//!
//! ## Why
//! At level 1 (debug) libvirt writes every call, monitor message and domain XML into its log: passwords of VNC and SPICE,
//! keys of secrets as they are handed to QEMU. It is turned on for a search and forgotten.
//!
//! ## Where
//! `log_level` (default 3) and `log_filters` of the daemon's file: neither 1 for all, nor a filter `1:*`. A filter of
//! level 1 for one part (`1:nwfilter`) is left to you.
//!
//! ## Fix
//! Set `log_level = 3` and take `1:*` out of `log_filters`; restart the daemon. For a search use
//! `virt-admin daemon-log-filters`, which is forgotten at the next start.
//!
//! ## Undo
//! Put the former lines back and restart.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! log_level = 1
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! log_filters="3:remote 4:event 3:util.json 3:rpc 1:*"
//! ```
//! ```passes
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! log_filters = "1:nwfilter 3:qemu"
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice("set `log_level = 3` and take `1:*` out of log_filters, then restart the daemon"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt does not log secrets",
        pt: "O libvirt não registra segredos no log",
        id: "libvirt tidak mencatat rahasia ke log",
    },
    why: "At debug level passwords and keys stand in the log in clear.",
    references: &["libvirt docs/logging.rst", "libvirt src/remote/libvirtd.conf.in, log_level, log_filters"],
};

fn judge(_: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    let (level, filters) =
        (ask::setting(&daemon.conf, "log_level")?, ask::setting(&daemon.conf, "log_filters")?);
    let (mut wrong, mut right) = (vec![], vec![]);
    let list = if level.int(3) == Some(1) { &mut wrong } else { &mut right };
    list.push(level.cite("3"));
    let all = |filter: &str| matches!(filter, "1:*" | "1:+*" | "1:");
    let list = if filters.text().is_some_and(|text| text.split_whitespace().any(all)) {
        &mut wrong
    } else {
        &mut right
    };
    list.push(filters.cite("none"));
    Ok(Verdict::unless(wrong, right))
}
