//! A guest that crashes leaves no copy of its memory on the host.
//!
//! ## Why
//! With `coredump-destroy` and its kin libvirt writes the guest's whole memory, keys and all, to a file each time the guest crashes, and the
//! guest decides when that is. `preserve` keeps the dead guest and its memory until somebody looks.
//!
//! ## Where
//! `on_crash` in inactive and live XML is `destroy` (the default) or `restart`.
//!
//! ## Fix
//! `virsh edit VM`: set `<on_crash>destroy</on_crash>`, and restart the VM.
//!
//! ## Undo
//! Put the former word back and restart the VM.
//!
//! ```fails vm
//! <on_crash>coredump-destroy</on_crash>
//! ```
//! ```fails vm inactive
//! <on_crash>preserve</on_crash>
//! ```
//! ```passes vm
//! <on_crash>restart</on_crash>
//! ```
use formats::{Splice, libvirt::TextOption as _};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A crash leaves no memory dump",
        pt: "Uma falha da VM não deixa cópia da memória",
        id: "VM yang crash tidak meninggalkan dump memori",
    },
    why: "The guest's memory, keys and all, ends up in a file on the host.",
    references: &[
        "libvirt docs/formatdomain.rst, Events configuration",
        "libvirt src/qemu/qemu.conf.in, auto_dump_path",
    ],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let Some(text) = view.domain.on_crash.as_ref().and_then(|leaf| leaf.text.as_ref()) else {
        return Ok(Verdict::Pass(vec![Cite::whole(
            &view.key,
            "on_crash is not set; the default is destroy",
        )]));
    };
    let cite = vec![Cite::bytes(&view.key, text.span, format!("on_crash = {}", text.value))];
    let fine = view.domain.on_crash.is_any(&["destroy", "restart", "rename-restart"]);
    Ok(if fine { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}

fn remedy(evidence: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let Verdict::Fail(_) = judge(evidence, vm, Reading::Configured)? else { return Ok(vec![]) };
    let text = view.domain.on_crash.as_ref().and_then(|leaf| leaf.text.as_ref());
    let splices = text.map(|text| Splice::new(text.span, "destroy")).into_iter().collect();
    Ok(ask::edit_domain(&vm.uuid, view, splices))
}
