//! VNC consoles that listen on TCP speak TLS.
//!
//! ## Why
//! VNC sends every key and every pixel in clear, and its password as a DES answer that is found again in minutes. Who
//! sits between the administrator and the host reads the root password of the guest as it is typed.
//!
//! ## Where
//! In effect: `tls-creds=` in the `-vnc` argument of every running QEMU whose console listens on TCP
//! (`/proc/PID/cmdline`). Configured: `vnc_tls` of `/etc/libvirt/qemu.conf` (default 0). Not applicable where no console
//! listens on TCP: a UNIX socket needs no TLS. Whether the certificates are sound is not judged here; without them the
//! VMs do not start.
//!
//! ## Fix
//! Put `ca-cert.pem`, `server-cert.pem` and `server-key.pem` into `/etc/pki/libvirt-vnc`, set `vnc_tls = 1`, restart the
//! daemon, and shut down and start the VMs. The remedy waits for the certificates: with TLS on and none there, no VM
//! with a VNC console starts.
//!
//! ## Undo
//! Put the former line back and restart in the same order.
//!
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! user = "libvirt-qemu"
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-vnc\0192.0.2.1:0,audiodev=audio1\0
//! ```
//! ```n/a vm
//! <graphics type='vnc'><listen type='socket'/></graphics>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
//! ```n/a vm
//! <graphics type='vnc'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_auto_unix_socket = 1
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
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
    title: Titles { en: "VNC speaks TLS", pt: "O VNC usa TLS", id: "VNC memakai TLS" },
    why: "Every key typed at the console, passwords too, crosses the wire in clear.",
    references: &[
        "guide 2, Gerenciamento: VNC over TLS",
        "libvirt src/qemu/qemu.conf.in, vnc_tls",
        "QEMU docs/system/vnc-security.rst",
    ],
};

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    if reading == Reading::Effective {
        return effective(evidence);
    }
    let setting = ask::setting(&evidence.qemu_conf, "vnc_tls")?;
    let cite = setting.cite("0");
    if setting.int(0) == Some(1) {
        return Ok(Verdict::Pass(vec![cite]));
    }
    let open = vnc::on_tcp(evidence)?;
    if open.is_empty() {
        return Ok(Verdict::NotApplicable("no VNC console listens on TCP"));
    }
    Ok(Verdict::Fail([cite].into_iter().chain(open).collect()))
}

fn effective(evidence: &Evidence) -> Judged {
    let (mut wrong, mut right, mut missing) = (vec![], vec![], None);
    for vm in &evidence.vms {
        let server = match Server::of(evidence, vm) {
            Ok(Some(server)) if server.reach() != Reach::NotTcp => server,
            Ok(_) => continue,
            Err(why) => {
                missing = Some(why);
                continue;
            }
        };
        let list: &mut Vec<Cite> = if server.option("tls-creds").is_some() { &mut right } else { &mut wrong };
        if list.len() < 3 {
            list.push(server.cite(if server.option("tls-creds").is_some() { "TLS" } else { "no TLS" }));
        }
    }
    match missing {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ if wrong.is_empty() && right.is_empty() => {
            Ok(Verdict::NotApplicable("no running VNC console listens on TCP"))
        }
        _ => Ok(Verdict::unless(wrong, right)),
    }
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? else { return Ok(vec![]) };
    // Without its own directory VNC takes the common one (libvirt src/qemu/qemu_conf.c).
    let text =
        |name: &str| Ok::<_, Missing>(ask::setting(&evidence.qemu_conf, name)?.text().map(str::to_owned));
    let own =
        Some("/etc/pki/libvirt-vnc").filter(|own| evidence.names(own.trim_start_matches('/')).ok().is_some());
    let common = text("default_tls_x509_cert_dir")?.unwrap_or_else(|| "/etc/pki/qemu".to_owned());
    let directory = text("vnc_tls_x509_cert_dir")?.or(own.map(str::to_owned)).unwrap_or(common);
    let names = evidence.names(directory.trim_start_matches('/'));
    let there = names.known()?.copied().unwrap_or_default();
    if !["ca-cert.pem", "server-cert.pem", "server-key.pem"]
        .iter()
        .all(|name| there.iter().any(|has| has == name))
    {
        let why = "it lacks ca-cert.pem, server-cert.pem or server-key.pem: issue the certificates first, or VMs will not start";
        return Err(Missing { key: names.key().clone(), why: why.into() });
    }
    ask::set(&evidence.qemu_conf, "vnc_tls", &Value::Int(1), Disposition::VmRestart)
}
