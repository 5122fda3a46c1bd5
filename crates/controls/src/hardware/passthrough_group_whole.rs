//! The IOMMU group of a device that is given to a VM belongs to that VM alone.
//!
//! ## Why
//! The IOMMU can't tell the devices of one group apart, and they can reach each other without passing it. A guest with
//! one of them has, in effect, all of them: the host's disk controller, or another guest's network card.
//!
//! ## Where
//! `iommu_group/devices` of the device in `/sys/bus/pci/devices`: each other endpoint there has no driver, a VFIO driver or
//! `pci-stub`, or is given to the same VM; none is given to another VM. PCI bridges (class 0604) are no endpoints.
//!
//! ## Fix
//! Give all devices of the group to the same VM, or put the card into another slot. `pcie_acs_override` only makes the
//! kernel believe that the devices are apart.
//!
//! ## Undo
//! Nothing is changed by the advice but the VM's XML.
//!
//! ```fails
//! -- sys/kernel/iommu_groups/7/devices/0000:41:00.1 link=../../../../bus/pci/devices/0000:41:00.1 --
//! -- sys/bus/pci/devices/0000:41:00.1/class --
//! 0x020000
//! -- sys/bus/pci/devices/0000:41:00.1/driver link=../../../../bus/pci/drivers/e1000e --
//! ```
//! ```fails
//! -- sys/kernel/iommu_groups/7/devices/0000:41:00.1 link=../../../../bus/pci/devices/0000:41:00.1 --
//! -- sys/bus/pci/devices/0000:41:00.1/vendor --
//! 0x8086
//! -- sys/bus/pci/devices/0000:41:00.1/class --
//! 0x020000
//! -- sys/bus/pci/devices/0000:41:00.1/driver link=../../../../bus/pci/drivers/vfio-pci --
//! -- etc/libvirt/qemu/other.xml mode=0600 --
//! <domain type='kvm'><name>other</name><uuid>0c9d2d37-64a2-4a5f-9a55-1f6f3c1c2a11</uuid><devices>
//! <hostdev mode='subsystem' type='pci'><source><address bus='0x41' slot='0x00' function='0x1'/></source></hostdev>
//! </devices></domain>
//! ```
//! ```passes
//! -- sys/kernel/iommu_groups/7/devices/0000:40:01.0 link=../../../../bus/pci/devices/0000:40:01.0 --
//! -- sys/bus/pci/devices/0000:40:01.0/class --
//! 0x060400
//! -- sys/bus/pci/devices/0000:40:01.0/driver link=../../../../bus/pci/drivers/pcieport --
//! -- sys/kernel/iommu_groups/7/devices/0000:41:00.1 link=../../../../bus/pci/devices/0000:41:00.1 --
//! -- sys/bus/pci/devices/0000:41:00.1/class --
//! 0x040300
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Device, Evidence},
};

use crate::passthrough::{self, Sibling};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Device(Rule {
        judge,
        fix: Fix::Advice(
            "give every device of the IOMMU group to the same VM, or put the card into another slot",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "An IOMMU group is given whole, to one VM",
        pt: "O grupo da IOMMU é entregue inteiro, a uma só VM",
        id: "Grup IOMMU diberikan utuh ke satu VM",
    },
    why: "Devices of one group reach each other behind the IOMMU, so who has one of them has them all.",
    references: &[
        "guide 1, PCI passthrough",
        "Linux Documentation/driver-api/vfio.rst, Groups, Devices, and IOMMUs",
        "Linux drivers/vfio/group.c, viability of a group",
    ],
};

fn judge(evidence: &Evidence, device: &Device, _: Reading) -> Judged {
    if !passthrough::present(device)? {
        return Ok(Verdict::NotApplicable("the host has no such device"));
    }
    let Some(group) = device.group.known()? else {
        return Ok(Verdict::NotApplicable("it has no IOMMU group"));
    };
    let siblings = passthrough::siblings(evidence, device)?;
    let wrong: Vec<Cite> = siblings.iter().filter_map(|sibling| stranger(device, sibling)).collect();
    if wrong.is_empty() && !siblings.is_empty() {
        passthrough::claims_are_known(evidence)?;
    }
    let seen = format!("group {group} holds {} and nothing of the host or of another VM", device.address);
    Ok(Verdict::unless(wrong, vec![Cite::whole(device.members.key(), seen)]))
}

/// What is wrong with a neighbour, if anything.
fn stranger(device: &Device, sibling: &Sibling) -> Option<Cite> {
    let address = sibling.address;
    if let Some(other) = sibling.vms.iter().find(|vm| !device.vms.contains(vm)) {
        return Some(Cite::whole(
            device.members.key(),
            format!("{address} of the same group is given to VM {other}"),
        ));
    }
    let ours = !sibling.vms.is_empty();
    // Variant drivers of VFIO carry its name (mlx5_vfio_pci, nvgrace_gpu_vfio_pci …).
    let parked = |driver: &str| driver.contains("vfio") || driver == "pci-stub";
    let driver = sibling.driver.filter(|driver| !ours && !parked(driver))?;
    let key = sibling.driver_key.as_str().into();
    Some(Cite::whole(&key, format!("{address} of the same group is driven by the host's {driver}")))
}
