//! Subjects: what a finding is about, with an identity that stays when names, order and formatting change.

use serde::{Deserialize, Serialize};

/// The kinds of subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The host itself.
    Host,
    /// A virtual machine (a libvirt domain of type kvm or qemu).
    Vm,
    /// A disk of a VM.
    Disk,
    /// An image file or block device that a disk or a backing chain reaches.
    Image,
    /// A network interface of a VM.
    Interface,
    /// A host device given to VMs.
    Device,
    /// A libvirt daemon.
    Daemon,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Host, Self::Vm, Self::Disk, Self::Image, Self::Interface, Self::Device, Self::Daemon];

    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Vm => "vm",
            Self::Disk => "disk",
            Self::Image => "image",
            Self::Interface => "interface",
            Self::Device => "device",
            Self::Daemon => "daemon",
        }
    }
}

/// One subject, as a finding names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// Its kind.
    pub kind: Kind,
    /// What people call it: a VM's name, `web1 vda`, a path, a PCI address, `libvirtd`.
    pub name: String,
    /// Stable identity: host id, UUID, `UUID/target`, `UUID/MAC`, path, PCI address, daemon name.
    pub id: String,
    /// UUIDs of the VMs it belongs to or serves (its own for a VM); empty for the host and daemons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vms: Vec<String>,
}
