//! Controllers and the smaller devices.

use super::{Address, Alias, ChardevSource, PathAttribute, Protocol, SocketPath};
use crate::libvirt::element::{Leaf, Text, element};

element! {
    /// A controller.
    Controller {
        attributes {
            /// `type`: pci, usb, scsi, sata, ide, fdc, virtio-serial, ccid, xenbus.
            kind: Text = "type",
            /// `index`.
            index: Text = "index",
            /// `model`: pcie-root-port, qemu-xhci, virtio-scsi …
            model: Text = "model",
            /// `ports`.
            ports: Text = "ports",
            /// `vectors`.
            vectors: Text = "vectors",
        }
        one {
            /// Its options.
            driver: ControllerDriver = "driver",
            /// QEMU's name of a PCI controller.
            qemu_model: ControllerModel = "model",
            /// Chassis, port, NUMA node.
            target: ControllerTarget = "target",
            /// Makes it a companion of another USB controller.
            master: ControllerMaster = "master",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// `<driver>` of a controller.
    ControllerDriver {
        attributes {
            /// `iommu`: DMA through the guest's IOMMU.
            iommu: Text = "iommu",
            /// `iothread` it runs on.
            iothread: Text = "iothread",
            /// `queues`.
            queues: Text = "queues",
        }
    }

    /// QEMU's name of a PCI controller.
    ControllerModel {
        attributes {
            /// `name`: i82801b11-bridge, pcie-root-port …
            name: Text = "name",
        }
    }

    /// Placement of a PCI controller.
    ControllerTarget {
        attributes {
            /// `chassis`.
            chassis: Text = "chassis",
            /// `port`.
            port: Text = "port",
            /// `index`.
            index: Text = "index",
            /// `hotplug`: off forbids hot-plug below it.
            hotplug: Text = "hotplug",
        }
        one {
            /// NUMA node of an expander bus.
            node: Leaf = "node",
        }
    }

    /// The first port of a USB companion.
    ControllerMaster {
        attributes {
            /// `startport`.
            startport: Text = "startport",
        }
    }

    /// A keyboard, mouse or tablet.
    Input {
        attributes {
            /// `type`: mouse, tablet, keyboard, passthrough, evdev.
            kind: Text = "type",
            /// `bus`: ps2, usb, virtio, xen, none.
            bus: Text = "bus",
            /// `model`.
            model: Text = "model",
        }
        one {
            /// The host device of passthrough and evdev.
            source: InputSource = "source",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// A host input device.
    InputSource {
        attributes {
            /// `evdev` of passthrough.
            evdev: Text = "evdev",
            /// `dev` of evdev.
            dev: Text = "dev",
            /// `grab`: all takes the host's.
            grab: Text = "grab",
        }
    }

    /// A USB hub.
    Hub {
        attributes {
            /// `type`: usb.
            kind: Text = "type",
        }
        one {
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// A trusted platform module.
    Tpm {
        attributes {
            /// `model`: tpm-tis, tpm-crb, tpm-spapr.
            model: Text = "model",
        }
        one {
            /// What is behind it.
            backend: TpmBackend = "backend",
            /// QEMU's id.
            alias: Alias = "alias",
        }
    }

    /// What is behind a TPM.
    TpmBackend {
        attributes {
            /// `type`: passthrough, emulator, external.
            kind: Text = "type",
            /// `version`: 1.2, 2.0.
            version: Text = "version",
            /// `persistent_state`.
            persistent_state: Text = "persistent_state",
        }
        one {
            /// Encryption of its state.
            encryption: TpmEncryption = "encryption",
            /// The host's TPM.
            device: PathAttribute = "device",
            /// Socket or file of its state.
            source: SocketPath = "source",
        }
    }

    /// Encryption of a TPM's state.
    TpmEncryption {
        attributes {
            /// `secret`: UUID of a libvirt secret.
            secret: Text = "secret",
        }
    }

    /// A watchdog.
    Watchdog {
        attributes {
            /// `model`: i6300esb, ib700, itco, diag288.
            model: Text = "model",
            /// `action`: reset, shutdown, poweroff, pause, none, dump, inject-nmi.
            action: Text = "action",
        }
        one {
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// A memory balloon.
    Memballoon {
        attributes {
            /// `model`: virtio, none, xen.
            model: Text = "model",
            /// `autodeflate`.
            autodeflate: Text = "autodeflate",
            /// `freePageReporting`: free guest pages are given back, which tells the host what is free.
            free_page_reporting: Text = "freePageReporting",
        }
        one {
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// A random number generator.
    Rng {
        attributes {
            /// `model`: virtio.
            model: Text = "model",
        }
        one {
            /// Its limit.
            rate: RngRate = "rate",
            /// Where randomness comes from.
            backend: RngBackend = "backend",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// A limit.
    RngRate {
        attributes {
            /// `bytes` a period.
            bytes: Text = "bytes",
            /// `period` in milliseconds.
            period: Text = "period",
        }
    }

    /// Where randomness comes from.
    RngBackend {
        attributes {
            /// `model`: random, egd, builtin.
            model: Text = "model",
            /// `type` of an egd source.
            kind: Text = "type",
        }
        text {
            /// A host device.
            path
        }
        one {
            /// Protocol of an egd source.
            protocol: Protocol = "protocol",
        }
        many {
            /// The egd daemon.
            sources: ChardevSource = "source",
        }
    }

    /// A panic notifier.
    Panic {
        attributes {
            /// `model`: isa, pvpanic, hyperv, s390, pseries.
            model: Text = "model",
        }
        one {
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// An IOMMU shown to the guest.
    Iommu {
        attributes {
            /// `model`: intel, virtio, smmuv3, amd.
            model: Text = "model",
        }
        one {
            /// Its options.
            driver: IommuDriver = "driver",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// Options of an IOMMU.
    IommuDriver {
        attributes {
            /// `intremap`: interrupt remapping.
            intremap: Text = "intremap",
            /// `caching_mode`: needed for VFIO below it.
            caching_mode: Text = "caching_mode",
            /// `eim`.
            eim: Text = "eim",
            /// `iotlb`.
            iotlb: Text = "iotlb",
        }
    }

    /// A crypto device.
    Crypto {
        attributes {
            /// `model`: virtio.
            model: Text = "model",
            /// `type`: qemu.
            kind: Text = "type",
        }
        one {
            /// What is behind it.
            backend: CryptoBackend = "backend",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// What is behind a crypto device.
    CryptoBackend {
        attributes {
            /// `model`: builtin, lkcf.
            model: Text = "model",
            /// `queues`.
            queues: Text = "queues",
        }
    }
}
