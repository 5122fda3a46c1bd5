//! An IOMMU stands between devices and the host's memory.
//!
//! ## Why
//! A device reads and writes memory by itself. Without an IOMMU a guest that drives a real device can have it read and
//! write any page of the host and of every other guest, and no other wall notices.
//!
//! ## Where
//! In effect: an IOMMU in `/sys/class/iommu` (`dmar0` Intel, `ivhd0` AMD, `smmu3.0x…` Arm), groups in
//! `/sys/kernel/iommu_groups`, and an `iommu_group` of every PCI device that is given to a VM; and no `intremap=off` or
//! `intremap=nosid` on `/proc/cmdline`, which leaves a device's interrupts unchecked. Required where the firmware
//! describes an IOMMU (ACPI table `DMAR` or `IVRS`) or a VM has a PCI device. `IORT` does not count: Arm servers without an
//! IOMMU have one too. The kernel's command line and `virt-host-validate` are not asked: both say yes where the answer
//! is no.
//!
//! ## Fix
//! Switch VT-d or AMD-Vi on in the firmware. Intel: add `intel_iommu=on` to the kernel's command line
//! (`/etc/default/grub.d/60-baluarte.cfg`, then `update-grub`) and reboot. AMD: it is on by itself; remove
//! `amd_iommu=off`. Either: remove `iommu=off` and `intremap=`.
//!
//! ## Undo
//! Remove the argument and reboot.
//!
//! ## Guides
//! Recipes that say `amd_iommu=on` do nothing: the kernel knows no such value.
//!
//! ```fails
//! -- sys/class/iommu dir --
//! -- sys/class/iommu/dmar0 absent --
//! ```
//! ```fails
//! -- sys/bus/pci/devices/0000:41:00.0/iommu_group absent --
//! ```
//! ```fails
//! -- proc/cmdline --
//! root=/dev/vda1 intel_iommu=on intremap=nosid
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::{passthrough, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "switch VT-d or AMD-Vi on in the firmware, boot with `intel_iommu=on` (Intel) or without `amd_iommu=off` (AMD)",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles { en: "The IOMMU is in use", pt: "A IOMMU está em uso", id: "IOMMU digunakan" },
    why: "A guest with a real device reads and writes any memory of the host through it.",
    references: &[
        "guide 1, PCI passthrough",
        "Linux Documentation/ABI/testing/sysfs-class-iommu",
        "Linux Documentation/driver-api/vfio.rst, Groups, Devices, and IOMMUs",
    ],
};

const IOMMUS: &str = "sys/class/iommu";
const GROUPS: &str = "sys/kernel/iommu_groups";
const TABLES: &str = "sys/firmware/acpi/tables";

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (iommus, groups, tables) = (evidence.names(IOMMUS), evidence.names(GROUPS), evidence.names(TABLES));
    let described = |name: &&String| matches!(name.as_str(), "DMAR" | "IVRS");
    let table = tables.known()?.and_then(|tables| tables.iter().find(described));
    if table.is_none() && evidence.devices.is_empty() {
        return Ok(Verdict::NotApplicable("the firmware describes no IOMMU, and no VM has a PCI device"));
    }
    let because = table.map_or_else(
        || "a VM has a PCI device".to_owned(),
        |table| format!("the firmware has table {table}"),
    );
    let mut tally = Tally::default();
    let mut found = false;
    for name in iommus.known()?.copied().unwrap_or_default() {
        let link = evidence.link(&format!("{IOMMUS}/{name}"));
        if tally.see(link.known()).flatten().is_some() {
            tally.right.push(Cite::whole(link.key(), format!("{name} is in use")));
        }
        found = true;
    }
    if !found {
        tally.wrong.push(Cite::whole(iommus.key(), format!("no IOMMU is in use, and {because}")));
    } else if groups.known()?.is_none_or(|groups| groups.is_empty()) {
        tally.wrong.push(Cite::whole(groups.key(), format!("there are no IOMMU groups, and {because}")));
    }
    if let Some(line) = tally.see(evidence.cmdline.required())
        && let Some(argument) = line.get("intremap")
        && argument.text().split(',').any(|word| matches!(word, "off" | "nosid"))
    {
        let seen = format!("intremap={}", argument.text());
        tally.wrong.push(Cite::bytes(evidence.cmdline.key(), argument.span, seen));
    }
    for device in &evidence.devices {
        if tally.see(passthrough::present(device)) != Some(true) {
            continue;
        }
        if let Some(None) = tally.see(device.group.known()) {
            tally
                .wrong
                .push(Cite::whole(device.group.key(), format!("{} has no IOMMU group", device.address)));
        }
    }
    tally.verdict("there is no IOMMU")
}
