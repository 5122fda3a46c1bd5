//! libvirt's SASL offers strong mechanisms alone.
//!
//! ## Why
//! DIGEST-MD5, PLAIN and their like send a password that can be read or guessed from one recorded login; ANONYMOUS asks
//! for none. Who is in is root on the host.
//!
//! ## Where
//! `mech_list` of `/etc/sasl2/libvirt.conf`, where the daemon asks for SASL at all (`auth_tls`, `auth_tcp`,
//! `auth_unix_rw`): GSSAPI, SCRAM-SHA-256 or -512, or EXTERNAL alone. No list means every mechanism installed. Where
//! plain TCP is on, `tcp_min_ssf` must be 112 or more: the default 56 is the strength of single DES.
//!
//! ## Fix
//! Set `mech_list: gssapi`, with a keytab; or `mech_list: scram-sha-256` with `auth_tls = "sasl"`, never over plain TCP.
//! Set `tcp_min_ssf = 112`. Users have to be made anew for another mechanism.
//!
//! ## Undo
//! Put the former lines back and restart the daemon.
//!
//! ## Guides
//! Guide 2 uses a database of its own for credentials over TCP: that was DIGEST-MD5, which libvirt now strongly
//! discourages.
//!
//! ```fails
//! -- etc/sasl2/libvirt.conf --
//! mech_list: gssapi digest-md5
//! sasldb_path: /etc/libvirt/passwd.db
//! ```
//! ```fails
//! -- etc/sasl2/libvirt.conf --
//! sasldb_path: /etc/libvirt/passwd.db
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tcp = 1
//! auth_tcp = "sasl"
//! ```
//! ```passes
//! -- etc/sasl2/libvirt.conf --
//! mech_list: SCRAM-SHA-256 gssapi
//! ```
//! ```n/a
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! # nothing is set
//! -- etc/sasl2/libvirt.conf --
//! mech_list: digest-md5
//! ```
use formats::access::sasl;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::Missing,
};

use crate::{ask, libvirt_remote::plain_configured, libvirt_sasl};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice(
            "set `mech_list: gssapi` (or scram-sha-256 under TLS) in /etc/sasl2/libvirt.conf, tcp_min_ssf = 112",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt's SASL mechanisms are strong",
        pt: "Os mecanismos SASL do libvirt são fortes",
        id: "Mekanisme SASL libvirt kuat",
    },
    why: "A password of libvirt's can be guessed from one recorded login.",
    references: &[
        "guide 2, Gerenciamento: TCP + sasl",
        "libvirt docs/auth.rst, SASL pluggable authentication",
        "libvirt src/remote/libvirtd.sasl",
    ],
};

const STRONG: [&str; 9] = [
    "gssapi",
    "gss-spnego",
    "external",
    "scram-sha-256",
    "scram-sha-256-plus",
    "scram-sha-384",
    "scram-sha-384-plus",
    "scram-sha-512",
    "scram-sha-512-plus",
];

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    if libvirt_sasl::used(evidence, daemon)?.is_none() {
        return Ok(Verdict::NotApplicable("this daemon does not ask for SASL"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    let file = evidence.bytes("etc/sasl2/libvirt.conf").map(sasl::File::parse);
    let key = file.key();
    let parsed = file.known()?;
    if let Some(error) = parsed.and_then(|parsed| parsed.refused()) {
        return Err(Missing { key: key.clone(), why: format!("SASL refuses the file: {error}").into() });
    }
    match parsed.and_then(sasl::File::mechanisms) {
        Some(mechanisms) => {
            for mechanism in mechanisms {
                let list = if STRONG.contains(&mechanism.value.as_str()) { &mut right } else { &mut wrong };
                list.push(Cite::bytes(key, mechanism.span, format!("mech_list has {}", mechanism.value)));
            }
        }
        None => wrong.push(Cite::whole(key, "mech_list is not set: every mechanism installed is offered")),
    }
    if daemon.is_remote() && plain_configured(evidence, daemon)?.is_some() {
        let strength = ask::setting(&daemon.conf, "tcp_min_ssf")?;
        let list = if strength.int(56).is_some_and(|bits| bits >= 112) { &mut right } else { &mut wrong };
        list.push(strength.cite("56"));
    }
    Ok(Verdict::unless(wrong, right))
}
