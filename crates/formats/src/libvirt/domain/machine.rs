//! Machine, firmware, boot and hypervisor features.

use super::Source;
use crate::libvirt::element::{Leaf, Place, Text, TextOption as _, element};

element! {
    /// Machine, firmware and boot.
    Os {
        attributes {
            /// `firmware`: efi, bios: libvirt chooses the file.
            firmware: Text = "firmware",
        }
        one {
            /// Kind of guest, architecture and machine.
            kind: OsType = "type",
            /// The firmware.
            loader: Loader = "loader",
            /// The firmware's variables.
            nvram: Nvram = "nvram",
            /// Features asked of chosen firmware.
            firmware_info: FirmwareInfo = "firmware",
            /// Kernel of a direct boot.
            kernel: Leaf = "kernel",
            /// Its initial RAM disk.
            initrd: Leaf = "initrd",
            /// Its command line.
            cmdline: Leaf = "cmdline",
            /// Its device tree.
            dtb: Leaf = "dtb",
            /// Its shim.
            shim: Leaf = "shim",
            /// Where SMBIOS comes from.
            smbios: Smbios = "smbios",
            /// Extra ACPI tables.
            acpi: AcpiTables = "acpi",
            /// The boot menu.
            bootmenu: Bootmenu = "bootmenu",
        }
        many {
            /// Boot order.
            boots: BootDev = "boot",
        }
    }

    /// Kind of guest.
    OsType {
        attributes {
            /// `arch`: x86_64 …
            arch: Text = "arch",
            /// `machine`: pc-q35-7.2, pc …
            machine: Text = "machine",
        }
        text {
            /// hvm, xen, exe …
            text
        }
    }

    /// The firmware.
    Loader {
        attributes {
            /// `readonly`.
            readonly: Text = "readonly",
            /// `secure`: yes demands Secure Boot.
            secure: Text = "secure",
            /// `type`: rom, pflash.
            kind: Text = "type",
            /// `stateless`: no variables are kept.
            stateless: Text = "stateless",
            /// `format`.
            format: Text = "format",
        }
        text {
            /// Its path.
            path
        }
    }

    /// The firmware's variables.
    Nvram {
        attributes {
            /// `template` they are copied from.
            template: Text = "template",
            /// `type` of the source.
            kind: Text = "type",
            /// `format`.
            format: Text = "format",
        }
        text {
            /// Their path.
            path
        }
        one {
            /// Where they are, if not a plain path.
            source: Box<Source> = "source",
        }
    }

    /// Features asked of chosen firmware.
    FirmwareInfo {
        many {
            /// Each.
            features: FirmwareFeature = "feature",
        }
    }

    /// A firmware feature.
    FirmwareFeature {
        attributes {
            /// `name`: secure-boot, enrolled-keys.
            name: Text = "name",
            /// `enabled`.
            enabled: Text = "enabled",
        }
    }

    /// Where SMBIOS comes from.
    Smbios {
        attributes {
            /// `mode`: emulate, host (shows the host's serial numbers), sysinfo.
            mode: Text = "mode",
        }
    }

    /// Extra ACPI tables.
    AcpiTables {
        many {
            /// Each.
            tables: AcpiTable = "table",
        }
    }

    /// An ACPI table.
    AcpiTable {
        attributes {
            /// `type`: slic, msdm, raw.
            kind: Text = "type",
        }
        text {
            /// Its file.
            path
        }
    }

    /// The boot menu.
    Bootmenu {
        attributes {
            /// `enable`.
            enable: Text = "enable",
        }
    }

    /// A boot device class.
    BootDev {
        attributes {
            /// `dev`: hd, cdrom, network, fd.
            dev: Text = "dev",
        }
    }

    /// SMBIOS or fw_cfg strings.
    Sysinfo {
        attributes {
            /// `type`: smbios, fwcfg.
            kind: Text = "type",
        }
        many {
            /// fw_cfg entries.
            entries: SysinfoEntry = "entry",
        }
    }

    /// A fw_cfg entry.
    SysinfoEntry {
        attributes {
            /// `name`.
            name: Text = "name",
            /// `file` of the host shown to the guest.
            file: Text = "file",
        }
    }

    /// Suspend in the guest.
    Pm {
        one {
            /// To memory.
            suspend_to_mem: Enabled = "suspend-to-mem",
            /// To disk.
            suspend_to_disk: Enabled = "suspend-to-disk",
        }
    }

    /// A switch by `enabled`.
    Enabled {
        attributes {
            /// `enabled`.
            enabled: Text = "enabled",
        }
    }

    /// Hypervisor features.
    Features {
        one {
            /// ACPI.
            acpi: Place = "acpi",
            /// APIC.
            apic: Place = "apic",
            /// PAE.
            pae: Place = "pae",
            /// System management mode, which Secure Boot needs.
            smm: Toggle = "smm",
            /// Performance counters in the guest.
            pmu: Toggle = "pmu",
            /// VMware's back door port.
            vmport: Toggle = "vmport",
            /// PS/2 controller.
            ps2: Toggle = "ps2",
            /// Transactional memory.
            htm: Toggle = "htm",
            /// Guest kernel details for dumps.
            vmcoreinfo: Toggle = "vmcoreinfo",
            /// Hyper-V enlightenments.
            hyperv: Hyperv = "hyperv",
            /// KVM features.
            kvm: KvmFeatures = "kvm",
            /// I/O APIC.
            ioapic: Ioapic = "ioapic",
        }
    }

    /// A switch by `state`.
    Toggle {
        attributes {
            /// `state`: on, off; the element alone means on.
            state: Text = "state",
        }
    }

    /// Hyper-V enlightenments.
    Hyperv {
        attributes {
            /// `mode`: custom, passthrough.
            mode: Text = "mode",
        }
        one {
            /// The vendor the guest sees.
            vendor_id: VendorId = "vendor_id",
            /// Nested VMCS.
            evmcs: Toggle = "evmcs",
            /// Interrupt controller.
            synic: Toggle = "synic",
            /// Timers.
            stimer: Toggle = "stimer",
            /// Reset MSR.
            reset: Toggle = "reset",
        }
    }

    /// Hyper-V's vendor string.
    VendorId {
        attributes {
            /// `state`.
            state: Text = "state",
            /// `value`.
            value: Text = "value",
        }
    }

    /// KVM features.
    KvmFeatures {
        one {
            /// Hides KVM from the guest.
            hidden: Toggle = "hidden",
            /// The guest polls when idle.
            poll_control: Toggle = "poll-control",
            /// CPUs are not shared.
            hint_dedicated: Toggle = "hint-dedicated",
        }
    }

    /// The I/O APIC.
    Ioapic {
        attributes {
            /// `driver`: kvm, qemu.
            driver: Text = "driver",
        }
    }
}
impl Toggle {
    /// On, off or neither; without `state` the element alone means on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.state.is_none() || self.state.is("on")
    }
}
