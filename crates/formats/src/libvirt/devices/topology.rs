//! What libvirt adds so that every device has a place: PCI Express ports, PCI bridges, USB hubs
//! (`src/qemu/qemu_domain_address.c`).

use std::collections::BTreeSet;

use super::{Board, Builder};
use crate::libvirt::TextOption as _;
use crate::libvirt::domain::{Address, Controller};

/// Slots of the i440FX root bus that libvirt hands out: 32 without the host bridge, the PIIX3 and the video card.
const I440FX_SLOTS: usize = 29;

impl Builder<'_> {
    pub(super) fn topology(&mut self) {
        self.usb_hubs();
        let buses = self.addressed_buses();
        let is_port = |c: &&Controller| c.model.is_any(&["pcie-root-port", "pcie-switch-downstream-port"]);
        let is_bridge = |c: &&Controller| c.model.is_any(&["pci-bridge", "pcie-to-pci-bridge"]);
        let pci = || self.devices.controllers.iter().filter(|c| c.kind.is("pci"));
        let undefined = buses.iter().any(|bus| *bus > 0 && !pci().any(|c| c.index.number() == Some(*bus)));
        let bridges = pci().filter(is_bridge).count();
        match self.board {
            Board::Q35 => {
                let free =
                    pci().filter(is_port).filter(|c| c.index.number().is_none_or(|i| !buses.contains(&i)));
                let free = free.count();
                let bridge = self.conventional > 0 && bridges == 0;
                if bridge {
                    self.add("pcie-pci-bridge", None);
                }
                if self.express + usize::from(bridge) > free || undefined {
                    self.add("pcie-root-port", None);
                }
            }
            Board::I440fx
                if bridges == 0 && (self.express + self.conventional > I440FX_SLOTS || undefined) =>
            {
                self.add("pci-bridge", None);
            }
            _ => {}
        }
    }

    /// Every PCI bus that a device's address names.
    fn addressed_buses(&self) -> BTreeSet<u64> {
        let d = self.devices;
        let addresses = d
            .disks
            .iter()
            .map(|x| &x.address)
            .chain(d.controllers.iter().map(|x| &x.address))
            .chain(d.interfaces.iter().map(|x| &x.address))
            .chain(d.hostdevs.iter().map(|x| &x.address))
            .chain(d.videos.iter().map(|x| &x.address))
            .chain(d.sounds.iter().map(|x| &x.address))
            .chain(d.inputs.iter().map(|x| &x.address))
            .chain(d.rngs.iter().map(|x| &x.address))
            .chain(d.filesystems.iter().map(|x| &x.address))
            .chain(d.shmems.iter().map(|x| &x.address))
            .chain(d.vsocks.iter().map(|x| &x.address))
            .chain(d.memories.iter().map(|x| &x.address))
            .chain(d.memballoon.iter().map(|x| &x.address))
            .chain(d.watchdogs.iter().map(|x| &x.address));
        let pci = |address: &Address| address.bus.number().filter(|_| address.kind.is("pci"));
        addresses.flatten().filter_map(|address| pci(address)).collect()
    }

    /// More USB devices than ports get a hub (`qemuDomainUSBAddressAddHubs`).
    fn usb_hubs(&mut self) {
        if !matches!(self.board, Board::I440fx | Board::Q35) {
            return;
        }
        let on_usb = |driver: &str| {
            driver.starts_with("usb-") && !matches!(driver, "usb-hub" | "usb-ehci") || driver == "usb-host"
        };
        let devices = self.found.iter().filter(|d| on_usb(&d.driver)).count();
        let hubs = self.devices.hubs.len();
        let ports = |c: &Controller| match c.model.said().unwrap_or("piix3-uhci") {
            "none" => 0,
            "ich9-ehci1" | "ehci" => 6,
            "nec-xhci" | "qemu-xhci" => c.ports.number().and_then(|n| usize::try_from(n).ok()).unwrap_or(4),
            "pci-ohci" => 3,
            model if model.starts_with("ich9-uhci") => 0,
            _ => 2,
        };
        let controllers: Vec<_> = self.devices.controllers.iter().filter(|c| c.kind.is("usb")).collect();
        let mut total = controllers.iter().map(|c| ports(c)).fold(0, usize::saturating_add);
        if controllers.is_empty() {
            total = if self.board == Board::Q35 { 4 } else { 2 };
        }
        // Each hub takes a port and gives eight.
        if devices > total.saturating_add(hubs.saturating_mul(7)) {
            self.add("usb-hub", None);
        }
    }
}
