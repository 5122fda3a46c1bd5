//! VMs may write sysfs only where one has a PCI device of the host.
//!
//! ## Why
//! The boolean lets every VM write files under `/sys`: the switches of the host's devices, power and modules.
//!
//! ## Where
//! `/sys/fs/selinux/booleans/virt_use_sysfs`: both its value now and the one waiting to be committed are 0, or a VM has
//! a PCI device of the host. Not applicable where the policy has no such boolean (Fedora's no longer has it).
//!
//! ## Fix
//! `setsebool -P virt_use_sysfs off`. It takes effect at once, for running VMs too.
//!
//! ## Undo
//! `setsebool -P virt_use_sysfs on`.
//!
//! ```fails vm
//! <hostdev mode='subsystem' type='usb'><source><vendor id='0x1050'/><product id='0x0407'/></source></hostdev>
//! -- sys/fs/selinux/booleans/virt_use_sysfs --
//! 1 1
//! ```
//! ```fails vm
//! <hostdev mode='subsystem' type='usb'><source><vendor id='0x1050'/><product id='0x0407'/></source></hostdev>
//! -- sys/fs/selinux/booleans/virt_use_sysfs --
//! 0 1
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_sysfs --
//! 0 0
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_sysfs --
//! 1 1
//! ```
use model::control::{Cite, Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};
use model::{evidence::Evidence, fact::Missing};

use crate::selinux_boolean::{device, judge, pci, remedy};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge: |evidence, (), _| judge(evidence, NAME, need),
        fix: Fix::Remedy(|evidence, ()| remedy(evidence, NAME, need)),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VMs may not write sysfs",
        pt: "As VMs não podem escrever no sysfs",
        id: "VM tidak boleh menulis sysfs",
    },
    why: "With it, every VM that is broken out of writes the switches of the host's devices.",
    references: &["guide 1, sVirt: SELinux booleans", "selinux-policy virt.te, gen_tunable(virt_use_sysfs)"],
};

/// The boolean.
const NAME: &str = "virt_use_sysfs";

fn need(evidence: &Evidence) -> Result<Option<Cite>, Missing> {
    device(evidence, pci)
}
