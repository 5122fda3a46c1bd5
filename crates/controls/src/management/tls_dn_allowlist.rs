//! libvirt names the certificates that it lets in.
//!
//! ## Why
//! Without a list, every certificate of the CA opens libvirt read-write: that of another host, of a VNC viewer, of a
//! laptop that was lost. Each is root on every host.
//!
//! ## Where
//! `tls_allowed_dn_list` of the daemon's file: it is set and has no entry `*`. An empty list lets nobody in. Not applicable
//! where it is not so and TLS is off.
//!
//! ## Fix
//! Print the name of each administrator's certificate as libvirt compares it (`virt-pki-query-dn clientcert.pem`), set
//! `tls_allowed_dn_list` to these names, and restart. A wrong order or a blank too many locks you out: keep SSH open.
//!
//! ## Undo
//! Put the former line back and restart.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tls = 1
//! -- etc/default/libvirtd --
//! LIBVIRTD_ARGS="--listen"
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! tls_allowed_dn_list = [ "*" ]
//! -- etc/systemd/system/sockets.target.wants/libvirtd-tls.socket link=/usr/lib/systemd/system/libvirtd-tls.socket --
//! ```
//! ```unknown
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! tls_allowed_dn_list = 1
//! ```
//! ```n/a
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! # nothing is set
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
};

use crate::{ask, libvirt_remote::tls_configured};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice(
            "set tls_allowed_dn_list to what `virt-pki-query-dn` prints of your administrators' certificates",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt lets in only named certificates",
        pt: "O libvirt só admite certificados nomeados",
        id: "libvirt hanya menerima sertifikat yang disebut",
    },
    why: "Every certificate of the CA, whoever holds it, is root on the host.",
    references: &[
        "guide 2, Gerenciamento: TLS",
        "libvirt src/remote/libvirtd.conf.in, tls_allowed_dn_list",
        "libvirt docs/manpages/virt-pki-query-dn.rst",
    ],
};

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    if !daemon.is_remote() {
        return Ok(Verdict::NotApplicable("this daemon listens on UNIX sockets alone"));
    }
    let setting = ask::setting(&daemon.conf, "tls_allowed_dn_list")?;
    let mut cites = vec![setting.cite("every certificate of the CA")];
    if setting.list().is_some_and(|names| !names.contains(&"*")) {
        return Ok(Verdict::Pass(cites));
    }
    let Some(tls) = tls_configured(evidence, daemon)? else {
        return Ok(Verdict::NotApplicable("TLS is off"));
    };
    cites.push(tls);
    Ok(Verdict::Fail(cites))
}
