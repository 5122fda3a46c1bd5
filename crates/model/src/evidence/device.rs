//! Host devices given to VMs: PCI addresses, their drivers, their IOMMU groups.

use std::collections::{BTreeMap, BTreeSet};

use super::{Reader, Vm};
use crate::{
    fact::{Fact, Key},
    subject::{Kind, Subject},
};

/// A PCI device that a VM's XML claims.
#[derive(Debug)]
pub struct Device {
    /// `0000:02:00.0`.
    pub address: String,
    /// UUIDs of the VMs that claim it.
    pub vms: Vec<String>,
    /// `sys/bus/pci/devices/ADDRESS`.
    pub key: Key,
    /// Whether the host has it: its vendor, as `0x8086`.
    pub vendor: Fact<String>,
    /// Number of its IOMMU group.
    pub group: Fact<String>,
    /// Addresses of all devices in that group, itself among them.
    pub members: Fact<Vec<String>>,
    /// Ways the kernel can reset it, best first; absent where there is none.
    pub reset_methods: Fact<Vec<String>>,
}

impl Device {
    /// The device as a subject.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            kind: Kind::Device,
            name: self.address.clone(),
            id: self.address.clone(),
            vms: self.vms.clone(),
        }
    }
}

pub(super) fn derive(reader: &Reader, vms: &[Vm]) -> Vec<Device> {
    let mut claims: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for vm in vms {
        for view in [vm.configured.ok(), vm.live.ok()].into_iter().flatten() {
            let hostdevs = view.domain.devices.iter().flat_map(|devices| &devices.hostdevs);
            for address in hostdevs.filter_map(formats::libvirt::domain::Hostdev::pci) {
                claims.entry(address).or_default().insert(vm.uuid.clone());
            }
        }
    }
    claims.into_iter().map(|(address, vms)| device(reader, address, vms.into_iter().collect())).collect()
}

fn device(reader: &Reader, address: String, vms: Vec<String>) -> Device {
    let key = format!("sys/bus/pci/devices/{address}");
    let group = reader.link(&format!("{key}/iommu_group"));
    let group = group.map(|target| target.rsplit('/').next().unwrap_or(target).to_owned());
    let members = match &group {
        Fact::Known(group, _) => {
            let names = reader.names(&format!("sys/kernel/iommu_groups/{group}/devices"));
            names.map(<[String]>::to_vec)
        }
        Fact::Absent(key) => Fact::Absent(key.clone()),
        Fact::Unreadable(key, why) => Fact::Unreadable(key.clone(), why.clone()),
        Fact::NotCollected(key, why) => Fact::NotCollected(key.clone(), why.clone()),
    };
    let methods = reader.text(&format!("{key}/reset_method"));
    Device {
        vendor: reader.text(&format!("{key}/vendor")).map(str::to_owned),
        reset_methods: methods.map(|text| text.split_whitespace().map(str::to_owned).collect()),
        key: key.as_str().into(),
        address,
        vms,
        group,
        members,
    }
}
