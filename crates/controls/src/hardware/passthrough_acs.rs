//! Nobody made the kernel or libvirt believe that devices are apart which are not.
//!
//! ## Why
//! Two devices behind a switch without ACS can write to each other's memory without passing the IOMMU. The kernel puts them
//! into one group for that; an override splits the group on paper only, and then each half goes to another guest.
//!
//! ## Where
//! No `pcie_acs_override` (a patch that is not in Linux) and no `pci=disable_acs_redir` or `config_acs` on `/proc/cmdline`;
//! `relaxed_acs_check` of `/etc/libvirt/qemu.conf` is 0, its default. With VFIO libvirt no longer looks at that key: it is asked
//! for because who sets it wanted it.
//!
//! ## Fix
//! Remove the argument from the kernel's command line and reboot; remove `relaxed_acs_check` from `/etc/libvirt/qemu.conf` and
//! restart the daemon. Give whole groups to one VM.
//!
//! ## Undo
//! Put them back.
//!
//! ```fails
//! -- proc/cmdline --
//! root=/dev/vda1 intel_iommu=on pcie_acs_override=downstream,multifunction
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! relaxed_acs_check = 1
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
};

use crate::{ask, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "remove `pcie_acs_override` from the kernel's command line and `relaxed_acs_check` from qemu.conf",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles { en: "ACS is not overridden", pt: "O ACS não é contornado", id: "ACS tidak diakali" },
    why: "Devices of different guests write to each other's memory behind the IOMMU.",
    references: &[
        "libvirt src/qemu/qemu.conf.in, relaxed_acs_check",
        "libvirt src/hypervisor/virhostdev.c, virHostdevPreparePCIDevices",
        "Linux Documentation/admin-guide/kernel-parameters.txt, pci=disable_acs_redir",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let mut tally = Tally::default();
    if let Some(line) = tally.see(evidence.cmdline.required()) {
        let overridden = line.get("pcie_acs_override");
        let weakened = |word: &str| word.starts_with("disable_acs_redir") || word.starts_with("config_acs");
        let found =
            overridden.or_else(|| line.all("pci").find(|argument| argument.text().split(',').any(weakened)));
        tally.file(
            found.is_none(),
            match found {
                Some(found) => Cite::bytes(
                    evidence.cmdline.key(),
                    found.span,
                    format!("{}={}", found.name.value, found.text()),
                ),
                None => Cite::whole(evidence.cmdline.key(), "no override of ACS"),
            },
        );
    }
    if let Some(setting) = tally.see(ask::setting(&evidence.qemu_conf, "relaxed_acs_check")) {
        tally.file(setting.int(0) == Some(0), setting.cite("0"));
    }
    tally.verdict("nothing was read")
}
