//! Where several people manage VMs, libvirt asks for each call whether they may.
//!
//! ## Why
//! Without an access driver everyone who gets in may do everything to every VM. With `polkit` as the driver, each call is
//! an action with the VM's name and UUID, and a rule can give one team its own VMs alone.
//!
//! ## Where
//! `access_drivers` of the daemon's file has `polkit`. Asked for where `/etc/baluarte/policy.toml` names more than one
//! administrator, or the profile is `strict`; elsewhere it counts only if it is so.
//!
//! ## Fix
//! Write rules for `org.libvirt.api.*` to `/etc/polkit-1/rules.d` first, then set `access_drivers = [ "polkit" ]` and
//! restart: without rules nobody but root may do anything.
//!
//! ## Undo
//! Put the former line back and restart.
//!
//! ```fails
//! -- etc/baluarte/policy.toml --
//! administrators = ["alice", "bob"]
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! #access_drivers = [ "polkit" ]
//! ```
//! ```n/a
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! # nothing is set
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice(
            "write polkit rules for org.libvirt.api.*, then set access_drivers = [ \"polkit\" ] and restart",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt checks each call",
        pt: "O libvirt verifica cada chamada",
        id: "libvirt memeriksa setiap panggilan",
    },
    why: "Everyone who gets in may do everything to every VM.",
    references: &[
        "libvirt docs/acl.rst",
        "libvirt docs/aclpolkit.rst",
        "libvirt src/remote/libvirtd.conf.in, access_drivers",
    ],
};

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    let setting = ask::setting(&daemon.conf, "access_drivers")?;
    let cites = vec![setting.cite("none")];
    if setting.list().is_some_and(|drivers| drivers.contains(&"polkit")) {
        return Ok(Verdict::Pass(cites));
    }
    let several = evidence.policy.known()?.is_some_and(|policy| policy.administrators.len() > 1);
    if several || ask::is_strict(evidence)? {
        return Ok(Verdict::Fail(cites));
    }
    Ok(Verdict::NotApplicable("one administrator, and the profile is not strict"))
}
