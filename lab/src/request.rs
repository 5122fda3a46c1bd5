//! What is asked of the lab: which machine, what to hand in, what to run there.
use std::path::PathBuf;
use std::time::Duration;

/// Which Debian the VM is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Debian 12: kernel 6.1, libvirt 9.0, QEMU 7.2.
    Bookworm,
    /// Debian 13: kernel 6.12, libvirt 11.3, QEMU 10.0.
    Trixie,
}

impl Release {
    /// Debian's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Release::Bookworm => "bookworm",
            Release::Trixie => "trixie",
        }
    }
    /// By Debian's name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Release::Bookworm, Release::Trixie].into_iter().find(|r| r.name() == name)
    }
}

/// The security module that the VM's kernel enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mac {
    /// `security=selinux`, enforcing.
    Selinux,
    /// `security=apparmor`.
    Apparmor,
    /// `security=none`.
    None,
}

impl Mac {
    /// As on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mac::Selinux => "selinux",
            Mac::Apparmor => "apparmor",
            Mac::None => "none",
        }
    }
    /// By that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Mac::Selinux, Mac::Apparmor, Mac::None].into_iter().find(|m| m.name() == name)
    }
}

/// The VM's IOMMU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iommu {
    /// VT-d with interrupt remapping.
    Intel,
    /// AMD-Vi. QEMU can't snapshot it, so that it boots cold.
    Amd,
    /// None.
    None,
}

impl Iommu {
    /// As on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Iommu::Intel => "intel",
            Iommu::Amd => "amd",
            Iommu::None => "none",
        }
    }
    /// By that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Iommu::Intel, Iommu::Amd, Iommu::None].into_iter().find(|i| i.name() == name)
    }
}

/// One run of the lab.
#[derive(Debug, Clone)]
pub struct Request {
    /// The security module.
    pub mac: Mac,
    /// The IOMMU.
    pub iommu: Iommu,
    /// A TPM 2.0. A snapshot has one, asked for or not: it can't be taken out of a machine that runs.
    pub tpm: bool,
    /// Boot instead of restoring. What has no snapshot boots in any case.
    pub cold: bool,
    /// More of the kernel's command line. The last of two that contradict wins. Boots cold.
    pub append: String,
    /// An NVMe controller with SR-IOV, plugged in after the restore (its state can't be saved).
    pub nvme: bool,
    /// Files and folders, copied to /root/in.
    pub files: Vec<PathBuf>,
    /// A bash script, run in /root/in as root.
    pub script: String,
    /// Seconds since 1970 that the VM's clock is set to; the host's own if none.
    pub clock: Option<u64>,
    /// For the script. The VM has a minute more to come up from a snapshot, four to boot.
    pub limit: Duration,
}

impl Request {
    /// On SELinux, from the snapshot.
    #[must_use]
    pub fn script(script: &str) -> Self {
        Request {
            mac: Mac::Selinux,
            iommu: Iommu::Intel,
            tpm: false,
            cold: false,
            append: String::new(),
            nvme: false,
            files: Vec::new(),
            script: script.to_owned(),
            clock: None,
            limit: Duration::from_secs(300),
        }
    }
    /// The same under another security module.
    #[must_use]
    pub fn on(mut self, mac: Mac) -> Self {
        self.mac = mac;
        self
    }
    /// The same with one more file.
    #[must_use]
    pub fn with(mut self, file: impl Into<PathBuf>) -> Self {
        self.files.push(file.into());
        self
    }
    /// Must it boot, whatever was asked?
    #[must_use]
    pub fn boots(&self) -> bool {
        self.cold || self.iommu != Iommu::Intel || self.mac == Mac::None || !self.append.is_empty()
    }
}
