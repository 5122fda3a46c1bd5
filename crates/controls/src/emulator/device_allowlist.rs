//! A VM has only devices of the short list that a server needs.
//!
//! ## Why
//! QEMU 7.2 has 388 device types, and each one a VM has is code that its guest can reach. Guide 1 asks for the least: what
//! isn't there can't be attacked.
//!
//! ## Where
//! The devices that libvirt makes of inactive and live XML, those it adds unasked included. Allowed are virtio and
//! vhost devices, PCI Express ports and bridges, disks on SATA and virtio-scsi, one serial port, TPM, watchdog, panic
//! notifier, memory modules, IOMMU, VGA and Bochs display, and `qemu-xhci` with a tablet or keyboard. Devices of the host are
//! judged by `hardware.*`, and old ones by `emulator.legacy-devices`.
//!
//! ## Fix
//! `virsh edit VM`: remove sound cards, `spicevmc` USB redirection, smartcards, QXL and other display cards, USB disks, shared
//! memory. What the VM needs, grant.
//!
//! ## Undo
//! Put the elements back and restart the VM.
//!
//! ```fails vm
//! <sound model='ich9'/>
//! ```
//! ```fails vm
//! <video><model type='qxl'/></video>
//! ```
//! ```fails vm inactive
//! <redirdev bus='usb' type='spicevmc'/>
//! ```
//! ```fails vm
//! <qemu:commandline><qemu:arg value='-device'/><qemu:arg value='edu'/></qemu:commandline>
//! ```
//! ```passes vm
//! <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk><serial type='pty'/>
//! <controller type='usb' model='qemu-xhci'/><input type='tablet' bus='usb'/><watchdog model='i6300esb'/>
//! <tpm model='tpm-crb'><backend type='emulator'/></tpm><panic model='pvpanic'/><video><model type='vga'/></video>
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

use crate::legacy;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("remove the device with `virsh edit`, or grant it to this VM"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Only devices of the short list",
        pt: "Somente dispositivos da lista permitida",
        id: "Hanya perangkat dari daftar yang diizinkan",
    },
    why: "Every device is code that the guest can reach; this one is not needed by a server.",
    references: &[
        "guide 1, minimizing the QEMU code base",
        "QEMU docs/system/security.rst, Principle of least privilege",
        "libvirt src/qemu/qemu_command.c, what becomes which device",
    ],
};

/// How the names of the allowed ones start.
#[rustfmt::skip]
const FAMILIES: [&str; 18] = [
    "virtio-", "vhost-", "virtconsole", "virtserialport", "pcie-", "pci-bridge", "i82801b11-bridge", "x3130-", "xio3130-",
    "pxb", "scsi-hd", "scsi-cd", "tpm-", "pvpanic", "intel-iommu", "amd-iommu", "vfio-", "spapr-",
];

/// Allowed ones, whole names.
#[rustfmt::skip]
const ALLOWED: [&str; 21] = [
    "ahci", "acpi-erst", "bochs-display", "diag288", "i6300esb", "ib700", "ide-cd", "ide-hd", "isa-serial", "nvdimm",
    "pc-dimm", "pci-serial", "qemu-xhci", "scsi-block", "scsi-generic", "usb-host", "usb-kbd", "usb-tablet", "VGA", "vmcoreinfo",
    "vmgenid",
];

fn is_allowed(driver: &str) -> bool {
    ALLOWED.contains(&driver) || FAMILIES.iter().any(|family| driver.starts_with(family))
}

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let prediction = view.predicted();
    let devices = prediction.devices.iter();
    let others = devices.filter(|device| !is_allowed(&device.driver) && !legacy::is_legacy(&device.driver));
    let wrong = others.filter(|device| prediction.complete || legacy::is_said(view, device));
    let wrong = wrong.map(|device| legacy::cite(view, device)).collect();
    Ok(Verdict::unless(wrong, vec![Cite::whole(&view.key, "every device is of the short list")]))
}
