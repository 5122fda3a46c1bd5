//! A VM has no emulated hardware of another age.
//!
//! ## Why
//! Each emulated device is code that the guest talks to directly. The old ones (floppy controllers, IDE, network and
//! sound cards of the nineties) are large, little used and little looked at, and many ways out of QEMU led through them.
//! VIRTIO does the same with far less.
//!
//! ## Where
//! The devices that libvirt makes of inactive and live XML, those it adds unasked included: floppy, IDE, `e1000`,
//! `e1000e`, `rtl8139`, `ne2k`, `pcnet`, `eepro100`, `tulip`, SCSI controllers of LSI and AMD, USB 1 controllers, `sb16`, `ac97`,
//! `es1370`, Cirrus VGA, parallel ports, and serial ports after the first. SATA is not counted: it is part of q35.
//!
//! ## Fix
//! `virsh edit VM`: disks to `bus='virtio'` or `scsi` with a `virtio-scsi` controller, CD-ROMs to `sata`, interfaces to
//! `<model type='virtio'/>`, `<video><model type='virtio'/>`, USB to `<controller type='usb' model='qemu-xhci'/>` or `none`; remove
//! the rest. See first that the guest has the drivers: Windows needs them installed before its disk is moved.
//!
//! ## Undo
//! Put the former elements back and restart the VM.
//!
//! ```fails vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/><model type='e1000'/></interface>
//! ```
//! ```fails vm
//! <disk type='file' device='disk'><source file='/a'/><target dev='hda' bus='ide'/></disk>
//! ```
//! ```fails vm
//! <disk type='file' device='floppy'><source file='/a'/><target dev='fda'/></disk>
//! ```
//! ```fails vm inactive
//! <controller type='usb' model='piix3-uhci'/>
//! ```
//! ```fails vm
//! <serial type='pty'/><serial type='pty'/>
//! ```
//! ```fails vm
//! <video><model type='cirrus'/></video>
//! ```
//! ```passes vm
//! <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk><serial type='pty'/>
//! <controller type='usb' model='qemu-xhci'/><controller type='scsi' model='virtio-scsi'/>
//! ```
use formats::libvirt::{TextOption as _, devices::Device, domain};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
};

use crate::legacy;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("replace the device with its virtio counterpart, or remove it, with `virsh edit`"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No legacy devices are emulated",
        pt: "Nenhum dispositivo legado é emulado",
        id: "Tidak ada perangkat lama yang diemulasikan",
    },
    why: "Old device models are large, little looked at, and have led guests out of QEMU before.",
    references: &[
        "guide 1, minimizing the QEMU code base",
        "QEMU docs/system/security.rst, Use cases",
        "libvirt src/qemu/qemu_command.c, what becomes which device",
    ],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let prediction = view.predicted();
    let mut serials = 0;
    let mut wrong = vec![];
    for device in &prediction.devices {
        serials += usize::from(device.driver == "isa-serial");
        let more_serial = device.driver == "isa-serial" && serials > 1;
        let known = prediction.complete || legacy::is_said(view, device);
        if known && (more_serial || legacy::is_legacy(&device.driver)) && !on_sata(view, device) {
            wrong.push(legacy::cite(view, device));
        }
    }
    Ok(Verdict::unless(wrong, vec![Cite::whole(&view.key, "none of its devices is legacy")]))
}

/// A disk or CD-ROM on SATA has the same driver in QEMU as one on IDE.
fn on_sata(view: &View, device: &Device) -> bool {
    let disks = view.domain.devices.iter().flat_map(|devices| &devices.disks);
    let cause = |disk: &&domain::Disk| device.cause == Some(disk.at);
    device.driver.starts_with("ide-")
        && disks.filter(cause).any(|disk| disk.target.as_ref().is_some_and(|target| target.bus.is("sata")))
}
