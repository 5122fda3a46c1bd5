//! A VM's screen is shown by VNC or SPICE, not by QEMU on the host's own display, bus or graphics card.
//!
//! ## Why
//! SDL and GTK windows put QEMU into somebody's desktop session; `egl-headless` gives it the host's graphics driver; D-Bus
//! hands the screen to any process on the bus; RDP is a second server beside QEMU with a password of its own. On a server none
//! of them is needed, and each is code of the host that the guest's drawing reaches.
//!
//! ## Where
//! `graphics/@type` of inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`): `sdl`, `desktop`,
//! `egl-headless`, `dbus`, `rdp`.
//!
//! ## Fix
//! `virsh edit VM`: use `<graphics type='vnc'><listen type='socket'/></graphics>`, or no graphics and a serial console.
//! Where one of them is wanted, grant an exception for this VM.
//!
//! ## Undo
//! Put the element back and restart the VM.
//!
//! ```fails vm
//! <graphics type='egl-headless'><gl rendernode='/dev/dri/renderD128'/></graphics>
//! ```
//! ```fails vm
//! <graphics type='vnc'><listen type='socket'/></graphics><graphics type='dbus'/>
//! ```
//! ```fails vm inactive
//! <graphics type='rdp' port='-1' autoport='yes' listen='127.0.0.1'/>
//! ```
use formats::libvirt::TextOption as _;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

use crate::vnc;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice(
            "show the screen by VNC on a UNIX socket, or drop the graphics and use the serial console",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No screen on the host's display, bus or card",
        pt: "Nenhuma tela no display, no barramento ou na placa do host",
        id: "Tidak ada layar pada display, bus, atau kartu grafis host",
    },
    why: "What the guest draws reaches the host's graphics driver, desktop session or message bus.",
    references: &["libvirt docs/formatdomain.rst, Graphical framebuffers"],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let on_host = |kind: &str| matches!(kind, "sdl" | "desktop" | "egl-headless" | "dbus" | "rdp");
    let (mut wrong, mut right) = (vec![], vec![]);
    for graphics in vnc::graphics(view) {
        let kind = graphics.kind.said().unwrap_or_default();
        let list = if on_host(kind) { &mut wrong } else { &mut right };
        list.push(Cite::bytes(&view.key, graphics.at.open, format!("graphics of type {kind}")));
    }
    if right.is_empty() {
        right.push(Cite::whole(&view.key, "no graphics"));
    }
    Ok(Verdict::unless(wrong, right))
}
