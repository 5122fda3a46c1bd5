//! On a SELinux host no image has the categories of a running VM that it does not belong to.
//!
//! ## Why
//! The categories of a file say whose it is. An image that kept the pair of a VM which crashed, or was copied with its
//! label, opens to the next VM that is given that pair.
//!
//! ## Where
//! `security.selinux` of each image that a VM's XML names, against the categories of every running emulator
//! (`/proc/PID/attr/current`). Not applicable without SELinux.
//!
//! ## Fix
//! With its own VM shut down, `restorecon PATH`. Take `relabel='no'` and static labels out of the XML of both VMs.
//!
//! ## Undo
//! The former label back with `chcon`.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current --
//! system_u:system_r:svirt_t:s0:c107,c434
//! -- etc/libvirt/qemu/web2.xml mode=0600 --
//! <domain type='kvm'><name>web2</name><uuid>a1f1b1d2-0000-4000-8000-000000000002</uuid><devices>
//!   <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
//!     <source file='/var/lib/libvirt/images/web2.qcow2'/><target dev='vda' bus='virtio'/></disk>
//! </devices></domain>
//! -- var/lib/libvirt/images/web2.qcow2 qcow2 mode=0600 xattr=security.selinux=system_u:object_r:svirt_image_t:s0:c107,c434 --
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current --
//! system_u:system_r:svirt_t:s0:c107,c434
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 xattr=security.selinux=system_u:object_r:svirt_image_t:s0:c107,c434 --
//! ```
use formats::kernel::label::Context;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image, mcs_pair},
};

use crate::mac;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Image(Rule {
        judge,
        fix: Fix::Advice(
            "Shut the image's own VM down, run restorecon on the image, and remove static labels.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No image has another VM's categories",
        pt: "Nenhuma imagem tem as categorias de outra VM",
        id: "Tidak ada citra dengan kategori VM lain",
    },
    why: "An image with another VM's categories is that VM's to read and write.",
    references: &[
        "guide 1, sVirt: labels and categories",
        "libvirt docs/drvqemu.rst, SELinux sVirt confinement",
    ],
};

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    let Some(label) = mac::image_label(evidence, image)? else {
        return Ok(Verdict::NotApplicable("the kernel has no SELinux, or the image is not there"));
    };
    let Ok(context) = Context::parse(label.as_bytes()) else {
        return Ok(Verdict::NotApplicable("its label is malformed: confinement.mcs-label-wellformed"));
    };
    let Some(pair) = mcs_pair(&context) else {
        return Ok(Verdict::Pass(vec![Cite::whole(&image.key, format!("{context}: no VM's pair"))]));
    };
    let holders = evidence.categories.holders(pair).iter().filter_map(|index| evidence.vms.get(*index));
    match holders.filter(|vm| !image.vms.contains(&vm.uuid)).map(|vm| &vm.name).next() {
        Some(name) => {
            Ok(Verdict::Fail(vec![Cite::whole(&image.key, format!("{context}: the pair of VM {name}"))]))
        }
        None => match &evidence.categories.unread {
            Some(missing) => Err(missing.clone()),
            None => {
                Ok(Verdict::Pass(vec![Cite::whole(&image.key, format!("{context}: no other VM's pair"))]))
            }
        },
    }
}
