//! No VNC console has a web socket that is not encrypted.
//!
//! ## Why
//! A web socket opens the console to every browser: any page that an administrator has open may connect to it, on loopback
//! too, since a browser lets a page's script do so and QEMU asks nobody where it came from. Without TLS it is in clear.
//!
//! ## Where
//! `graphics/@websocket` of type `vnc` in inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`), together
//! with `vnc_tls` of `/etc/libvirt/qemu.conf`: with TLS the web socket speaks it too.
//!
//! ## Fix
//! Remove the attribute: a proxy such as noVNC's websockify connects to plain VNC. Or set `vnc_tls = 1`.
//!
//! ## Undo
//! Put the attribute back and restart the VM.
//!
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes' websocket='-1' listen='127.0.0.1'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
//! ```fails vm live
//! <graphics type='vnc' port='5900' autoport='yes' websocket="5700" listen='127.0.0.1'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
//! ```passes vm
//! <graphics type='vnc' port='-1' autoport='yes' websocket='-1' listen='127.0.0.1'/>
//! ```
use formats::Splice;
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
};

use crate::{ask, vnc, xml_edit};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No unencrypted VNC web socket",
        pt: "Nenhum WebSocket de VNC sem criptografia",
        id: "Tidak ada WebSocket VNC tanpa enkripsi",
    },
    why: "Any page in an administrator's browser may connect to the guest's console.",
    references: &[
        "libvirt docs/formatdomain.rst, Graphical framebuffers: websocket",
        "QEMU qemu-options.hx, -vnc websocket=",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let (mut wrong, mut right) = (vec![], vec![]);
    for graphics in vnc::consoles(view) {
        match &graphics.websocket {
            None => right.push(Cite::bytes(&view.key, graphics.at.open, "no web socket")),
            Some(text) if vnc::tls(evidence)?.0 => {
                right.push(Cite::bytes(&view.key, text.span, "a web socket with TLS"))
            }
            Some(text) => wrong.push(Cite::bytes(&view.key, text.span, "a web socket without TLS")),
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("the VM has no VNC console"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let Verdict::Fail(_) = judge(evidence, vm, Reading::Configured)? else { return Ok(vec![]) };
    let bytes = evidence.bytes(&view.key);
    let bytes = bytes.known()?.copied().unwrap_or_default();
    let sockets = vnc::consoles(view).filter_map(|graphics| graphics.websocket.as_ref());
    let cut =
        sockets.filter_map(|text| Some(Splice::new(xml_edit::attribute(bytes, text.span)?, ""))).collect();
    Ok(ask::edit_domain(&vm.uuid, view, cut))
}
