//! Devices of the host given to the guest, and the addresses of devices.

use super::{Host, Rom};
use crate::libvirt::element::{Leaf, Place, Text, TextOption as _, element};

element! {
    /// A host device given to the guest.
    Hostdev {
        attributes {
            /// `mode`: subsystem, capabilities.
            mode: Text = "mode",
            /// `type`: pci, usb, scsi, scsi_host, mdev; storage, misc, net of capabilities.
            kind: Text = "type",
            /// `managed`: libvirt unbinds it from its driver.
            managed: Text = "managed",
            /// `model` of an mdev or vhost-scsi.
            model: Text = "model",
            /// `sgio`: filtered, unfiltered.
            sgio: Text = "sgio",
            /// `rawio`: yes gives CAP_SYS_RAWIO.
            rawio: Text = "rawio",
            /// `display` of an mdev.
            display: Text = "display",
            /// `ramfb` of an mdev.
            ramfb: Text = "ramfb",
        }
        one {
            /// Which device.
            source: HostdevSource = "source",
            /// The host driver.
            driver: HostdevDriver = "driver",
            /// Its boot ROM.
            rom: Box<Rom> = "rom",
            /// The guest can't write.
            readonly: Place = "readonly",
            /// Several guests may have it.
            shareable: Place = "shareable",
            /// Boot order.
            boot: Boot = "boot",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where the guest sees it.
            address: Box<Address> = "address",
        }
    }

    /// Which host device.
    HostdevSource {
        attributes {
            /// `startupPolicy`.
            startup_policy: Text = "startupPolicy",
            /// `guestReset` of a USB device: off, uninitialized, on.
            guest_reset: Text = "guestReset",
            /// `writeFiltering`: no lets the guest write its whole PCI configuration space.
            write_filtering: Text = "writeFiltering",
            /// `protocol`: iscsi, vhost.
            protocol: Text = "protocol",
            /// `name` of an iSCSI target.
            name: Text = "name",
            /// `wwpn` of vhost-scsi.
            wwpn: Text = "wwpn",
        }
        one {
            /// PCI, USB, SCSI or mdev address.
            address: Box<Address> = "address",
            /// USB vendor.
            vendor: Id = "vendor",
            /// USB product.
            product: Id = "product",
            /// SCSI adapter.
            adapter: Adapter = "adapter",
            /// Block device of a container.
            block: Leaf = "block",
            /// Character device of a container.
            char: Leaf = "char",
            /// Network device of a container.
            interface: Leaf = "interface",
        }
        many {
            /// iSCSI servers.
            hosts: Host = "host",
        }
    }

    /// An id.
    Id {
        attributes {
            /// `id`, such as 0x1234.
            id: Text = "id",
        }
    }

    /// A SCSI adapter.
    Adapter {
        attributes {
            /// `name`: scsi_host0.
            name: Text = "name",
        }
    }

    /// `<driver>` of a host device.
    HostdevDriver {
        attributes {
            /// `name`: vfio, xen.
            name: Text = "name",
            /// `model`: a VFIO variant driver.
            model: Text = "model",
            /// `iommufd`.
            iommufd: Text = "iommufd",
        }
    }

    /// Where a device is plugged in, in the host or the guest.
    Address {
        attributes {
            /// `type`: pci, usb, drive, virtio-serial, ccw, isa, virtio-mmio …
            kind: Text = "type",
            /// PCI `domain`.
            domain: Text = "domain",
            /// `bus`.
            bus: Text = "bus",
            /// PCI `slot`.
            slot: Text = "slot",
            /// PCI `function`.
            function: Text = "function",
            /// USB `device`.
            device: Text = "device",
            /// `multifunction`.
            multifunction: Text = "multifunction",
            /// `controller` of a drive.
            controller: Text = "controller",
            /// `target` of a drive.
            target: Text = "target",
            /// `unit` of a drive.
            unit: Text = "unit",
            /// `port` of USB or virtio-serial.
            port: Text = "port",
            /// `uuid` of an mdev.
            uuid: Text = "uuid",
            /// `iobase` of ISA.
            iobase: Text = "iobase",
            /// `irq` of ISA.
            irq: Text = "irq",
            /// `reg` of spapr-vio.
            reg: Text = "reg",
        }
    }

    /// QEMU's id of a device.
    Alias {
        attributes {
            /// `name`: net0; `ua-…` is the user's.
            name: Text = "name",
        }
    }

    /// Boot order.
    Boot {
        attributes {
            /// `order`, from 1.
            order: Text = "order",
        }
    }
}
impl Address {
    /// A PCI address as the kernel writes it, `0000:02:00.0`; `None` when bus and slot aren't numbers.
    #[must_use]
    pub fn pci(&self) -> Option<String> {
        let part = |text: &Option<Text>, default: Option<u64>| match text {
            None => default,
            Some(_) => text.number(),
        };
        let (domain, bus) = (part(&self.domain, Some(0))?, part(&self.bus, Some(0))?);
        let (slot, function) = (part(&self.slot, Some(0))?, part(&self.function, Some(0))?);
        let said = self.bus.is_some() || self.slot.is_some();
        let fits = domain <= 0xffff && bus <= 0xff && slot <= 0x1f && function <= 7;
        (said && fits).then(|| format!("{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"))
    }
}

impl Hostdev {
    /// The PCI address of the host device, if it is one.
    #[must_use]
    pub fn pci(&self) -> Option<String> {
        let source = self.source.as_ref().filter(|_| self.kind.is("pci"))?;
        source.address.as_ref()?.pci()
    }

    /// Vendor and product of a USB device given by ids.
    #[must_use]
    pub fn usb_ids(&self) -> Option<(u16, u16)> {
        let source = self.source.as_ref().filter(|_| self.kind.is("usb"))?;
        let id = |id: &Option<Id>| u16::try_from(id.as_ref()?.id.number()?).ok();
        Some((id(&source.vendor)?, id(&source.product)?))
    }

    /// The UUID of a mediated device.
    #[must_use]
    pub fn mdev(&self) -> Option<&str> {
        self.source.as_ref().filter(|_| self.kind.is("mdev"))?.address.as_ref()?.uuid.said()
    }
}
