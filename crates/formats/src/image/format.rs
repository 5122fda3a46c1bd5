//! The names of disk image formats.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A disk image format, as told by its first bytes or as written in a header or a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// No magic known here: guest content from the first byte, or something unknown.
    Raw,
    /// QEMU copy-on-write version 1.
    Qcow,
    /// QEMU copy-on-write versions 2 and 3.
    Qcow2,
    /// A LUKS version 1 container.
    Luks1,
    /// A LUKS version 2 container; QEMU has no driver for it and treats it as raw.
    Luks2,
    /// VMware: a sparse extent or a text descriptor.
    Vmdk,
    /// VirtualBox.
    Vdi,
    /// Virtual PC (VHD), when dynamic. A fixed one has its only mark at the end of the file and probes as raw.
    Vpc,
    /// Hyper-V (VHDX).
    Vhdx,
    /// QEMU enhanced disk.
    Qed,
    /// Parallels.
    Parallels,
    /// Bochs growing image.
    Bochs,
    /// Compressed loop image.
    Cloop,
    /// An ISO 9660 file system: raw to QEMU.
    Iso9660,
}

impl Format {
    const DRIVERS: [(Self, &'static str); 14] = [
        (Self::Raw, "raw"),
        (Self::Qcow, "qcow"),
        (Self::Qcow2, "qcow2"),
        (Self::Luks1, "luks"),
        (Self::Luks2, "raw"),
        (Self::Vmdk, "vmdk"),
        (Self::Vdi, "vdi"),
        (Self::Vpc, "vpc"),
        (Self::Vhdx, "vhdx"),
        (Self::Qed, "qed"),
        (Self::Parallels, "parallels"),
        (Self::Bochs, "bochs"),
        (Self::Cloop, "cloop"),
        (Self::Iso9660, "raw"),
    ];

    /// The QEMU block driver that reads it (`block/*.c`, `.format_name`).
    #[must_use]
    pub fn driver(self) -> &'static str {
        Self::DRIVERS.iter().find(|(format, _)| *format == self).map_or("raw", |(_, name)| name)
    }

    /// The format that a driver name stands for; the plainest where several share one. `None` for protocols and
    /// drivers not known here.
    #[must_use]
    pub fn from_driver(name: &str) -> Option<Self> {
        Self::DRIVERS.iter().find(|(_, driver)| *driver == name).map(|(format, _)| *format)
    }

    /// True if QEMU reads both with the same driver: a LUKS2 disk declared raw is no contradiction.
    #[must_use]
    pub fn same_driver(self, other: Self) -> bool {
        self.driver() == other.driver()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Luks1 => "luks1",
            Self::Luks2 => "luks2",
            Self::Iso9660 => "iso9660",
            other => other.driver(),
        })
    }
}
