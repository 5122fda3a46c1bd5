//! A VNC console that speaks TLS lets in only clients with a certificate of ours.
//!
//! ## Why
//! TLS alone keeps a listener out, and nobody else: any client may connect, and sees the guest's screen. The client's
//! certificate is what tells an administrator from a stranger; many believe it is asked for by default, and for VNC it
//! is not.
//!
//! ## Where
//! In effect: `verify-peer` of the `tls-creds-x509` object that the `-vnc` argument of a running QEMU names
//! (`/proc/PID/cmdline`). Configured: `vnc_tls_x509_verify` of `/etc/libvirt/qemu.conf`; where that is not set,
//! `default_tls_x509_verify` (default for VNC 0). Not applicable where VNC does not speak TLS: `console.vnc-tls` judges
//! that.
//!
//! ## Fix
//! Give every administrator's client a certificate of the CA in `/etc/pki/libvirt-vnc/ca-cert.pem`, set
//! `vnc_tls_x509_verify = 1`, restart the daemon, and shut down and start the VMs.
//!
//! ## Undo
//! Put the former line back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 1
//! vnc_tls_x509_verify = 0
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 1
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-object\0{"qom-type":"tls-creds-x509","id":"vnc-tls-creds0","dir":"/etc/pki/libvirt-vnc","endpoint":"server","verify-peer":false}\0-vnc\0192.0.2.1:0,tls-creds=vnc-tls-creds0\0
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 1
//! default_tls_x509_verify = 1
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-object\0{"qom-type":"tls-creds-x509","id":"vnc-tls-creds0","dir":"/etc/pki/libvirt-vnc","endpoint":"server","verify-peer":true}\0-vnc\0192.0.2.1:0,tls-creds=vnc-tls-creds0\0
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{
    ask,
    vnc::{self, Reach, Server},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VNC checks the client's certificate",
        pt: "O VNC verifica o certificado do cliente",
        id: "VNC memeriksa sertifikat klien",
    },
    why: "With TLS alone any client may connect and sees the guest's screen.",
    references: &[
        "guide 2, Gerenciamento: VNC over TLS, certificado digital",
        "libvirt src/qemu/qemu.conf.in, vnc_tls_x509_verify and default_tls_x509_verify",
        "QEMU docs/system/vnc-security.rst, With x509 certificates and client verification",
    ],
};

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    if reading == Reading::Effective {
        return effective(evidence);
    }
    let (on, verified) = vnc::tls(evidence)?;
    if !on {
        return Ok(Verdict::NotApplicable("VNC does not speak TLS"));
    }
    let own = ask::setting(&evidence.qemu_conf, "vnc_tls_x509_verify")?;
    let common = ask::setting(&evidence.qemu_conf, "default_tls_x509_verify")?;
    let deciding = if own.assignment.is_none() && common.assignment.is_some() { &common } else { &own };
    let cite = vec![deciding.cite("0")];
    Ok(if verified { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}

fn effective(evidence: &Evidence) -> Judged {
    let (mut wrong, mut right, mut missing) = (vec![], vec![], None);
    for vm in &evidence.vms {
        let server = match Server::of(evidence, vm) {
            Ok(Some(server)) if server.reach() != Reach::NotTcp && server.option("tls-creds").is_some() => {
                server
            }
            Ok(_) => continue,
            Err(why) => {
                missing = Some(why);
                continue;
            }
        };
        match server.verifies() {
            Some(true) if right.len() < 3 => right.push(server.cite("verify-peer is on")),
            Some(false) if wrong.len() < 3 => wrong.push(server.cite("verify-peer is off")),
            Some(_) => {}
            None => {
                missing = Some(Missing { key: server.cite("").key, why: "no such tls-creds object".into() })
            }
        }
    }
    match missing {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ if wrong.is_empty() && right.is_empty() => {
            Ok(Verdict::NotApplicable("no running VNC console speaks TLS over TCP"))
        }
        _ => Ok(Verdict::unless(wrong, right)),
    }
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? else { return Ok(vec![]) };
    ask::set(&evidence.qemu_conf, "vnc_tls_x509_verify", &Value::Int(1), Disposition::VmRestart)
}
