//! The typed model of a libvirt domain and of its live status file.
//!
//! Names follow libvirt's `docs/formatdomain.rst` (9.0 and 11.3). Every attribute is the text that was said, or `None`:
//! what an absent one means is the judge's business, since it depends on the version. Values that are secret (VNC
//! passwords, SEV sessions) are never kept, only their places.

use super::element::{Leaf, Place, Quantity, Read, Text, child, element, root_named};
use super::xml;
use crate::Malformed;

mod chardev;
mod disk;
mod graphics;
mod hostdev;
mod interface;
mod machine;
mod passthrough;
mod peripheral;
mod processor;
mod sharing;
mod tuning;

pub use chardev::*;
pub use disk::*;
pub use graphics::*;
pub use hostdev::*;
pub use interface::*;
pub use machine::*;
pub use passthrough::*;
pub use peripheral::*;
pub use processor::*;
pub use sharing::*;
pub use tuning::*;

#[cfg(test)]
pub(in crate::libvirt) mod corpus;
#[cfg(test)]
mod tests;

element! {
    /// A domain: one virtual machine.
    Domain {
        attributes {
            /// `type`: kvm, qemu, xen, lxc …
            kind: Text = "type",
            /// `id`: libvirt's number of the running domain.
            id: Text = "id",
        }
        one {
            /// Its name, unique on the host.
            name: Leaf = "name",
            /// Its identity.
            uuid: Leaf = "uuid",
            /// `<genid>`: the generation id shown to the guest.
            genid: Leaf = "genid",
            /// A short description.
            title: Leaf = "title",
            /// A long description.
            description: Leaf = "description",
            /// Memory at boot, with `dumpCore`.
            memory: Quantity = "memory",
            /// Memory now.
            current_memory: Quantity = "currentMemory",
            /// Memory it can grow to.
            max_memory: Quantity = "maxMemory",
            /// Virtual CPUs.
            vcpu: Vcpu = "vcpu",
            /// Number of I/O threads.
            iothreads: Leaf = "iothreads",
            /// Machine, firmware and boot.
            os: Os = "os",
            /// SMBIOS and fw_cfg strings.
            sysinfo: Box<Sysinfo> = "sysinfo",
            /// Hypervisor features.
            features: Features = "features",
            /// The guest's CPU.
            cpu: Cpu = "cpu",
            /// How guest memory is backed.
            memory_backing: Box<MemoryBacking> = "memoryBacking",
            /// Confidential computing.
            launch_security: Box<LaunchSecurity> = "launchSecurity",
            /// Cgroup placement.
            resource: Box<Resource> = "resource",
            /// Memory limits.
            memtune: Box<Memtune> = "memtune",
            /// CPU limits and pinning.
            cputune: Box<Cputune> = "cputune",
            /// Block I/O limits.
            blkiotune: Box<Blkiotune> = "blkiotune",
            /// NUMA placement.
            numatune: Box<Numatune> = "numatune",
            /// What happens at power-off.
            on_poweroff: Leaf = "on_poweroff",
            /// What happens at reboot.
            on_reboot: Leaf = "on_reboot",
            /// What happens when the guest crashes; `coredump-*` writes its memory out.
            on_crash: Leaf = "on_crash",
            /// What happens when a disk lease is lost.
            on_lockfailure: Leaf = "on_lockfailure",
            /// Suspend to memory and to disk.
            pm: Box<Pm> = "pm",
            /// Performance events.
            perf: Place = "perf",
            /// The devices.
            devices: Devices = "devices",
        }
        many {
            /// Security labels of the process.
            seclabels: Seclabel = "seclabel",
        }
        qemu {
            /// `qemu:commandline`, in either spelling.
            qemu_commandline: QemuCommandline = "commandline",
            /// `qemu:capabilities`: QEMU capabilities forced on or off.
            qemu_capabilities: QemuCapabilities = "capabilities",
            /// `qemu:override`: device properties changed behind libvirt's back.
            qemu_override: QemuOverride = "override",
            /// `qemu:deprecation`.
            qemu_deprecation: QemuDeprecation = "deprecation",
        }
    }

    /// The `<devices>` of a domain.
    Devices {
        one {
            /// Path of the emulator.
            emulator: Leaf = "emulator",
            /// Which USB devices may be redirected.
            redirfilter: Redirfilter = "redirfilter",
            /// Memory balloon.
            memballoon: Memballoon = "memballoon",
            /// NVRAM device of pSeries.
            nvram: NvramDevice = "nvram",
        }
        many {
            /// Disks.
            disks: Disk = "disk",
            /// Controllers.
            controllers: Controller = "controller",
            /// Network interfaces.
            interfaces: Interface = "interface",
            /// Host devices.
            hostdevs: Hostdev = "hostdev",
            /// Redirected USB devices.
            redirdevs: Chardev = "redirdev",
            /// Graphical consoles.
            graphics: Graphics = "graphics",
            /// Video cards.
            videos: Video = "video",
            /// Keyboards, mice, tablets.
            inputs: Input = "input",
            /// Sound cards.
            sounds: Sound = "sound",
            /// Host audio backends.
            audio: Audio = "audio",
            /// Trusted platform modules.
            tpms: Tpm = "tpm",
            /// Watchdogs; several since libvirt 9.1.
            watchdogs: Watchdog = "watchdog",
            /// Random number generators.
            rngs: Rng = "rng",
            /// Panic notifiers.
            panics: Panic = "panic",
            /// Shared memory between guests.
            shmems: Shmem = "shmem",
            /// Host sockets.
            vsocks: Vsock = "vsock",
            /// Host directories shown to the guest.
            filesystems: Filesystem = "filesystem",
            /// Serial ports.
            serials: Chardev = "serial",
            /// Consoles.
            consoles: Chardev = "console",
            /// Parallel ports.
            parallels: Chardev = "parallel",
            /// Channels between host and guest.
            channels: Chardev = "channel",
            /// Smartcards.
            smartcards: Chardev = "smartcard",
            /// USB hubs.
            hubs: Hub = "hub",
            /// IOMMUs.
            iommus: Iommu = "iommu",
            /// Memory modules.
            memories: MemoryDevice = "memory",
            /// Crypto devices.
            cryptos: Crypto = "crypto",
            /// Persistent stores for kernel oopses.
            pstores: Pstore = "pstore",
            /// Disk leases.
            leases: Place = "lease",
        }
    }

    /// A domain's status file, `/run/libvirt/qemu/NAME.xml` (libvirt `src/conf/domain_conf.c`, `virDomainObjFormat`).
    DomStatus {
        attributes {
            /// `state`: running, paused …
            state: Text = "state",
            /// `reason` of the state.
            reason: Text = "reason",
            /// `pid` of the emulator.
            pid: Text = "pid",
        }
        one {
            /// The QMP monitor.
            monitor: Monitor = "monitor",
            /// `<namespaces>` the process was put into.
            namespaces: Namespaces = "namespaces",
            /// CPU threads.
            vcpus: StatusVcpus = "vcpus",
            /// QEMU's capabilities.
            capabilities: StatusCapabilities = "qemuCaps",
            /// The domain's private directory.
            lib_dir: PathAttribute = "libDir",
            /// Where its channels' sockets are.
            channel_target_dir: PathAttribute = "channelTargetDir",
            /// The live domain.
            domain: Domain = "domain",
        }
        many {
            /// Why libvirt considers the domain tainted.
            taints: Taint = "taint",
        }
    }

    /// A monitor.
    Monitor {
        attributes {
            /// `path` of its socket.
            path: Text = "path",
            /// `type`: unix or pty.
            kind: Text = "type",
        }
    }

    /// Namespaces of an emulator.
    Namespaces {
        one {
            /// A private mount namespace: its own /dev.
            mount: Place = "mount",
        }
    }

    /// The CPU threads of a running domain.
    StatusVcpus {
        many {
            /// One each.
            vcpus: StatusVcpu = "vcpu",
        }
    }

    /// A CPU thread.
    StatusVcpu {
        attributes {
            /// `id`.
            id: Text = "id",
            /// `pid` of the thread.
            pid: Text = "pid",
        }
    }

    /// The QEMU capabilities of a running domain.
    StatusCapabilities {
        many {
            /// One each.
            flags: NameAttribute = "flag",
        }
    }

    /// An element that has only a `name`.
    NameAttribute {
        attributes {
            /// `name`.
            name: Text = "name",
        }
    }

    /// An element that has only a `path`.
    PathAttribute {
        attributes {
            /// `path`.
            path: Text = "path",
        }
    }

    /// A taint (libvirt `virDomainTaint`): high-privileges, custom-argv, host-cpu …
    Taint {
        attributes {
            /// `flag`: which.
            flag: Text = "flag",
        }
    }
}

impl Domain {
    /// Reads a `<domain>`, or the one inside a `<domstatus>`.
    ///
    /// # Errors
    /// What [`xml::parse`] refuses, another root, or a status without a domain.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let document = xml::parse(bytes)?;
        let root = root_named(&document, &["domain", "domstatus"])?;
        if root.tag_name().name() == "domain" {
            return Ok(Self::read(root));
        }
        let inner = child(root, "domain");
        inner
            .map(Self::read)
            .ok_or_else(|| Malformed::at(root.range().start, "<domstatus> holds no <domain>"))
    }

    /// What encrypts the guest's memory, where that is SEV or SEV-SNP.
    #[must_use]
    pub fn sev(&self) -> Option<&LaunchSecurity> {
        use super::TextOption as _;
        self.launch_security.as_deref().filter(|security| security.kind.is_any(&["sev", "sev-snp"]))
    }

    /// True for the domains libvirt's QEMU driver runs: `kvm` and `qemu`. Others are not this tool's business.
    #[must_use]
    pub fn is_qemu(&self) -> bool {
        use super::TextOption as _;
        self.kind.is_any(&["kvm", "qemu"])
    }
}

impl DomStatus {
    /// Reads a `<domstatus>`.
    ///
    /// # Errors
    /// What [`xml::parse`] refuses, another root, or no `<domain>` inside.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let document = xml::parse(bytes)?;
        let root = root_named(&document, &["domstatus"])?;
        let new = Self::read(root);
        if new.domain.is_none() {
            return Err(Malformed::at(root.range().start, "<domstatus> holds no <domain>"));
        }
        Ok(new)
    }
}
