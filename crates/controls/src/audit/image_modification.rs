//! Every change of a disk image by anyone but QEMU is recorded.
//!
//! ## Why
//! Who writes to an image from outside has the guest at its next start: a user, a key, a module. The guest itself can't
//! tell, and nothing in it records it.
//!
//! ## Where
//! The rules that the kernel holds (`AUDIT_LIST_RULES`): for every directory that holds an image of a VM, one that records
//! writing and changes of attributes by everyone but QEMU (`exe!=`, or `uid!=` its user); or, where there is SELinux, one
//! for files labelled `svirt_image_t`. Block devices are left out.
//!
//! ## Fix
//! Put `-a always,exit -F dir=DIRECTORY -F perm=wa -F uid!=libvirt-qemu -k vm-image` into
//! `/etc/audit/rules.d/60-baluarte.rules` (with SELinux: `-F obj_type=svirt_image_t -F perm=wa -F subj_type!=svirt_t`);
//! `augenrules --load`.
//!
//! ## Undo
//! Remove the line; `augenrules --load`.
//!
//! ## Guides
//! Guide 2's rule names `virt_image_t` and `qemu_t`. Since sVirt an image in use is `svirt_image_t` and QEMU `svirt_t`:
//! its rule misses every running VM, and without SELinux never fires.
//!
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"obj_type","op":"=","value":"virt_image_t"},{"field":"perm","op":"=","value":"wa"},{"field":"subj_type","op":"!=","value":"qemu_t"}],"keys":[]}
//! ```
//! ```fails
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/var/lib/libvirt/images"},{"field":"perm","op":"=","value":"wa"},{"field":"uid","op":"=","value":1000}],"keys":[]}
//! ```
//! ```passes
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"dir","op":"=","value":"/var/lib/libvirt"},{"field":"perm","op":"=","value":"wa"},{"field":"uid","op":"!=","value":64055}],"keys":[]}
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,selinux
//! -- netlink/audit-rules --
//! {"list":"exit","action":"always","syscalls":"all","fields":[{"field":"obj_type","op":"=","value":"svirt_image_t"},{"field":"perm","op":"=","value":"wa"},{"field":"subj_type","op":"!=","value":"svirt_t"}],"keys":[]}
//! ```
use std::collections::BTreeSet;

use formats::netlink::audit;
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::audit_rules::{self, Rules};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "add `-a always,exit -F dir=DIRECTORY -F perm=wa -F uid!=libvirt-qemu -k vm-image` to /etc/audit/rules.d, `augenrules --load`",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Changes of disk images from outside are recorded",
        pt: "Mudanças externas nas imagens de disco são registradas",
        id: "Perubahan citra disk dari luar dicatat",
    },
    why: "Who writes to an image has the guest at its next start, and nothing in the guest records it.",
    references: &[
        "guide 2, Auditoria: modificação de imagens",
        "auditctl(8)",
        "libvirt docs/drvqemu.rst, SELinux",
    ],
};

/// `S_IFMT` and `S_IFBLK` of inode(7).
const BLOCK: (u32, u32) = (0o170_000, 0o060_000);

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let is_file = |stat: &model::recording::Stat| stat.mode & BLOCK.0 != BLOCK.1;
    let files = evidence.images.iter().filter(|image| image.stat.ok().is_none_or(is_file));
    let directory = |path: &'_ str| path.rsplit_once('/').map(|(directory, _)| directory.to_owned());
    let directories: BTreeSet<String> = files.filter_map(|image| directory(&image.path)).collect();
    if directories.is_empty() {
        return Ok(Verdict::NotApplicable("no VM has an image in a file"));
    }
    let rules = Rules::of(evidence)?;
    if let Some(rule) = rules.find(watches_label) {
        return Ok(Verdict::Pass(vec![
            rules.cite(format!("images in use are watched by label (rule {})", audit_rules::name(rule))),
        ]));
    }
    audit_rules::judge_watches(evidence, directories.iter().map(String::as_str), "wa")
}

/// A rule on the label that sVirt gives to images in use.
fn watches_label(rule: &audit::Rule) -> bool {
    use audit::Operator::{Equal, NotEqual};
    let mut there = false;
    rule.fields.iter().all(|field| {
        let text = field.value.text().unwrap_or_default();
        match (field.field.as_str(), field.operator) {
            ("obj_type", Equal) => {
                there = text == "svirt_image_t";
                there
            }
            ("perm", Equal) => text.contains('w') && text.contains('a'),
            ("subj_type" | "exe", NotEqual) => true,
            ("arch", Equal) => text != "b32",
            _ => false,
        }
    }) && there
}
