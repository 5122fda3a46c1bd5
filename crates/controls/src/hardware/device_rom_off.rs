//! The firmware of a VM does not run code that comes from a device of the host.
//!
//! ## Why
//! A PCI device brings a program of its own, its option ROM, and the VM's firmware runs it at each start. Who had the
//! device before and could rewrite it runs first in the next guest.
//!
//! ## Where
//! Each PCI `hostdev`, and each `interface` of type `hostdev`, in inactive and live XML: `<rom enabled='no'/>`, `<rom bar='off'/>`,
//! or `<rom file='…'/>`, which is a file of the host and not of the device.
//!
//! ## Fix
//! `virsh edit VM`: add `<rom enabled='no'/>` and restart the VM. A graphics card may need its ROM, and a network card does to
//! boot from the network: give it a file you know.
//!
//! ## Undo
//! Remove the element and restart the VM.
//!
//! ```fails vm
//! <hostdev mode='subsystem' type='pci' managed='yes'><source><address bus='0x41' slot='0x00' function='0x0'/></source></hostdev>
//! ```
//! ```fails vm inactive
//! <hostdev mode='subsystem' type='pci' managed='yes'>
//!   <source><address bus='0x41' slot='0x00' function='0x0'/></source><rom bar='on'/></hostdev>
//! ```
//! ```fails vm
//! <interface type='hostdev'><mac address='52:54:00:3a:91:07'/>
//!   <source><address type='pci' bus='0x41' slot='0x00' function='0x0'/></source></interface>
//! ```
//! ```passes vm
//! <hostdev mode='subsystem' type='pci' managed='yes'>
//!   <source><address bus='0x41' slot='0x00' function='0x0'/></source><rom file='/usr/share/rom/nic.rom'/></hostdev>
//! ```
use formats::{
    Span, Splice,
    libvirt::{Place, TextOption as _, domain::Rom},
};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Option ROMs of passed-through devices stay off",
        pt: "ROMs de dispositivos repassados ficam desligadas",
        id: "ROM perangkat passthrough dimatikan",
    },
    why: "Who rewrote the device before runs first in the next guest.",
    references: &["guide 1, PCI passthrough", "libvirt docs/formatdomain.rst, Host device assignment: rom"],
};

/// Each PCI device of the host: where it stands and its ROM.
fn devices(view: &View) -> Vec<(Place, Option<&Rom>)> {
    let Some(devices) = &view.domain.devices else { return vec![] };
    let hostdevs = devices.hostdevs.iter().filter(|hostdev| hostdev.kind.is("pci"));
    let interfaces = devices.interfaces.iter().filter(|interface| interface.kind.is("hostdev"));
    let hostdevs = hostdevs.map(|hostdev| (hostdev.at, hostdev.rom.as_deref()));
    hostdevs.chain(interfaces.map(|interface| (interface.at, interface.rom.as_deref()))).collect()
}

fn is_off(rom: Option<&Rom>) -> bool {
    rom.is_some_and(|rom| {
        rom.enabled.is("no") || rom.bar.is("off") || rom.file.said().is_some_and(|file| !file.is_empty())
    })
}

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let devices = devices(view);
    if devices.is_empty() {
        return Ok(Verdict::NotApplicable("the VM has no PCI device of the host"));
    }
    let (right, wrong): (Vec<_>, Vec<_>) = devices.into_iter().partition(|(_, rom)| is_off(*rom));
    let cite = |(at, rom): (Place, Option<&Rom>), seen: &'static str| {
        Cite::bytes(&view.key, rom.map_or(at.open, |rom| rom.at.open), seen)
    };
    let wrong = wrong.into_iter().map(|device| cite(device, "the device's own ROM runs")).collect();
    let right = right.into_iter().map(|device| cite(device, "the device's own ROM does not run")).collect();
    Ok(Verdict::unless(wrong, right))
}

fn remedy(_: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let wrong = devices(view).into_iter().filter(|(_, rom)| !is_off(*rom));
    let splices = wrong.map(|(at, rom)| match rom {
        Some(rom) => Splice::new(rom.at.span, "<rom enabled='no'/>"),
        None => Splice::new(Span::new(at.open.end as usize, at.open.end as usize), "<rom enabled='no'/>"),
    });
    Ok(ask::edit_domain(&vm.uuid, view, splices.collect()))
}
