//! Each image is one VM's alone, unless all only read it.
//!
//! ## Why
//! Two guests that write one ordinary file system destroy it, and each reads what the other left. libvirt gives a
//! `shareable` disk a label without categories, so that every VM on the host may open it, not only the two.
//!
//! ## Where
//! Every disk in inactive and live XML whose source is the image: more than one VM and one of them writes, or any of
//! them says `<shareable/>`. CD drives and `<readonly/>` disks only read.
//!
//! ## Fix
//! Give each VM its own image (`qemu-img create -b BASE -F FORMAT`), or `<readonly/>` to all that only read. A cluster
//! file system that needs a shared disk is an exception to be granted, with `lock_manager` set.
//!
//! ## Undo
//! Put the former `source` or `<shareable/>` back and restart the VMs.
//!
//! ```fails
//! -- etc/libvirt/qemu/web2.xml mode=0600 --
//! <domain type='kvm'><name>web2</name><uuid>a1f1b1d2-0000-4000-8000-000000000002</uuid><devices>
//!   <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
//!     <source file='/var/lib/libvirt/images/web1.qcow2'/><target dev='vda' bus='virtio'/></disk>
//! </devices></domain>
//! ```
//! ```fails vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2'/><shareable/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
//! ```passes vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2'/><readonly/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! -- etc/libvirt/qemu/web2.xml mode=0600 --
//! <domain type='kvm'><name>web2</name><uuid>a1f1b1d2-0000-4000-8000-000000000002</uuid><devices>
//!   <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
//!     <source file='/var/lib/libvirt/images/web1.qcow2'/><readonly/><target dev='vda' bus='virtio'/></disk>
//! </devices></domain>
//! ```
use formats::libvirt::{TextOption as _, domain};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image},
};

use crate::images;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Image(Rule {
        judge,
        fix: Fix::Advice("Give each VM its own image, or <readonly/> to all VMs that only read it."),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No disk is shared for writing",
        pt: "Nenhum disco é compartilhado para escrita",
        id: "Tidak ada disk yang dibagi untuk ditulis",
    },
    why: "A shared disk is a way from one guest into another, and its label opens it to all.",
    references: &[
        "libvirt docs/drvqemu.rst, SELinux sVirt confinement: shared disks",
        "libvirt docs/formatdomain.rst, Hard drives: shareable",
    ],
};

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    image.chain.known()?;
    let (mut writers, mut right) = (vec![], vec![]);
    let mut shareable = false;
    for (view, disk) in images::disks(evidence, image) {
        let place = disk.source.as_ref().map_or(disk.at.open, |source| source.at.open);
        let cite = |seen: String| Cite::bytes(&view.key, place, seen);
        if only_reads(disk) {
            right.push(cite("only read".to_owned()));
        } else {
            shareable |= disk.shareable.is_some();
            writers.push(cite(format!(
                "written{}",
                if disk.shareable.is_some() { ", and shareable" } else { "" }
            )));
        }
    }
    let shared = image.vms.len() > 1 && !writers.is_empty();
    if shared || shareable {
        writers.extend(right);
        return Ok(Verdict::Fail(writers));
    }
    images::all_vms_read(evidence)?;
    right.extend(writers);
    Ok(Verdict::Pass(right))
}

fn only_reads(disk: &domain::Disk) -> bool {
    disk.readonly.is_some() || disk.device.is("cdrom")
}
