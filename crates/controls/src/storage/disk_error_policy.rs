//! No disk hides its errors from the guest.
//!
//! ## Why
//! With `error_policy='ignore'` a write that failed counts as done. The guest goes on with data that is not there, its
//! audit trail and its file system included, and nobody hears of it.
//!
//! ## Where
//! `driver/@error_policy` and `@rerror_policy` of each disk in inactive and live XML: anything but `ignore`.
//!
//! ## Fix
//! Set `stop`, which pauses the VM until there is room again, and shut down and start the VM.
//!
//! ## Undo
//! Put the former value back and restart the VM.
//!
//! ```fails vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2' error_policy='ignore'/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
//! ```fails vm inactive
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2' error_policy='stop' rerror_policy='ignore'/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
//! ```passes vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2' error_policy='enospace'/>
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
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Disk(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Disk errors are not ignored",
        pt: "Erros de disco não são ignorados",
        id: "Galat disk tidak diabaikan",
    },
    why: "A write that failed counts as done, and nobody hears of it.",
    references: &["libvirt docs/formatdomain.rst, Hard drives: error_policy"],
};

/// The values that are wrong, each with its place.
fn wrong(disk: &domain::Disk) -> Vec<(&Text, Span)> {
    let driver = disk.driver.iter();
    let said = driver.flat_map(|driver| [&driver.error_policy, &driver.rerror_policy]).flatten();
    said.filter(|said| &*said.value == "ignore").map(|said| (said, said.span)).collect()
}

fn judge(evidence: &Evidence, disk: &Disk, reading: Reading) -> Judged {
    let Some((view, disk)) = disk.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("the VM's XML has no such disk"));
    };
    let wrong = wrong(disk)
        .into_iter()
        .map(|(said, span)| Cite::bytes(&view.key, span, format!("on an error {}", said.value)));
    Ok(Verdict::unless(
        wrong.collect(),
        vec![Cite::bytes(&view.key, disk.at.open, "errors reach the guest or stop it")],
    ))
}

fn remedy(evidence: &Evidence, disk: &Disk) -> Result<Vec<Change>, Missing> {
    let Some(vm) = evidence.vms.get(disk.vm) else { return Ok(vec![]) };
    let Some((view, disk)) = disk.view(evidence, Reading::Configured)? else { return Ok(vec![]) };
    let splices = wrong(disk).into_iter().map(|(_, span)| Splice::new(span, "stop")).collect();
    Ok(ask::edit_domain(&vm.uuid, view, splices))
}
