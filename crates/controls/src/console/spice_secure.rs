//! A SPICE console on the network speaks TLS in all its channels and asks for a ticket or a login.
//!
//! ## Why
//! SPICE carries screen, keys, clipboard and USB devices, each in a channel of its own, and each channel is encrypted or
//! not for itself. Without a ticket and without SASL libvirt starts it with `disable-ticketing`: whoever connects is in.
//!
//! ## Where
//! `graphics` of type `spice` in inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`): where it listens,
//! `@defaultMode`, `channel/@mode`, `@passwd`; `spice_tls`, `spice_sasl`, `spice_listen`, `spice_auto_unix_socket` and
//! `spice_password` of `/etc/libvirt/qemu.conf`. A console on loopback or on a UNIX socket passes.
//!
//! ## Fix
//! Let it listen on a UNIX socket or loopback and come to it over SSH; or put certificates into
//! `/etc/pki/libvirt-spice`, set `spice_tls = 1`, write `defaultMode='secure'`, and set a ticket that expires, or
//! `spice_sasl = 1`.
//!
//! ## Undo
//! Put the former values back and restart the VM.
//!
//! ```fails vm
//! <graphics type='spice' autoport='yes' listen='0.0.0.0' defaultMode='secure' passwd='xxxxxxxx'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! spice_tls = 0
//! ```
//! ```fails vm
//! <graphics type='spice' autoport='yes' listen='192.0.2.7' passwd='xxxxxxxx'/>
//! ```
//! ```fails vm
//! <graphics type='spice' autoport='yes' listen='192.0.2.7' defaultMode='secure' passwd='xxxxxxxx'><channel name='inputs' mode='insecure'/></graphics>
//! ```
//! ```fails vm live
//! <graphics type='spice' autoport='yes' listen='192.0.2.7' defaultMode='secure'/>
//! ```
//! ```passes vm
//! <graphics type='spice' autoport='yes' listen='192.0.2.7' defaultMode='secure' passwd='xxxxxxxx' passwdValidTo='2026-11-21T00:05:00'/>
//! ```
//! ```passes vm
//! <graphics type='spice' autoport='yes'/>
//! ```
use formats::libvirt::{TextOption as _, domain::Graphics};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
};

use crate::{
    ask,
    vnc::{self, Defaults, Reach},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice(
            "let the console listen on a UNIX socket, or set `spice_tls = 1`, `defaultMode='secure'` and a ticket",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "SPICE is encrypted and asks who is there",
        pt: "O SPICE é criptografado e exige autenticação",
        id: "SPICE terenkripsi dan meminta autentikasi",
    },
    why: "Keys, screen and clipboard cross the wire in clear, or anybody may connect.",
    references: &[
        "libvirt docs/formatdomain.rst, Graphical framebuffers: spice",
        "libvirt src/qemu/qemu.conf.in, spice_tls, spice_sasl and spice_password",
        "libvirt src/qemu/qemu_command.c, qemuBuildGraphicsSPICECommandLine",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let defaults = Defaults::of_spice(evidence)?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for graphics in vnc::spice(view) {
        let open = match defaults.reach(graphics) {
            Reach::Network => weakness(evidence, graphics)?,
            _ => None,
        };
        match open {
            Some(seen) => wrong.push(Cite::bytes(&view.key, graphics.at.open, seen)),
            None => right.push(Cite::bytes(
                &view.key,
                graphics.at.open,
                "SPICE on this host alone, or encrypted and asking",
            )),
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("the VM has no SPICE console"));
    }
    Ok(Verdict::unless(wrong, right))
}

/// What is wrong with a console on the network.
fn weakness(evidence: &Evidence, graphics: &Graphics) -> Result<Option<&'static str>, Missing> {
    let on = |name| Ok::<_, Missing>(ask::setting(&evidence.qemu_conf, name)?.int(0) == Some(1));
    let common = ask::setting(&evidence.qemu_conf, "spice_password")?.assignment.is_some();
    let asks = graphics.passwd.is_some() || common || on("spice_sasl")?;
    let plain =
        |channel: &formats::libvirt::domain::GraphicsChannel| channel.mode.is_any(&["insecure", "any"]);
    Ok(if !on("spice_tls")? {
        Some("SPICE on the network, spice_tls is off")
    } else if !graphics.default_mode.is("secure") {
        Some("SPICE on the network, defaultMode is not secure")
    } else if graphics.channels.iter().any(plain) {
        Some("SPICE on the network, a channel is not secure")
    } else if !asks {
        Some("SPICE on the network, neither ticket nor SASL")
    } else {
        None
    })
}
