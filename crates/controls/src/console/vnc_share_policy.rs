//! A VNC console keeps to a policy of who may look on while another works.
//!
//! ## Why
//! With the policy `ignore` every client is let in beside the others and none is told: somebody looks on unseen while
//! an administrator types a password.
//!
//! ## Where
//! `graphics/@sharePolicy` of type `vnc` in inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`):
//! `allow-exclusive`, which is what it is where it is not said, or `force-shared`, but not `ignore`.
//!
//! ## Fix
//! `virsh edit VM`: write `sharePolicy='allow-exclusive'`.
//!
//! ## Undo
//! Put the former value back and restart the VM.
//!
//! ```fails vm
//! <graphics type='vnc' port='-1' listen='127.0.0.1' sharePolicy='ignore'/>
//! ```
//! ```passes vm
//! <graphics type='vnc' port='-1' listen='127.0.0.1' sharePolicy='force-shared'/>
//! ```
use formats::{Splice, libvirt::TextOption as _};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
};

use crate::{ask, vnc};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VNC has a sharing policy",
        pt: "O VNC tem uma política de compartilhamento",
        id: "VNC punya kebijakan berbagi",
    },
    why: "Somebody may look on unseen while an administrator works.",
    references: &[
        "libvirt docs/formatdomain.rst, Graphical framebuffers: sharePolicy",
        "QEMU qemu-options.hx, -vnc share=",
    ],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let (mut wrong, mut right) = (vec![], vec![]);
    for graphics in vnc::consoles(view) {
        match &graphics.share_policy {
            Some(text) if &*text.value == "ignore" => {
                wrong.push(Cite::bytes(&view.key, text.span, "sharePolicy = ignore"))
            }
            _ => {
                let policy = graphics.share_policy.said().unwrap_or("allow-exclusive, the default");
                right.push(Cite::bytes(&view.key, graphics.at.open, format!("sharePolicy is {policy}")));
            }
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("the VM has no VNC console"));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(_: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let policies = vnc::consoles(view).filter_map(|graphics| graphics.share_policy.as_ref());
    let wrong = policies.filter(|text| &*text.value == "ignore");
    Ok(ask::edit_domain(
        &vm.uuid,
        view,
        wrong.map(|text| Splice::new(text.span, "allow-exclusive")).collect(),
    ))
}
