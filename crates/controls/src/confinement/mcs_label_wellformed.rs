//! On a SELinux host the label of each image is a label.
//!
//! ## Why
//! A label that the kernel can't understand counts as `unlabeled_t`. What may use that differs from policy to policy,
//! and it is never only the VM. Such labels come from copying a file with its attributes, or from a guide with a
//! mistake in it.
//!
//! ## Where
//! `security.selinux` of each image that a VM's XML names: `user:role:type`, and with categories `:sN:cA,cB`. Not
//! applicable without SELinux.
//!
//! ## Fix
//! `restorecon PATH`, or set `system_u:object_r:virt_image_t:s0`. libvirt gives the VM's own label at its next start.
//!
//! ## Undo
//! `setfattr` with the former value.
//!
//! ## Guides
//! Guide 1 shows the label `s0:419,c172`: the first category lacks its `c`, and libvirt writes the smaller one first,
//! `s0:c172,c419`.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 xattr=security.selinux=system_u:object_r:svirt_image_t:s0:419,c172 --
//! ```
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 xattr=security.selinux=svirt_image_t --
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 xattr=security.selinux=system_u:object_r:virt_image_t:s0 --
//! ```
use formats::kernel::label::Context;
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image},
    fact::Missing,
    finding::Disposition,
};

use crate::mac;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Image(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Image labels are well formed",
        pt: "Os rótulos das imagens são bem formados",
        id: "Label citra berbentuk benar",
    },
    why: "A label the kernel can't understand counts as unlabeled, for whoever may use that.",
    references: &[
        "guide 1, sVirt: labels and categories",
        "Linux security/selinux/ss/mls.c, mls_context_to_sid",
    ],
};

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    let Some(label) = mac::image_label(evidence, image)? else {
        return Ok(Verdict::NotApplicable("the kernel has no SELinux, or the image is not there"));
    };
    Ok(match Context::parse(label.as_bytes()) {
        Ok(context) => Verdict::Pass(vec![Cite::whole(&image.key, context.to_string())]),
        Err(malformed) => Verdict::Fail(vec![Cite::whole(&image.key, format!("{label}: {}", malformed.why))]),
    })
}

fn remedy(evidence: &Evidence, image: &Image) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, image, Reading::Effective)? else { return Ok(vec![]) };
    let label = "system_u:object_r:virt_image_t:s0".to_owned();
    let (path, name) = (image.path.clone(), "security.selinux".to_owned());
    Ok(vec![Change::new(Action::SetXattr { path, name, value: Some(label) }, Disposition::Live)])
}
