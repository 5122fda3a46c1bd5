//! libvirt over TLS asks for a certificate and for a user.
//!
//! ## Why
//! A certificate tells which machine is there, not who sits at it. A laptop that was lost opens every host until its
//! certificate is revoked; with SASL behind TLS it takes the person too.
//!
//! ## Where
//! `auth_tls` of the daemon's file is `sasl`. Asked for where the profile is `strict` and TLS is on; elsewhere it counts
//! only if it is so.
//!
//! ## Fix
//! Set up SASL (`management.sasl-mech-strong`), set `auth_tls = "sasl"` and restart.
//!
//! ## Undo
//! Put the former line back and restart.
//!
//! ```fails
//! -- etc/baluarte/profile.toml --
//! name = "strict"
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tls = "none"
//! -- etc/systemd/system/sockets.target.wants/libvirtd-tls.socket link=/usr/lib/systemd/system/libvirtd-tls.socket --
//! ```
//! ```n/a
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tls = "none"
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
};

use crate::{ask, libvirt_remote::tls_configured};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice("set up SASL, set `auth_tls = \"sasl\"` and restart the daemon"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt over TLS asks for a user too",
        pt: "O libvirt via TLS exige também um usuário",
        id: "libvirt lewat TLS juga meminta pengguna",
    },
    why: "A certificate tells which machine is there, not who sits at it.",
    references: &[
        "guide 2, Gerenciamento: TLS, SASL, ou ambos",
        "libvirt src/remote/libvirtd.conf.in, auth_tls",
    ],
};

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    if !daemon.is_remote() {
        return Ok(Verdict::NotApplicable("this daemon listens on UNIX sockets alone"));
    }
    let setting = ask::setting(&daemon.conf, "auth_tls")?;
    let mut cites = vec![setting.cite("\"none\"")];
    if setting.text() == Some("sasl") {
        return Ok(Verdict::Pass(cites));
    }
    match tls_configured(evidence, daemon)? {
        None => Ok(Verdict::NotApplicable("TLS is off")),
        Some(_) if !ask::is_strict(evidence)? => Ok(Verdict::NotApplicable("the profile is not strict")),
        Some(tls) => {
            cites.push(tls);
            Ok(Verdict::Fail(cites))
        }
    }
}
