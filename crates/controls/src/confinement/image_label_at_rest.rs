//! On a SELinux host each image has the label of an image: at rest that of all images, in use that of its VM alone.
//!
//! ## Why
//! The label of the file is the other half of sVirt. An image left as `default_t` or `user_home_t` is open to programs
//! that have nothing to do with VMs; one that does not follow its VM's categories is open to every other VM, and
//! `svirt_image_t` without categories, as a guide shows images at rest, is read and written by all of them (asked of the
//! kernel by /sys/fs/selinux/access: `svirt_t:s0:cA,cB` may open, read and write `svirt_image_t:s0`).
//!
//! ## Where
//! `security.selinux` of each image that a VM's XML names. While no VM that names it runs: `virt_image_t`
//! or `virt_content_t` without categories, and `fixed_disk_device_t` for a block device. While one runs: `svirt_image_t`
//! with the categories of its process; `virt_content_t` for what it only reads. Where the disk is `shareable`,
//! `svirt_image_t` without categories at any time. Not applicable without SELinux, and on file systems that keep no labels (NFS, SMB,
//! FUSE, Ceph), which have booleans of their own.
//!
//! ## Fix
//! At rest: `semanage fcontext -a -t virt_image_t 'PATH'` and `restorecon PATH`. In use: the label is set to what
//! libvirt gives, and a restart of the VM does the same.
//!
//! ## Undo
//! `semanage fcontext -d 'PATH'`, and the former label back with `chcon`.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- run/libvirt/qemu/web1.xml absent --
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 xattr=security.selinux=system_u:object_r:default_t:s0 --
//! ```
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- run/libvirt/qemu/web1.xml absent --
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 xattr=security.selinux=system_u:object_r:svirt_image_t:s0 --
//! ```
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current --
//! system_u:system_r:svirt_t:s0:c107,c434
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 xattr=security.selinux=system_u:object_r:svirt_image_t:s0:c1,c2 --
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- run/libvirt/qemu/web1.xml absent --
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 xattr=security.selinux=system_u:object_r:virt_image_t:s0 --
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
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image},
    fact::Missing,
    finding::Disposition,
};

use crate::{images, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 2,
    readings: Readings::Effective,
    scope: Scope::Image(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Images have their VM's SELinux label",
        pt: "As imagens têm o rótulo SELinux da sua VM",
        id: "Citra memiliki label SELinux milik VM-nya",
    },
    why: "An image with a foreign label is open to other VMs, or to programs that have nothing to do with VMs.",
    references: &[
        "guide 1, sVirt: labels of powered-off and running VMs",
        "libvirt docs/drvqemu.rst, SELinux sVirt confinement",
        "libvirt src/security/security_selinux.c",
    ],
};

/// Types of an image nobody uses, and of a disk of the host.
const AT_REST: [&str; 3] = ["virt_image_t", "virt_content_t", "fixed_disk_device_t"];
/// Types that the policy gives to whole file systems.
const WHOLE: [&str; 4] = ["nfs_t", "cifs_t", "fusefs_t", "cephfs_t"];

/// The labels of the running VMs that name an image.
fn users(evidence: &Evidence, image: &Image) -> Result<Vec<Context>, Missing> {
    let mut found = vec![];
    for vm in image.vms.iter().filter_map(|uuid| evidence.vm(uuid)) {
        if let Some(process) = vm.process(evidence)? {
            let label = evidence.bytes(&process.key("attr/current")).and_then(Context::parse);
            found.push(label.required()?.clone());
        }
    }
    Ok(found)
}

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    let Some(label) = mac::image_label(evidence, image)? else {
        return Ok(Verdict::NotApplicable("the kernel has no SELinux, or the image is not there"));
    };
    let Ok(context) = Context::parse(label.as_bytes()) else {
        return Ok(Verdict::NotApplicable("its label is malformed: confinement.mcs-label-wellformed"));
    };
    if WHOLE.contains(&context.kind.as_str()) {
        return Ok(Verdict::NotApplicable("its file system keeps no labels"));
    }
    let users = users(evidence, image)?;
    let cite = vec![Cite::whole(
        &image.key,
        format!("{context}, {}", if users.is_empty() { "at rest" } else { "in use" }),
    )];
    let none = context.categories().is_empty();
    let shared = || images::disks(evidence, image).any(|(_, disk)| disk.shareable.is_some());
    let fine = if users.is_empty() {
        none && (AT_REST.contains(&context.kind.as_str()) || context.kind == "svirt_image_t" && shared())
    } else {
        let same = |user: &Context| user.categories() == context.categories();
        let own = context.kind == "svirt_image_t" && (users.iter().any(same) || none && shared());
        own || context.kind == "virt_content_t"
    };
    Ok(if fine { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}

fn remedy(evidence: &Evidence, image: &Image) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, image, Reading::Effective)? else { return Ok(vec![]) };
    let user = users(evidence, image)?.into_iter().next();
    let label = match user.and_then(|user| user.range) {
        Some(range) => format!("system_u:object_r:svirt_image_t:{}", range.low),
        None => "system_u:object_r:virt_image_t:s0".to_owned(),
    };
    let path = || image.path.clone();
    let rule = Action::SelinuxFileContext { pattern: path(), context: Some("virt_image_t".to_owned()) };
    let now = Action::SetXattr { path: path(), name: "security.selinux".to_owned(), value: Some(label) };
    Ok([rule, now].map(|action| Change::new(action, Disposition::Live)).into())
}
