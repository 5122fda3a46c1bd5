//! Interrupts of devices that are given to VMs pass through the IOMMU.
//!
//! ## Why
//! A device raises an interrupt by writing to an address. Without remapping a guest can have its device write any
//! interrupt at all into the host: enough to crash it, or to reach code that was never meant to run then.
//!
//! ## Where
//! In effect: `/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts` is `N`, or the module is not loaded; with `N`
//! VFIO refuses devices where nothing remaps. Configured: `options vfio_iommu_type1 allow_unsafe_interrupts` in
//! modprobe.d(5). `intremap=off` at boot is found by `hardware.iommu-enabled`.
//!
//! ## Fix
//! `echo N > /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts`, and remove the option from `/etc/modprobe.d`.
//! On machines that can't remap VFIO then refuses devices: that is the point of it.
//!
//! ## Undo
//! Write `Y` again and put the option back.
//!
//! ```fails
//! -- sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts --
//! Y
//! ```
//! ```fails
//! -- etc/modprobe.d/kvm.conf --
//! options kvm_intel nested=0
//! options vfio_iommu_type1 allow_unsafe_interrupts=1
//! ```
use model::control::{Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};

use crate::module::{self, Wanted};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule {
        judge: |evidence, (), reading| module::judge(evidence, &WANTED, reading),
        fix: Fix::Remedy(|evidence, ()| module::remedy(evidence, &WANTED)),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Interrupts are remapped",
        pt: "As interrupções são remapeadas",
        id: "Interupsi dipetakan ulang",
    },
    why: "A guest with a real device can raise any interrupt in the host.",
    references: &[
        "Linux drivers/vfio/vfio_iommu_type1.c, allow_unsafe_interrupts",
        "Linux Documentation/driver-api/vfio.rst",
    ],
};

const WANTED: Wanted = Wanted {
    module: "vfio_iommu_type1",
    name: "allow_unsafe_interrupts",
    good: &["N", "n", "0", "off"],
    value: "N",
};
