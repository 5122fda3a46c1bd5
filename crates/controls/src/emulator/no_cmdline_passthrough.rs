//! A VM's XML hands no raw arguments to QEMU.
//!
//! ## Why
//! `qemu:commandline` and its kin reach QEMU behind libvirt's back. libvirt neither labels nor confines what they add: a
//! file opened this way has no sVirt label, a socket no authentication, a device none of libvirt's checks.
//!
//! ## Where
//! `qemu:commandline`, `qemu:override`, `qemu:capabilities` and `qemu:deprecation` in inactive and live XML, whether
//! written with a prefix or with `xmlns="http://libvirt.org/schemas/domain/qemu/1.0"` on the element itself.
//!
//! ## Fix
//! `virsh edit VM`: remove the elements, and say the same with libvirt's own if it has them. Where the argument is
//! needed, grant an exception for this VM.
//!
//! ## Undo
//! Put the elements back and restart the VM.
//!
//! ```fails vm
//! <qemu:commandline><qemu:arg value='-device'/><qemu:arg value='edu'/></qemu:commandline>
//! ```
//! ```fails vm
//! <commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'><arg value='-s'/></commandline>
//! ```
//! ```fails vm inactive
//! <qemu:capabilities><qemu:del capability='seccomp-blacklist'/></qemu:capabilities>
//! ```
use formats::{Span, Splice};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No raw QEMU arguments",
        pt: "Nenhum argumento direto ao QEMU",
        id: "Tidak ada argumen QEMU langsung",
    },
    why: "What reaches QEMU behind libvirt's back is neither labelled nor confined nor checked.",
    references: &["libvirt docs/kbase/qemu-passthrough-security.rst", "guide 1, mandatory access controls"],
};

/// The elements of QEMU's namespace: what they are called, the whole of each, and its open tag.
fn passthrough(view: &View) -> Vec<(&'static str, Span, Span)> {
    let domain = &view.domain;
    let mut found = vec![];
    found.extend(domain.qemu_commandline.iter().map(|element| ("qemu:commandline", element.at)));
    found.extend(domain.qemu_override.iter().map(|element| ("qemu:override", element.at)));
    found.extend(domain.qemu_capabilities.iter().map(|element| ("qemu:capabilities", element.at)));
    found.extend(domain.qemu_deprecation.iter().map(|element| ("qemu:deprecation", element.at)));
    found.into_iter().map(|(name, at)| (name, at.span, at.open)).collect()
}

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let cite =
        |(name, _, open): (&'static str, Span, Span)| Cite::bytes(&view.key, open, format!("<{name}>"));
    let wrong = passthrough(view).into_iter().map(cite).collect();
    Ok(Verdict::unless(wrong, vec![Cite::whole(&view.key, "no passthrough elements")]))
}

fn remedy(_: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let splices = passthrough(view).into_iter().map(|(_, whole, _)| Splice::new(whole, "")).collect();
    Ok(ask::edit_domain(&vm.uuid, view, splices))
}
