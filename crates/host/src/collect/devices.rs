//! IOMMUs, IOMMU groups, and the PCI devices given to VMs with everything in their groups (`/sys/bus/pci/devices`), their
//! network interfaces and their disks (`/sys/block`).

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
    for interface in recorder.names(&format!("{directory}/net")) {
        recorder.file(&format!("{directory}/net/{interface}/flags"));
    }
    disks(recorder, address);
    let group = recorder.link(&format!("{directory}/iommu_group"));
    let Some(group) = group.as_deref().and_then(|target| target.rsplit('/').next()).map(str::to_owned) else {
        return;
    };
    for sibling in recorder.names(&format!("sys/kernel/iommu_groups/{group}/devices")) {
        facts(recorder, &sibling);
    }
}

/// The block devices of a device, and who holds them or their partitions.
fn disks(recorder: &mut Recorder, address: &str) {
    let inside = format!("/{address}/");
    for block in recorder.names("sys/block") {
        let key = format!("sys/block/{block}");
        if !recorder.link(&key).is_some_and(|target| target.contains(&inside)) {
            continue;
        }
        recorder.names(&format!("{key}/holders"));
        let parts = recorder.source.names(&key).unwrap_or_default();
        for part in parts.into_iter().filter(|part| part.starts_with(&block)) {
            recorder.names(&format!("{key}/{part}/holders"));
        }
    }
}

fn facts(recorder: &mut Recorder, address: &str) {
    let directory = format!("sys/bus/pci/devices/{address}");
    recorder.link(&format!("{directory}/driver"));
    // Only root may write it and nobody read it: that it is there says that the device can be reset.
    recorder.inode(&format!("{directory}/reset"));
    for name in [
        "vendor",
        "device",
        "subsystem_vendor",
        "subsystem_device",
        "class",
        "revision",
        "reset_method",
        "boot_vga",
    ] {
        recorder.file(&format!("{directory}/{name}"));
    }
}
