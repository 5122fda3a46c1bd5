//! No label of a VM is turned off in its XML: not of its process, not of one of its disks.
//!
//! ## Why
//! `<seclabel type='none'/>` starts a VM without a label on a host where all others have one, and a DAC label of root
//! starts it as root. `relabel='no'` on a disk leaves the image with whatever label it had, for whoever could reach it
//! before.
//!
//! ## Where
//! `seclabel` of the domain: `type='none'`, `model='none'`, or `model='dac'` with user or group 0; `seclabel` of a
//! disk's source and of its backing files: `relabel='no'`, and `labelskip='yes'`, which libvirt writes into the live
//! XML where a file system took no label (NFS without labels). Inactive XML (`/etc/libvirt/qemu`) and live XML
//! (`/run/libvirt/qemu`). A static label with `relabel='no'` on the domain passes: there the administrator labels.
//!
//! ## Fix
//! `virsh edit VM`: remove the element; libvirt then gives every start a label of its own. Shut the VM down and start
//! it. Put images that could not be labelled on a file system that keeps labels.
//!
//! ## Undo
//! Put the element back and restart the VM.
//!
//! ```fails vm
//! <seclabel type='none'/>
//! ```
//! ```fails vm inactive
//! <seclabel type='none' model='apparmor'/>
//! ```
//! ```fails vm
//! <seclabel type='static' model='dac' relabel='yes'><label>+0:+0</label></seclabel>
//! ```
//! ```fails vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2'/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'><seclabel model='selinux' relabel='no'/></source>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
//! ```passes vm
//! <seclabel type='static' model='selinux' relabel='no'><label>system_u:system_r:svirt_t:s0:c1,c2</label></seclabel>
//! <seclabel type='static' model='dac' relabel='yes'><label>+70001:+109</label></seclabel>
//! ```
use formats::{
    Splice,
    libvirt::{
        TextOption as _,
        domain::{Disk, Seclabel, Source},
    },
};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No security label is turned off",
        pt: "Nenhum rótulo de segurança está desativado",
        id: "Tidak ada label keamanan yang dimatikan",
    },
    why: "Without its label, a VM that is broken out of reaches what every other VM has.",
    references: &[
        "libvirt docs/formatdomain.rst, Security label",
        "libvirt docs/kbase/qemu-passthrough-security.rst",
        "guide 1, mandatory access controls",
    ],
};

/// The labels that are turned off, each with what is wrong.
fn off(view: &View) -> Vec<(&Seclabel, &'static str)> {
    let domain = view.domain.seclabels.iter().filter_map(|label| Some((label, of_process(label)?)));
    let disks = view.domain.devices.iter().flat_map(|devices| &devices.disks);
    let sources = disks.flat_map(sources).flat_map(|source| &source.seclabels);
    domain.chain(sources.filter_map(|label| Some((label, of_file(label)?)))).collect()
}

fn sources(disk: &Disk) -> impl Iterator<Item = &Source> {
    let layers = disk.backing.iter().flat_map(|chain| &chain.layers);
    disk.source.as_deref().into_iter().chain(layers.filter_map(|layer| layer.source.as_deref()))
}

fn of_process(label: &Seclabel) -> Option<&'static str> {
    if label.kind.is("none") {
        return Some("<seclabel type='none'>: the process has no label");
    }
    if label.model.is("none") {
        return Some("<seclabel model='none'>: the process has no label");
    }
    let root = |id: &str| ["0", "root"].contains(&id.trim_start_matches('+'));
    let ids = label.label.said().filter(|_| label.model.is("dac"));
    let as_root = ids.is_some_and(|ids| ids.trim().split(':').any(root));
    as_root.then_some("<seclabel model='dac'>: the process runs as root")
}

fn of_file(label: &Seclabel) -> Option<&'static str> {
    if label.relabel.flag() == Some(false) {
        return Some("<seclabel relabel='no'>: the image keeps the label it had");
    }
    (label.labelskip.flag() == Some(true))
        .then_some("<seclabel labelskip='yes'>: the image could not be labelled")
}

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let wrong =
        off(view).into_iter().map(|(label, seen)| Cite::bytes(&view.key, label.at.open, seen)).collect();
    Ok(Verdict::unless(wrong, vec![Cite::whole(&view.key, "no label is turned off")]))
}

fn remedy(_: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let splices = off(view).into_iter().map(|(label, _)| Splice::new(label.at.span, "")).collect();
    Ok(ask::edit_domain(&vm.uuid, view, splices))
}
