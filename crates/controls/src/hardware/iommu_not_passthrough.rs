//! The host's own devices go through the IOMMU too.
//!
//! ## Why
//! With `iommu=pt` the IOMMU guards only devices that are given to VMs; all others reach every byte of memory. A card with bad
//! firmware, a hostile plug at a port, or a bug in a driver's buffers then has the host.
//!
//! ## Where
//! `type` of each group in `/sys/kernel/iommu_groups` is `DMA` or `DMA-FQ`, not `identity`; and the kernel was not booted
//! with `iommu=pt` or `iommu.passthrough=1`. A group of nothing but display and audio devices and bridges may be
//! `identity`: the kernel chooses so itself where they would not work otherwise.
//!
//! ## Fix
//! Remove `iommu=pt` or `iommu.passthrough=1` from the kernel's command line; where the kernel was built so (openSUSE), add
//! `iommu.passthrough=0`. Reboot. `iommu.strict=1` turns `DMA-FQ` into `DMA`, at a price.
//!
//! ## Undo
//! Put the argument back and reboot.
//!
//! ```fails
//! -- sys/kernel/iommu_groups/8/type --
//! identity
//! ```
//! ```fails
//! -- proc/cmdline --
//! root=/dev/vda1 intel_iommu=on iommu=pt
//! ```
//! ```passes
//! -- sys/kernel/iommu_groups/8/type --
//! DMA-FQ
//! -- sys/kernel/iommu_groups/9/type --
//! identity
//! -- sys/kernel/iommu_groups/9/devices/0000:00:02.0 link=../../../../bus/pci/devices/0000:00:02.0 --
//! -- sys/bus/pci/devices/0000:00:02.0/class --
//! 0x030000
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::tally::Tally;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "remove `iommu=pt` and `iommu.passthrough=1` from the kernel's command line and reboot",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The IOMMU guards the host's devices too",
        pt: "A IOMMU também protege os dispositivos do host",
        id: "IOMMU juga menjaga perangkat host",
    },
    why: "A device that is not given to a VM reaches every byte of memory.",
    references: &[
        "Linux Documentation/ABI/testing/sysfs-kernel-iommu_groups, type",
        "Linux Documentation/admin-guide/kernel-parameters.txt, iommu.passthrough",
    ],
};

const GROUPS: &str = "sys/kernel/iommu_groups";

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let mut tally = Tally::default();
    let line = evidence.cmdline.required()?;
    let argument = |name, values: &[&str]| {
        line.get(name).filter(|found| found.text().split(',').any(|word| values.contains(&word)))
    };
    if let Some(found) =
        argument("iommu", &["pt"]).or_else(|| argument("iommu.passthrough", &["1", "on", "y", "Y"]))
    {
        let seen = format!("{}={}", found.name.value, found.text());
        tally.wrong.push(Cite::bytes(evidence.cmdline.key(), found.span, seen));
    }
    for group in evidence.names(GROUPS).known()?.copied().unwrap_or_default() {
        let kind = evidence.text(&format!("{GROUPS}/{group}/type"));
        // Groups have no type before Linux 3.19, and none where the driver has no default domain.
        let Some(Some(kind_now)) = tally.see(kind.known()) else { continue };
        let bad =
            *kind_now == "identity" && tally.see(holds_more_than_graphics(evidence, group)) == Some(true);
        tally.file(!bad, Cite::whole(kind.key(), format!("group {group} is {kind_now}")));
    }
    tally.right.truncate(3);
    tally.verdict("there are no IOMMU groups")
}

fn holds_more_than_graphics(evidence: &Evidence, group: &str) -> Result<bool, Missing> {
    let members = evidence.names(&format!("{GROUPS}/{group}/devices"));
    for address in members.known()?.copied().unwrap_or_default() {
        let class = evidence.text(&format!("sys/bus/pci/devices/{address}/class"));
        let class = class.known()?.copied().unwrap_or("");
        if !["0x03", "0x0403", "0x0604"].iter().any(|harmless| class.starts_with(harmless)) {
            return Ok(true);
        }
    }
    Ok(false)
}
