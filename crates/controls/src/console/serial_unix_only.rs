//! Serial ports, consoles and channels of a VM end in a pseudo-terminal, a UNIX socket or a file, not on the network.
//!
//! ## Why
//! A serial console is a login prompt, often a boot loader's and a rescue shell's, and QEMU asks nobody for a password
//! there. On TCP or UDP it is open to all who reach the port, in clear. A host device handed through puts the guest on whatever
//! hangs on that line.
//!
//! ## Where
//! `@type` of `serial`, `console`, `parallel` and `channel` in inactive XML (`/etc/libvirt/qemu`) and live XML
//! (`/run/libvirt/qemu`): not `tcp` (unless its `source/@tls` or `chardev_tls` of `/etc/libvirt/qemu.conf` is on), `udp`, or
//! `dev`.
//!
//! ## Fix
//! `virsh edit VM`: use `type='pty'` and `virsh console`, or `type='unix'`; to keep the output, add `<log file='…'/>`, which
//! virtlogd writes.
//!
//! ## Undo
//! Put the former element back and restart the VM.
//!
//! ```fails vm
//! <serial type='tcp'><source mode='bind' host='0.0.0.0' service='2445'/><protocol type='telnet'/><target port='0'/></serial>
//! ```
//! ```fails vm inactive
//! <console type='udp'><source mode='connect' host='192.0.2.5' service='4999'/><target type='serial' port='0'/></console>
//! ```
//! ```fails vm
//! <parallel type='dev'><source path='/dev/parport0'/><target port='0'/></parallel>
//! ```
//! ```passes vm
//! <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
//! ```
//! ```passes vm
//! <serial type='tcp'><source mode='connect' host='192.0.2.5' service='2445' tls='yes'/><target port='0'/></serial>
//! ```
use formats::libvirt::{TextOption as _, domain::Chardev};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("use `type='pty'` with `virsh console`, or `type='unix'`"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Serial consoles stay on the host",
        pt: "Os consoles seriais ficam no host",
        id: "Konsol serial tetap di host",
    },
    why: "Whoever reaches the port has the guest's console, with nobody asking who it is.",
    references: &[
        "libvirt docs/formatdomain.rst, Consoles, serial, parallel & channel devices",
        "libvirt src/qemu/qemu.conf.in, chardev_tls",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let (mut wrong, mut right) = (vec![], vec![]);
    let all = view.domain.devices.iter().flat_map(|devices| {
        devices.serials.iter().chain(&devices.consoles).chain(&devices.parallels).chain(&devices.channels)
    });
    for device in all {
        let kind = device.kind.said().unwrap_or("pty");
        let open = match kind {
            "udp" | "dev" => true,
            "tcp" => !encrypted(evidence, device)?,
            _ => false,
        };
        let list = if open { &mut wrong } else { &mut right };
        list.push(Cite::bytes(&view.key, device.at.open, format!("a device of type {kind}")));
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("the VM has no serial port, console or channel"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn encrypted(evidence: &Evidence, device: &Chardev) -> Result<bool, Missing> {
    let said = device.sources.iter().find_map(|source| source.tls.flag());
    let default = ask::setting(&evidence.qemu_conf, "chardev_tls")?.int(0) == Some(1);
    Ok(said.unwrap_or(default))
}
