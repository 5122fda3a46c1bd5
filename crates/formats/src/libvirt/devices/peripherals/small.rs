//! Shared things and the small devices.

use super::super::{Builder, Slot};
use crate::libvirt::TextOption as _;

impl Builder<'_> {
    pub(super) fn sharing(&mut self) {
        for filesystem in &self.devices.filesystems {
            let (at, address) = (Some(filesystem.at), filesystem.address.as_deref());
            let driver = filesystem.driver.as_ref().and_then(|d| d.kind.said());
            let base = match driver {
                Some("virtiofs") => "vhost-user-fs",
                Some("mtp") => {
                    self.add("usb-mtp", at);
                    continue;
                }
                _ => "virtio-9p",
            };
            self.add_virtio(base, filesystem.model.said(), at, address);
        }
        for shmem in &self.devices.shmems {
            let model = shmem.model.as_ref().and_then(|m| m.kind.said()).unwrap_or("ivshmem");
            self.add_pci(model.to_owned(), Some(shmem.at), Slot::Conventional, shmem.address.as_deref());
        }
        for vsock in &self.devices.vsocks {
            self.add_virtio("vhost-vsock", vsock.model.said(), Some(vsock.at), vsock.address.as_deref());
        }
        for memory in &self.devices.memories {
            let (at, address) = (Some(memory.at), memory.address.as_deref());
            match memory.model.said().unwrap_or_default() {
                "dimm" => self.add("pc-dimm", at),
                "nvdimm" => self.add("nvdimm", at),
                "virtio-pmem" => self.add_pci("virtio-pmem-pci", at, Slot::Express, address),
                "virtio-mem" => self.add_pci("virtio-mem-pci", at, Slot::Express, address),
                _ => {}
            }
        }
        for pstore in &self.devices.pstores {
            self.add_pci("acpi-erst", Some(pstore.at), Slot::Conventional, pstore.address.as_deref());
        }
    }

    pub(super) fn small(&mut self) {
        for rng in &self.devices.rngs {
            self.add_virtio("virtio-rng", rng.model.said(), Some(rng.at), rng.address.as_deref());
        }
        for tpm in &self.devices.tpms {
            self.add(tpm.model.said().unwrap_or("tpm-tis").to_owned(), Some(tpm.at));
        }
        for watchdog in &self.devices.watchdogs {
            match watchdog.model.said().unwrap_or_default() {
                "i6300esb" => {
                    let address = watchdog.address.as_deref();
                    self.add_pci("i6300esb", Some(watchdog.at), Slot::Conventional, address);
                }
                other @ ("ib700" | "diag288") => self.add(other.to_owned(), Some(watchdog.at)),
                // itco is part of the board.
                _ => {}
            }
        }
        for panic in &self.devices.panics {
            match panic.model.said().unwrap_or("isa") {
                "isa" if self.is_pc() => self.add("pvpanic", Some(panic.at)),
                "pvpanic" => {
                    self.add_pci("pvpanic-pci", Some(panic.at), Slot::Express, panic.address.as_deref())
                }
                // hyperv is a CPU feature, s390 and pseries have it built in.
                _ => {}
            }
        }
        for iommu in &self.devices.iommus {
            let (at, address) = (Some(iommu.at), iommu.address.as_deref());
            match iommu.model.said().unwrap_or_default() {
                "intel" => self.add("intel-iommu", at),
                "virtio" => self.add_pci("virtio-iommu-pci", at, Slot::None, address),
                "amd" => self.add("amd-iommu", at),
                _ => {}
            }
        }
        for crypto in &self.devices.cryptos {
            self.add_pci("virtio-crypto-pci", Some(crypto.at), Slot::Express, crypto.address.as_deref());
        }
        for hub in &self.devices.hubs {
            self.add("usb-hub", Some(hub.at));
        }
        if let Some(genid) = &self.domain.genid {
            self.add("vmgenid", Some(genid.at));
        }
        let core_info = self.domain.features.as_ref().and_then(|f| f.vmcoreinfo.as_ref());
        if let Some(toggle) = core_info.filter(|t| t.is_on()) {
            self.add("vmcoreinfo", Some(toggle.at));
        }
    }
}
