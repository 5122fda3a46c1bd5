//! No VNC password lies in a file, unless it is one that expires.
//!
//! ## Why
//! A VNC password is kept in clear: in the VM's XML, in every copy and backup of it, in `qemu.conf` for all VMs at once. It
//! is the same for everybody, has eight characters that count, and nobody changes it. It gives the look of a lock.
//!
//! ## Where
//! `graphics/@passwd` without `@passwdValidTo` in inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`), and
//! `vnc_password` of `/etc/libvirt/qemu.conf` for VMs with a VNC console and no password of their own. The password itself
//! is never read into a report. A ticket that expires, as oVirt sets, passes.
//!
//! ## Fix
//! Remove the attribute or the line; let the console listen on a UNIX socket, or use SASL or client certificates. The
//! remedy waits until one of these stands: without its password, a console on the network would let everybody in.
//!
//! ## Undo
//! Put the attribute or the line back, with the same password, and restart the VM.
//!
//! ```fails vm
//! <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1' passwd='xxxxxxxx'/>
//! ```
//! ```fails vm inactive
//! <graphics type='vnc' passwd="xxxxxxxx" keymap='pt-br'><listen type='socket'/></graphics>
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tls = 1
//! vnc_password = "xxxxxxxx"
//! ```
//! ```passes vm
//! <graphics type='vnc' port='-1' listen='127.0.0.1' passwd='xxxxxxxx' passwdValidTo='2026-11-21T00:05:00'/>
//! ```
use formats::{Splice, libvirt::TextOption as _};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
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
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No lasting VNC password",
        pt: "Nenhuma senha de VNC permanente",
        id: "Tidak ada kata sandi VNC permanen",
    },
    why: "The password lies in clear in files and backups, the same for everybody, and eight characters of it count.",
    references: &[
        "guide 2, Gerenciamento: VNC, autenticação fraca",
        "libvirt docs/formatdomain.rst, Graphical framebuffers: passwd, passwdValidTo",
        "libvirt src/qemu/qemu.conf.in, vnc_password",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let (mut wrong, mut right, mut without) = (vec![], vec![], false);
    for graphics in vnc::consoles(view) {
        let Some(password) = graphics.passwd else {
            without = true;
            continue;
        };
        match graphics.passwd_valid_to.said() {
            Some(until) => {
                right.push(Cite::bytes(&view.key, graphics.at.open, format!("a password until {until}")))
            }
            None => wrong.push(Cite::bytes(&view.key, password, "a VNC password that does not expire")),
        }
    }
    if without {
        let setting = ask::setting(&evidence.qemu_conf, "vnc_password")?;
        match setting.assignment {
            Some(assignment) => {
                let seen = "vnc_password is set, for every VM that has none of its own";
                wrong.push(Cite::bytes(evidence.qemu_conf.key(), assignment.key.span, seen));
            }
            None => right.push(setting.cite("none")),
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
    only_lock(evidence)?;
    let bytes = evidence.bytes(&view.key);
    let bytes = bytes.known()?.copied().unwrap_or_default();
    let lasting = vnc::consoles(view)
        .filter(|graphics| graphics.passwd_valid_to.is_none())
        .filter_map(|graphics| graphics.passwd);
    let cut = lasting.filter_map(|value| Some(Splice::new(xml_edit::attribute(bytes, value)?, ""))).collect();
    let mut changes = ask::edit_domain(&vm.uuid, view, cut);
    // Commented out it would lie there still, so that it is cut; one that does not count too.
    let assignments = evidence.qemu_conf.known()?.into_iter().flat_map(|file| file.assignments());
    let cut = assignments
        .filter(|one| one.key.value == "vnc_password")
        .map(|one| Splice::new(one.span(), ""))
        .collect();
    changes.extend(ask::edit(format!("/{}", evidence.qemu_conf.key()), cut, Disposition::VmRestart));
    Ok(changes)
}

/// A password is kept while it is all that keeps the network out of any VM's console.
fn only_lock(evidence: &Evidence) -> Result<(), Missing> {
    let defaults = Defaults::of(evidence)?;
    let (tls, verified) = vnc::tls(evidence)?;
    if (tls && verified) || ask::setting(&evidence.qemu_conf, "vnc_sasl")?.int(0) == Some(1) {
        return Ok(());
    }
    for vm in &evidence.vms {
        let Some(view) = vm.view(Reading::Configured)? else { continue };
        if vnc::consoles(view).any(|graphics| defaults.reach(graphics) == Reach::Network) {
            let why =
                "without the password anybody could open this console: close console.vnc-auth-present first";
            return Err(Missing { key: view.key.clone(), why: why.into() });
        }
    }
    Ok(())
}
