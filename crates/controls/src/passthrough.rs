//! The neighbours of a device that is given to a VM.

use model::{
    evidence::{Device, Evidence},
    fact::{Fact, Missing},
};

/// Another device of the same IOMMU group.
pub(crate) struct Sibling<'a> {
    pub(crate) address: &'a str,
    /// The recording key of its `driver` link.
    pub(crate) driver_key: String,
    /// Its driver on the host; `None` where it has none.
    pub(crate) driver: Option<&'a str>,
    /// The VMs that claim it too.
    pub(crate) vms: &'a [String],
}

/// Class of a PCI-to-PCI bridge, which is no endpoint (PCI Code and ID Assignment Specification, class 06h, subclass 04h).
const BRIDGE: &str = "0x0604";

/// The endpoints that share the device's IOMMU group, bridges and itself left out.
///
/// # Errors
/// [`Missing`] where the group, a driver or a class could not be read.
pub(crate) fn siblings<'a>(evidence: &'a Evidence, device: &'a Device) -> Result<Vec<Sibling<'a>>, Missing> {
    let mut found = vec![];
    for address in device.members.known()?.into_iter().flatten().filter(|member| **member != device.address) {
        let directory = format!("sys/bus/pci/devices/{address}");
        let class = evidence.text(&format!("{directory}/class"));
        if class.known()?.is_some_and(|class| class.starts_with(BRIDGE)) {
            continue;
        }
        let driver_key = format!("{directory}/driver");
        let driver =
            evidence.link(&driver_key).known()?.map(|target| target.rsplit('/').next().unwrap_or(target));
        found.push(Sibling { address, driver_key, driver, vms: claims(evidence, address) });
    }
    Ok(found)
}

/// The VMs that claim a device. Devices are in the order of their addresses.
fn claims<'a>(evidence: &'a Evidence, address: &str) -> &'a [String] {
    let found = evidence.devices.binary_search_by(|device| device.address.as_str().cmp(address));
    found.ok().and_then(|index| evidence.devices.get(index)).map_or(&[], |device| device.vms.as_slice())
}

/// Whether all is known that VMs claim: where a VM's XML can't be read, it may claim anything.
///
/// # Errors
/// [`Missing`] for the first that can't be read.
pub(crate) fn claims_are_known(evidence: &Evidence) -> Result<(), Missing> {
    for vm in &evidence.vms {
        vm.configured.known()?;
        vm.live.known()?;
    }
    Ok(())
}

/// True where the host has the device.
///
/// # Errors
/// [`Missing`] where nobody could look.
pub(crate) fn present(device: &Device) -> Result<bool, Missing> {
    Ok(!matches!(device.vendor, Fact::Absent(_)) && device.vendor.known()?.is_some())
}
