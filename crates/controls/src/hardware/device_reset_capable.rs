//! A device that is given to a VM can be reset without touching its neighbours.
//!
//! ## Why
//! What one guest leaves in a device the next one finds, or the host: DMA that still runs, keys in registers, firmware
//! in a strange state. Only a reset of the function ends that. libvirt hands over a device that can't be reset, and takes
//! it back, without a word.
//!
//! ## Where
//! `reset_method` of the device in `/sys/bus/pci/devices` (Linux 5.15): `flr`, `af_flr`, `acpi` or `device_specific` is what is
//! wanted; `bus` or `cxl_bus` will do where everything in its IOMMU group belongs to the same VM; `pm` alone resets too
//! little. No such file, and no `reset` beside it: the device can't be reset at all.
//!
//! ## Fix
//! Give the VM another device, one with function level reset.
//!
//! ## Undo
//! Nothing is changed by the advice but the VM's XML.
//!
//! ```fails
//! -- sys/bus/pci/devices/0000:41:00.0/reset_method absent --
//! ```
//! ```fails
//! -- sys/bus/pci/devices/0000:41:00.0/reset_method --
//! pm
//! ```
//! ```fails
//! -- sys/bus/pci/devices/0000:41:00.0/reset_method --
//! pm bus
//! -- sys/kernel/iommu_groups/7/devices/0000:41:00.1 link=../../../../bus/pci/devices/0000:41:00.1 --
//! -- sys/bus/pci/devices/0000:41:00.1/class --
//! 0x020000
//! ```
//! ```passes
//! -- sys/bus/pci/devices/0000:41:00.0/reset_method --
//! pm bus
//! ```
//! ```unknown
//! -- sys/bus/pci/devices/0000:41:00.0/reset_method absent --
//! -- sys/bus/pci/devices/0000:41:00.0/reset mode=0200 inode --
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Device, Evidence},
    fact::Missing,
};

use crate::passthrough;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Device(Rule {
        judge,
        fix: Fix::Advice("give the VM a device that has function level reset"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A passed-through device can be reset",
        pt: "O dispositivo repassado pode ser reiniciado",
        id: "Perangkat passthrough dapat di-reset",
    },
    why: "What one guest leaves in the device, the next guest or the host finds there.",
    references: &[
        "guide 1, PCI passthrough",
        "Linux Documentation/ABI/testing/sysfs-bus-pci, reset_method",
        "Linux drivers/pci/pci.c, pci_reset_fn_methods",
    ],
};

fn judge(evidence: &Evidence, device: &Device, _: Reading) -> Judged {
    if !passthrough::present(device)? {
        return Ok(Verdict::NotApplicable("the host has no such device"));
    }
    let key = device.reset_methods.key();
    let Some(methods) = device.reset_methods.known()? else {
        let reset = evidence.stat(&format!("{}/reset", device.key));
        return match reset.known()? {
            None => Ok(Verdict::Fail(vec![Cite::whole(key, "it can't be reset at all")])),
            Some(_) => Err(Missing {
                key: key.clone(),
                why: "this kernel does not say how the device is reset".into(),
            }),
        };
    };
    let has = |names: &[&str]| methods.iter().any(|method| names.contains(&method.as_str()));
    let cite = |what: &str| vec![Cite::whole(key, format!("reset_method = {}{what}", methods.join(" ")))];
    if has(&["flr", "af_flr", "acpi", "device_specific"]) {
        return Ok(Verdict::Pass(cite("")));
    }
    if !has(&["bus", "cxl_bus"]) {
        return Ok(Verdict::Fail(cite("")));
    }
    let siblings = passthrough::siblings(evidence, device)?;
    let stranger = siblings.iter().find(|sibling| !sibling.vms.iter().any(|vm| device.vms.contains(vm)));
    Ok(match stranger {
        Some(sibling) => Verdict::Fail(cite(&format!("; a bus reset hits {} too", sibling.address))),
        None => Verdict::Pass(cite("; it is alone with the VM's own devices")),
    })
}
