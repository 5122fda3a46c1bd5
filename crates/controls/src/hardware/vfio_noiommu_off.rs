//! VFIO gives no device away without an IOMMU.
//!
//! ## Why
//! In its mode without IOMMU, VFIO lets a program drive a device that reads and writes all of the host's memory, unchecked.
//! It was made for testing on machines without an IOMMU; the kernel marks itself tainted when it is used.
//!
//! ## Where
//! In effect: `/sys/module/vfio/parameters/enable_unsafe_noiommu_mode` is `N`, or not there, and `/dev/vfio` holds no
//! `noiommu-…`. Configured: `options vfio enable_unsafe_noiommu_mode` in modprobe.d(5).
//!
//! ## Fix
//! `echo N > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode`, and remove the option from `/etc/modprobe.d`. What was
//! opened before stays open until its VM is shut down.
//!
//! ## Undo
//! Write `Y` again and put the option back.
//!
//! ```fails
//! -- sys/module/vfio/parameters/enable_unsafe_noiommu_mode --
//! Y
//! ```
//! ```fails
//! -- etc/modprobe.d/vfio.conf --
//! # for the lab
//! options vfio enable_unsafe_noiommu_mode=1
//! ```
//! ```fails
//! -- etc/modprobe.d/vfio.conf --
//! options vfio enable-unsafe-noiommu-mode
//! ```
//! ```passes
//! -- etc/modprobe.d/vfio.conf --
//! options vfio enable_unsafe_noiommu_mode=0
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::module::{self, Wanted};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(|evidence, ()| module::remedy(evidence, &WANTED)) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles { en: "VFIO needs an IOMMU", pt: "O VFIO exige uma IOMMU", id: "VFIO mewajibkan IOMMU" },
    why: "A guest with such a device reads and writes all of the host's memory.",
    references: &[
        "Linux drivers/vfio/Kconfig, VFIO_NOIOMMU",
        "Linux drivers/vfio/vfio_main.c, enable_unsafe_noiommu_mode",
    ],
};

const WANTED: Wanted =
    Wanted { module: "vfio", name: "enable_unsafe_noiommu_mode", good: &["N", "n", "0", "off"], value: "N" };

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    if reading == Reading::Effective {
        let nodes = evidence.names("dev/vfio");
        let open = nodes.known()?.and_then(|nodes| nodes.iter().find(|node| node.starts_with("noiommu-")));
        if let Some(node) = open {
            return Ok(Verdict::Fail(vec![Cite::whole(nodes.key(), format!("/dev/vfio/{node} is there"))]));
        }
    }
    module::judge(evidence, &WANTED, reading)
}
