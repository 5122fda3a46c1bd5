//! No disk drops the guest's flushes.
//!
//! ## Why
//! With `cache='unsafe'` QEMU answers a flush before anything is on the disk. A crash of the host then loses what the
//! guest was told is safe: databases, journals, audit trails.
//!
//! ## Where
//! `driver/@cache` of each disk in inactive and live XML: anything but `unsafe`.
//!
//! ## Fix
//! Set `cache='writeback'`, which is as fast for all but flushes, and shut down and start the VM.
//!
//! ## Undo
//! Put the former value back and restart the VM.
//!
//! ```fails vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2' cache='unsafe'/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
//! ```passes vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2' cache='none'/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
use formats::{
    Span, Splice,
    libvirt::{Text, domain},
};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Disk, Evidence},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Disk(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No disk uses cache=unsafe",
        pt: "Nenhum disco usa cache=unsafe",
        id: "Tidak ada disk dengan cache=unsafe",
    },
    why: "A crash of the host loses what the guest was told is on the disk.",
    references: &[
        "libvirt docs/formatdomain.rst, Hard drives: cache",
        "QEMU docs/system/qemu-block-drivers.rst.inc",
    ],
};

/// The values that are wrong, each with its place.
fn wrong(disk: &domain::Disk) -> Vec<(&Text, Span)> {
    let driver = disk.driver.iter();
    let said = driver.flat_map(|driver| [&driver.cache]).flatten();
    said.filter(|said| &*said.value == "unsafe").map(|said| (said, said.span)).collect()
}

fn judge(evidence: &Evidence, disk: &Disk, reading: Reading) -> Judged {
    let Some((view, disk)) = disk.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("the VM's XML has no such disk"));
    };
    let wrong = wrong(disk)
        .into_iter()
        .map(|(said, span)| Cite::bytes(&view.key, span, format!("cache {}", said.value)));
    Ok(Verdict::unless(wrong.collect(), vec![Cite::bytes(&view.key, disk.at.open, "flushes reach the disk")]))
}

fn remedy(evidence: &Evidence, disk: &Disk) -> Result<Vec<Change>, Missing> {
    let Some(vm) = evidence.vms.get(disk.vm) else { return Ok(vec![]) };
    let Some((view, disk)) = disk.view(evidence, Reading::Configured)? else { return Ok(vec![]) };
    let splices = wrong(disk).into_iter().map(|(_, span)| Splice::new(span, "writeback")).collect();
    Ok(ask::edit_domain(&vm.uuid, view, splices))
}
