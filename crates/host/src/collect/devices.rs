//! IOMMUs, IOMMU groups, and the PCI devices given to VMs with everything in their groups.

use crate::recorder::Recorder;

pub(super) fn groups(recorder: &mut Recorder) {
    for iommu in recorder.names("sys/class/iommu") {
        recorder.link(&format!("sys/class/iommu/{iommu}"));
    }
    for group in recorder.names("sys/kernel/iommu_groups") {
        recorder.file(&format!("sys/kernel/iommu_groups/{group}/type"));
        for member in recorder.names(&format!("sys/kernel/iommu_groups/{group}/devices")) {
            recorder.file(&format!("sys/bus/pci/devices/{member}/class"));
        }
    }
    recorder.names("dev/vfio");
}

/// One device given to a VM, and its group.
pub(super) fn pci(recorder: &mut Recorder, address: &str) {
    let directory = format!("sys/bus/pci/devices/{address}");
    facts(recorder, address);
    let group = recorder.link(&format!("{directory}/iommu_group"));
    let Some(group) = group.as_deref().and_then(|target| target.rsplit('/').next()).map(str::to_owned) else { return };
    for sibling in recorder.names(&format!("sys/kernel/iommu_groups/{group}/devices")) {
        facts(recorder, &sibling);
    }
}

fn facts(recorder: &mut Recorder, address: &str) {
    let directory = format!("sys/bus/pci/devices/{address}");
    recorder.link(&format!("{directory}/driver"));
    // Only root may write it and nobody read it: that it is there says that the device can be reset.
    recorder.inode(&format!("{directory}/reset"));
    for name in ["vendor", "device", "subsystem_vendor", "subsystem_device", "class", "revision", "reset_method", "boot_vga"] {
        recorder.file(&format!("{directory}/{name}"));
    }
}
