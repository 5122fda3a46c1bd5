//! Nobody reaches a VNC console over the network without proving who they are.
//!
//! ## Why
//! VNC's security type None lets everybody in. Its password is no better: eight characters that count, answered with
//! DES in clear, found by trying. Who is in has the screen and the keyboard: a reboot into single-user mode away from
//! root in the guest.
//!
//! ## Where
//! In effect: the `-vnc` argument of the running QEMU (`/proc/PID/cmdline`): its address, `sasl=on`, and `tls-creds=` with
//! an object whose `verify-peer` is on. Configured: where the VM's inactive XML lets VNC listen, with `vnc_sasl`,
//! `vnc_tls` and `vnc_tls_x509_verify` of `/etc/libvirt/qemu.conf`. A console that listens on loopback alone is judged by
//! `console.vnc-unix-socket`.
//!
//! ## Fix
//! Set `vnc_tls = 1` and `vnc_tls_x509_verify = 1`, or `vnc_sasl = 1` with a strong mechanism in `/etc/sasl2/qemu.conf`,
//! best both; or let the console listen on a UNIX socket and come to it over SSH. Restart the daemon and the VM.
//!
//! ## Undo
//! Put the former lines back and restart in the same order.
//!
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
//! ```fails vm
//! <graphics type='vnc' port='5901' listen='192.0.2.7' passwd='xxxxxxxx'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 1
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-vnc\0[::]:1,password=on\0
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-object\0tls-creds-x509,id=vnc-tls-creds0,dir=/etc/pki/libvirt-vnc,endpoint=server,verify-peer=no\0-vnc\0192.0.2.1:0,tls-creds=vnc-tls-creds0\0
//! ```
//! ```passes vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='192.0.2.7'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_sasl = 1
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-vnc\0192.0.2.7:0,sasl=on\0
//! ```
//! ```n/a vm
//! <graphics type='vnc' port='-1' autoport='yes'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
use formats::libvirt::domain::Graphics;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
};

use crate::{
    ask,
    vnc::{self, Defaults, Reach, Server},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice(
            "set `vnc_tls = 1` and `vnc_tls_x509_verify = 1` in /etc/libvirt/qemu.conf, or let the console listen on a UNIX socket",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VNC asks who is there",
        pt: "O VNC exige autenticação",
        id: "VNC meminta autentikasi",
    },
    why: "Who reaches the port is at the guest's keyboard; a VNC password alone is eight characters of DES.",
    references: &[
        "guide 2, Gerenciamento: VNC, autenticação fraca",
        "QEMU docs/system/vnc-security.rst",
        "RFC 6143, 7.2.2 VNC Authentication",
        "libvirt src/qemu/qemu.conf.in, vnc_sasl and vnc_tls_x509_verify",
    ],
};

const LOCAL: &str = "VNC listens on loopback alone; console.vnc-unix-socket judges that";

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    match reading {
        Reading::Effective => effective(evidence, vm),
        Reading::Configured => configured(evidence, vm),
    }
}

fn effective(evidence: &Evidence, vm: &Vm) -> Judged {
    let Some(server) = Server::of(evidence, vm)? else {
        return Ok(Verdict::NotApplicable("no VNC console runs"));
    };
    Ok(match server.reach() {
        Reach::NotTcp => Verdict::Pass(vec![server.cite("not on TCP")]),
        _ if server.sasl() => Verdict::Pass(vec![server.cite("SASL")]),
        _ if server.verifies() == Some(true) => Verdict::Pass(vec![server.cite("certificates are checked")]),
        Reach::Loopback => Verdict::NotApplicable(LOCAL),
        Reach::Network if server.option("password").is_some() => {
            Verdict::Fail(vec![server.cite("nothing but a VNC password")])
        }
        Reach::Network => Verdict::Fail(vec![server.cite("no authentication")]),
    })
}

fn configured(evidence: &Evidence, vm: &Vm) -> Judged {
    let Some(view) = vm.view(Reading::Configured)? else {
        return Ok(Verdict::NotApplicable("the VM has no such XML"));
    };
    let defaults = Defaults::of(evidence)?;
    let (tls, verified) = vnc::tls(evidence)?;
    let sasl = ask::setting(&evidence.qemu_conf, "vnc_sasl")?;
    let proven = sasl.int(0) == Some(1) || (tls && verified);
    let (mut wrong, mut right, mut local) = (vec![], vec![], false);
    for graphics in vnc::consoles(view) {
        match defaults.reach(graphics) {
            Reach::NotTcp => right.push(cite(view, graphics, "VNC does not listen on TCP")),
            _ if proven => right.push(cite(view, graphics, "VNC on TCP, with SASL or client certificates")),
            Reach::Loopback => local = true,
            Reach::Network if graphics.passwd.is_some() => {
                wrong.push(cite(view, graphics, "VNC on the network, nothing but a VNC password"));
            }
            Reach::Network => wrong.push(cite(view, graphics, "VNC on the network, no authentication")),
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable(if local { LOCAL } else { "the VM has no VNC console" }));
    }
    if !wrong.is_empty() {
        wrong.push(sasl.cite("0"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn cite(view: &View, graphics: &Graphics, seen: &'static str) -> Cite {
    Cite::bytes(&view.key, graphics.at.open, seen)
}
