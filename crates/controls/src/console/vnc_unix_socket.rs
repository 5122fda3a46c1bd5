//! A VNC console that nobody has to log in to is a UNIX socket, not a port on loopback.
//!
//! ## Why
//! 127.0.0.1 is no wall against who is on the host already: every local user, every container with the host's network, every
//! broken service may connect to the port and is at the guest's keyboard. A UNIX socket has an owner and a mode.
//!
//! ## Where
//! `graphics/listen` of every VM's inactive XML (`/etc/libvirt/qemu`); where it gives no address, `vnc_auto_unix_socket` of
//! `/etc/libvirt/qemu.conf` (default 0) and `vnc_listen`. A console on loopback passes where SASL or client
//! certificates are asked for. Consoles on the network are judged by `console.vnc-auth-present`.
//!
//! ## Fix
//! Set `vnc_auto_unix_socket = 1`, and take the addresses out of the VMs: `<graphics type='vnc'><listen type='socket'/>`.
//! `virsh console`, virt-viewer and virt-manager find the socket by themselves, over SSH too; a web proxy needs a port.
//!
//! ## Undo
//! Put the former lines back and restart the VMs.
//!
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_auto_unix_socket = 0
//! ```
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'><listen type='address' address='127.0.0.1'/></graphics>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_auto_unix_socket = 1
//! ```
//! ```passes vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_sasl = 1
//! ```
use formats::{Splice, conf::libvirt::Value, libvirt::domain::Graphics};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{
    ask,
    vnc::{self, Defaults, Reach},
    xml_edit,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VNC consoles are UNIX sockets",
        pt: "Os consoles VNC são sockets UNIX",
        id: "Konsol VNC berupa soket UNIX",
    },
    why: "Every local user and every broken local service is at the keyboard of every guest.",
    references: &[
        "guide 2, Gerenciamento: VNC local",
        "libvirt src/qemu/qemu.conf.in, vnc_auto_unix_socket",
        "libvirt docs/formatdomain.rst, Graphical framebuffers: listen type socket",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let defaults = Defaults::of(evidence)?;
    let (tls, verified) = vnc::tls(evidence)?;
    let proven = (tls && verified) || ask::setting(&evidence.qemu_conf, "vnc_sasl")?.int(0) == Some(1);
    let (mut wrong, mut right, mut missing) = (vec![], vec![], None);
    for vm in &evidence.vms {
        match vm.view(Reading::Configured) {
            Ok(view) => {
                for (view, graphics) in
                    view.into_iter().flat_map(|view| vnc::consoles(view).map(move |one| (view, one)))
                {
                    let cite = |seen| Cite::bytes(&view.key, graphics.at.open, seen);
                    match defaults.reach(graphics) {
                        Reach::Loopback if !proven => {
                            wrong.push(cite("VNC on loopback, open to every local user"))
                        }
                        Reach::Loopback => right.push(cite("VNC on loopback, with authentication")),
                        Reach::NotTcp => right.push(cite("VNC on a UNIX socket")),
                        Reach::Network => {}
                    }
                }
            }
            Err(why) => missing = Some(why),
        }
    }
    wrong.truncate(3);
    right.truncate(3);
    match missing {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ if wrong.is_empty() && right.is_empty() => {
            Ok(Verdict::NotApplicable("no VM has a VNC console on this host alone"))
        }
        _ => Ok(Verdict::unless(wrong, right)),
    }
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? else { return Ok(vec![]) };
    let defaults = Defaults::of(evidence)?;
    let socket = Value::Int(1);
    let mut changes = ask::set(&evidence.qemu_conf, "vnc_auto_unix_socket", &socket, Disposition::VmRestart)?;
    for vm in &evidence.vms {
        let Some(view) = vm.view(Reading::Configured)? else { continue };
        let bytes = evidence.bytes(&view.key);
        let bytes = bytes.known()?.copied().unwrap_or_default();
        let on_loopback = vnc::consoles(view).filter(|graphics| defaults.reach(graphics) == Reach::Loopback);
        let splices = on_loopback.flat_map(|graphics| without_address(bytes, graphics)).collect();
        changes.extend(ask::edit_domain(&vm.uuid, view, splices));
    }
    Ok(changes)
}

/// Takes a console's addresses away, and makes it a socket.
fn without_address(bytes: &[u8], graphics: &Graphics) -> Vec<Splice> {
    let attribute = graphics.listen.as_ref().and_then(|text| xml_edit::attribute(bytes, text.span));
    let mut splices: Vec<Splice> = attribute.map(|span| Splice::new(span, "")).into_iter().collect();
    splices.extend(graphics.listens.iter().map(|listen| Splice::new(listen.at.span, "")));
    splices.push(xml_edit::insert(graphics.at, "graphics", "<listen type='socket'/>"));
    splices
}
