//! libvirt names the SASL users that it lets in.
//!
//! ## Why
//! Without a list, every user of the Kerberos realm or of the password file is root on the host: also one that was made
//! for another service.
//!
//! ## Where
//! `sasl_allowed_username_list` of the daemon's file, where it asks for SASL: it is set, names someone, and has no entry
//! `*`. An empty list lets nobody in, and is told as such.
//!
//! ## Fix
//! Set `sasl_allowed_username_list = [ "admin@EXAMPLE.NET" ]`, with the names of your administrators, and restart.
//!
//! ## Undo
//! Put the former line back and restart.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tls = "sasl"
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tls = "sasl"
//! sasl_allowed_username_list = [ "admin@EXAMPLE.NET", "*" ]
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tls = "sasl"
//! sasl_allowed_username_list = []
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
};

use crate::{ask, libvirt_sasl};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice(
            "set sasl_allowed_username_list to the names of your administrators and restart the daemon",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt lets in only named SASL users",
        pt: "O libvirt só admite usuários SASL nomeados",
        id: "libvirt hanya menerima pengguna SASL yang disebut",
    },
    why: "Every user of the realm is root on the host.",
    references: &[
        "guide 2, Gerenciamento: TCP + sasl",
        "libvirt src/remote/libvirtd.conf.in, sasl_allowed_username_list",
    ],
};

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    let Some(used) = libvirt_sasl::used(evidence, daemon)? else {
        return Ok(Verdict::NotApplicable("this daemon does not ask for SASL"));
    };
    let setting = ask::setting(&daemon.conf, "sasl_allowed_username_list")?;
    let cite = vec![setting.cite("everyone"), used];
    let named = setting.list().is_some_and(|names| !names.is_empty() && !names.contains(&"*"));
    Ok(if named { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}
