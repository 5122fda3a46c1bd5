//! VMs may use the host's USB devices only where one has such a device.
//!
//! ## Why
//! The boolean lets every VM open every USB device of the host: keyboards, security keys, disks. In Fedora's policy it
//! is on by default.
//!
//! ## Where
//! `/sys/fs/selinux/booleans/virt_use_usb`: both its value now and the one waiting to be committed are 0, or a VM has a
//! USB device of the host. Not applicable where the policy has no such boolean.
//!
//! ## Fix
//! `setsebool -P virt_use_usb off`. It takes effect at once, for running VMs too.
//!
//! ## Undo
//! `setsebool -P virt_use_usb on`.
//!
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_usb --
//! 1 1
//! ```
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_usb --
//! 0 1
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_usb --
//! 0 0
//! ```
//! ```passes vm
//! <hostdev mode='subsystem' type='usb'><source><vendor id='0x1050'/><product id='0x0407'/></source></hostdev>
//! -- sys/fs/selinux/booleans/virt_use_usb --
//! 1 1
//! ```
use formats::libvirt::TextOption as _;
use model::control::{Cite, Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};
use model::{evidence::Evidence, fact::Missing};

use crate::selinux_boolean::{device, judge, remedy};

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
        en: "VMs may not use host USB devices",
        pt: "As VMs não podem usar dispositivos USB do host",
        id: "VM tidak boleh memakai perangkat USB host",
    },
    why: "With it, every VM that is broken out of opens the host's keyboards, security keys and disks.",
    references: &["guide 1, sVirt: SELinux booleans", "selinux-policy virt.te, gen_tunable(virt_use_usb)"],
};

/// The boolean.
const NAME: &str = "virt_use_usb";

fn need(evidence: &Evidence) -> Result<Option<Cite>, Missing> {
    device(evidence, |view, devices| {
        let found = devices.hostdevs.iter().find(|hostdev| hostdev.kind.is("usb"))?;
        Some(Cite::bytes(&view.key, found.at.open, "a VM has a USB device"))
    })
}
