//! Controllers: those the domain names, and those its devices imply.

use super::{Board, Builder, Slot};
use crate::libvirt::TextOption as _;
use crate::libvirt::domain::{Controller, Disk};

/// A disk's bus: said, or by the prefix of its target (libvirt `virDomainDiskDefPostParse`).
pub(super) fn disk_bus(disk: &Disk) -> &str {
    let Some(target) = &disk.target else { return "" };
    if let Some(bus) = target.bus.said() {
        return bus;
    }
    if disk.device.is("floppy") {
        return "fdc";
    }
    match target.dev.said().and_then(|d| d.get(..2)) {
        Some("hd") => "ide",
        Some("sd") => "scsi",
        Some("fd") => "fdc",
        Some("vd") => "virtio",
        Some("xv") => "xen",
        _ => "ide",
    }
}

impl Builder<'_> {
    pub(super) fn controllers(&mut self) {
        for controller in &self.devices.controllers {
            match controller.kind.said().unwrap_or_default() {
                "pci" => self.pci_controller(controller),
                "usb" => self.usb_controller(controller),
                "scsi" => self.scsi_controller(controller),
                "sata" => self.sata_controller(controller),
                "virtio-serial" => {
                    let address = controller.address.as_deref();
                    self.add_virtio("virtio-serial", controller.model.said(), Some(controller.at), address);
                }
                "ccid" => self.add("usb-ccid", Some(controller.at)),
                "fdc" if self.board == Board::Q35 => self.add("isa-fdc", Some(controller.at)),
                _ => {}
            }
        }
        self.implied_usb();
        self.implied_by_devices();
    }

    fn pci_controller(&mut self, controller: &Controller) {
        let usual = match controller.model.said().unwrap_or_default() {
            "pci-bridge" => "pci-bridge",
            "dmi-to-pci-bridge" => "i82801b11-bridge",
            "pcie-to-pci-bridge" => "pcie-pci-bridge",
            "pcie-root-port" => "pcie-root-port",
            "pcie-switch-upstream-port" => "x3130-upstream",
            "pcie-switch-downstream-port" => "xio3130-downstream",
            "pci-expander-bus" => "pxb",
            "pcie-expander-bus" => "pxb-pcie",
            _ => return,
        };
        let named = controller.qemu_model.as_ref().and_then(|m| m.name.said());
        let slot = if usual == "pcie-pci-bridge" { Slot::Express } else { Slot::None };
        let driver = named.map_or(usual.to_owned(), str::to_owned);
        self.add_pci(driver, Some(controller.at), slot, controller.address.as_deref());
    }

    fn usb_controller(&mut self, controller: &Controller) {
        let (driver, slot) = match controller.model.said().unwrap_or("piix3-uhci") {
            "piix3-uhci" => ("piix3-usb-uhci", Slot::Conventional),
            "piix4-uhci" => ("piix4-usb-uhci", Slot::Conventional),
            "ehci" => ("usb-ehci", Slot::Conventional),
            "ich9-ehci1" => ("ich9-usb-ehci1", Slot::None),
            "ich9-uhci1" => ("ich9-usb-uhci1", Slot::None),
            "ich9-uhci2" => ("ich9-usb-uhci2", Slot::None),
            "ich9-uhci3" => ("ich9-usb-uhci3", Slot::None),
            "vt82c686b-uhci" => ("vt82c686b-usb-uhci", Slot::Conventional),
            "pci-ohci" => ("pci-ohci", Slot::Conventional),
            "nec-xhci" => ("nec-usb-xhci", Slot::Express),
            "qemu-xhci" => ("qemu-xhci", Slot::Express),
            _ => return,
        };
        self.add_pci(driver, Some(controller.at), slot, controller.address.as_deref());
    }

    /// `qemuBuildSCSIControllerDevProps`; without a model libvirt takes LSI on x86.
    fn scsi_controller(&mut self, controller: &Controller) {
        let (at, address) = (Some(controller.at), controller.address.as_deref());
        let model = controller.model.said();
        let driver = match model.unwrap_or("lsilogic") {
            "auto" | "lsilogic" => "lsi",
            "lsisas1078" => "megasas",
            "lsisas1068" => "mptsas1068",
            "vmpvscsi" => "pvscsi",
            "ibmvscsi" => "spapr-vscsi",
            "am53c974" => "am53c974",
            "dc390" => "dc390",
            _ => return self.add_virtio("virtio-scsi", model, at, address),
        };
        self.add_pci(driver, at, Slot::Conventional, address);
    }

    fn sata_controller(&mut self, controller: &Controller) {
        let built_in = self.board == Board::Q35 && controller.index.number().unwrap_or(0) == 0;
        if !built_in {
            self.add_pci("ahci", Some(controller.at), Slot::Conventional, controller.address.as_deref());
        }
    }

    fn has(&self, kind: &str) -> bool {
        self.devices.controllers.iter().any(|c| c.kind.is(kind))
    }

    /// The USB controller libvirt adds to every PC, unless one (or `none`) is named.
    fn implied_usb(&mut self) {
        if self.has("usb") {
            return;
        }
        match self.board {
            Board::I440fx => self.add("piix3-usb-uhci", None),
            Board::Q35 => self.add_pci("qemu-xhci", None, Slot::Express, None),
            Board::Bare | Board::Other => {}
        }
    }

    /// `virDomainDefAddImplicitControllers`.
    fn implied_by_devices(&mut self) {
        let devices = self.devices;
        let disk_on = |bus: &str| devices.disks.iter().any(|d| disk_bus(d) == bus);
        let scsi_host = devices.hostdevs.iter().any(|h| h.kind.is("scsi"));
        if (disk_on("scsi") || scsi_host) && !self.has("scsi") {
            self.add_pci("lsi", None, Slot::Conventional, None);
        }
        if disk_on("sata") && !self.has("sata") && self.board != Board::Q35 {
            self.add_pci("ahci", None, Slot::Conventional, None);
        }
        if disk_on("fdc") && !self.has("fdc") && self.board == Board::Q35 {
            self.add("isa-fdc", None);
        }
        let target =
            |c: &crate::libvirt::domain::Chardev| c.target.as_ref().is_some_and(|t| t.kind.is("virtio"));
        let serial = devices.channels.iter().any(target) || devices.consoles.iter().any(target);
        if serial && !self.has("virtio-serial") {
            self.add_virtio("virtio-serial", None, None, None);
        }
        if !devices.smartcards.is_empty() && !self.has("ccid") {
            self.add("usb-ccid", None);
        }
    }
}
