//! A VM's VNC console listens on this host alone: on loopback, on a UNIX socket, or not at all.
//!
//! ## Why
//! VNC itself encrypts nothing and knows no authentication worth the name. Who reaches the port sees the guest's
//! screen and types on its keyboard: a reboot into single-user mode away from root in the guest.
//!
//! ## Where
//! `graphics/@listen` and `graphics/listen/@address` of the VM's inactive XML (`/etc/libvirt/qemu`) and live XML
//! (`/run/libvirt/qemu`); where neither says, `vnc_listen` of `/etc/libvirt/qemu.conf` (default `127.0.0.1`). A listener
//! on another address passes only where `vnc_tls` and `vnc_tls_x509_verify` are both on.
//!
//! ## Fix
//! `virsh edit VM`: set the address to `127.0.0.1`, or better `<listen type='socket'/>`; reach it through SSH or the
//! console proxy. The VM has to be shut down and started.
//!
//! ## Undo
//! Put the former address back; the VM has to be restarted again.
//!
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
//! ```fails vm
//! <graphics type='vnc' port='5900'><listen type='address' address='192.0.2.7'/></graphics>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
//! ```fails vm inactive
//! <graphics type='vnc' port='-1' autoport='yes' listen='::'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 0
//! ```
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_listen = "0.0.0.0"
//! ```
//! ```passes vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>
//! ```
use formats::{
    Span, Splice,
    conf::libvirt::Value,
    libvirt::{TextOption as _, domain::Graphics},
};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VNC listens on this host alone",
        pt: "O VNC escuta somente neste host",
        id: "VNC hanya mendengarkan di host ini",
    },
    why: "Who reaches the port sees the guest's screen and types on its keyboard.",
    references: &[
        "guide 2, Gerenciamento: VNC",
        "libvirt docs/formatdomain.rst, Graphical framebuffers",
        "libvirt src/qemu/qemu.conf.in, vnc_listen",
    ],
};

/// An address a console listens on.
struct Listener<'a> {
    address: &'a str,
    /// Its bytes in the XML; `None` where qemu.conf decides.
    span: Option<Span>,
}

fn listeners<'a>(graphics: &'a Graphics, default: &'a str) -> Vec<Listener<'a>> {
    let by_socket = graphics.socket.is_some()
        || graphics.listens.iter().any(|listen| listen.kind.is_any(&["socket", "none"]));
    if by_socket {
        return vec![];
    }
    let said = |text: &'a Option<formats::libvirt::Text>| {
        text.as_ref().map(|text| Listener { address: &text.value, span: Some(text.span) })
    };
    let mut found: Vec<Listener> =
        graphics.listens.iter().filter_map(|listen| said(&listen.address)).collect();
    found.extend(said(&graphics.listen));
    if found.is_empty() {
        found.push(Listener { address: default, span: None });
    }
    found
}

fn is_local(address: &str) -> bool {
    let parsed: Result<std::net::IpAddr, _> = address.parse();
    address == "localhost" || parsed.is_ok_and(|address| address.is_loopback())
}

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let default = ask::setting(&evidence.qemu_conf, "vnc_listen")?;
    let address = default.text().unwrap_or("127.0.0.1");
    let consoles = consoles(view);
    if consoles.is_empty() {
        return Ok(Verdict::NotApplicable("the VM has no VNC console"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for graphics in consoles {
        let found = listeners(graphics, address);
        if found.is_empty() {
            right.push(Cite::bytes(&view.key, graphics.at.open, "VNC does not listen on TCP"));
        }
        for listener in found {
            let seen = format!("VNC listens on {}", listener.address);
            let cite = match listener.span {
                Some(span) => Cite::bytes(&view.key, span, seen),
                None => default.cite("\"127.0.0.1\""),
            };
            if is_local(listener.address) { right.push(cite) } else { wrong.push(cite) }
        }
    }
    if !wrong.is_empty() && encrypted(evidence)? {
        return Ok(Verdict::Pass(wrong));
    }
    Ok(Verdict::unless(wrong, right))
}

fn consoles(view: &View) -> Vec<&Graphics> {
    let all = view.domain.devices.iter().flat_map(|devices| &devices.graphics);
    all.filter(|graphics| graphics.kind.is("vnc")).collect()
}

/// TLS with client certificates that are verified.
fn encrypted(evidence: &Evidence) -> Result<bool, Missing> {
    let on = |name, default| Ok(ask::setting(&evidence.qemu_conf, name)?.int(default) == Some(1));
    let verify_default = ask::setting(&evidence.qemu_conf, "default_tls_x509_verify")?.int(0).unwrap_or(0);
    Ok(on("vnc_tls", 0)? && on("vnc_tls_x509_verify", verify_default)?)
}

fn remedy(evidence: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    if let Verdict::Pass(_) | Verdict::NotApplicable(_) = judge(evidence, vm, Reading::Configured)? {
        return Ok(vec![]);
    }
    let default = ask::setting(&evidence.qemu_conf, "vnc_listen")?;
    let address = default.text().unwrap_or("127.0.0.1");
    let wrong = consoles(view).into_iter().flat_map(|graphics| listeners(graphics, address));
    let wrong: Vec<Listener> = wrong.filter(|listener| !is_local(listener.address)).collect();
    let splices =
        wrong.iter().filter_map(|listener| Some(Splice::new(listener.span?, "127.0.0.1"))).collect();
    let mut changes = ask::edit_domain(&vm.uuid, view, splices);
    if wrong.iter().any(|listener| listener.span.is_none()) {
        let local = Value::Str("127.0.0.1".to_owned());
        changes.extend(ask::set(&evidence.qemu_conf, "vnc_listen", &local, Disposition::VmRestart)?);
    }
    Ok(changes)
}
