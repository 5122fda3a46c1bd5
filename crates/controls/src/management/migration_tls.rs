//! VMs migrate only inside TLS.
//!
//! ## Why
//! A live migration sends all of the VM's memory over the network: keys, passwords, what is on screen. Without TLS
//! whoever is on the path reads it, and may change it. libvirt asks for TLS only if the caller does, unless the host
//! insists.
//!
//! ## Where
//! `migrate_tls_force` of `/etc/libvirt/qemu.conf` is 1 (default 0: then `virsh migrate` without `--tls` goes in clear), and
//! `migrate_tls_x509_verify` is not 0.
//!
//! ## Fix
//! Issue certificates for `/etc/pki/qemu` or `/etc/pki/libvirt-migrate` first: without them nothing migrates any more.
//! Then set `migrate_tls_force = 1` and restart the daemon.
//!
//! ## Undo
//! Put the former line back and restart.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! #migrate_tls_force = 0
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! migrate_tls_force = 1
//! migrate_tls_x509_verify = 0
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VMs migrate only over TLS",
        pt: "VMs só migram via TLS",
        id: "VM hanya bermigrasi lewat TLS",
    },
    why: "Who is on the path reads all of a VM's memory, and may change it.",
    references: &[
        "libvirt src/qemu/qemu.conf.in, migrate_tls_force, migrate_tls_x509_verify",
        "libvirt docs/kbase/secureusage.rst, Guest migration network",
        "OpenStack Security Guide, instance migrations",
    ],
};

/// Key, wanted, default.
const KEYS: [(&str, i64, i64); 2] = [("migrate_tls_force", 1, 0), ("migrate_tls_x509_verify", 1, 1)];

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    if !matches!(daemon.name, "libvirtd" | "virtqemud") {
        return Ok(Verdict::NotApplicable("this daemon runs no VM"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for (name, wanted, default) in KEYS {
        let setting = ask::setting(&evidence.qemu_conf, name)?;
        let list = if setting.int(default) == Some(wanted) { &mut right } else { &mut wrong };
        list.push(setting.cite(&default.to_string()));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, daemon, Reading::Configured)? else { return Ok(vec![]) };
    let verify = ask::setting(&evidence.qemu_conf, "migrate_tls_x509_verify")?;
    let spoiled = verify.assignment.filter(|_| verify.int(1) != Some(1));
    let mut changes =
        ask::set(&evidence.qemu_conf, "migrate_tls_force", &Value::Int(1), Disposition::DaemonRestart)?;
    if let Some(assignment) = spoiled {
        let splice = formats::Splice::new(assignment.value.span, "1");
        match changes.first_mut().map(|change| &mut change.action) {
            Some(model::change::Action::EditFile { splices, .. }) => {
                splices.push(splice);
                splices.sort_by_key(|splice| splice.span);
            }
            _ => changes.extend(ask::edit(
                "/etc/libvirt/qemu.conf".to_owned(),
                vec![splice],
                Disposition::DaemonRestart,
            )),
        }
    }
    Ok(changes)
}
