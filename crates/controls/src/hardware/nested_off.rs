//! A guest can't be a hypervisor itself.
//!
//! ## Why
//! Nested virtualization puts the largest and most delicate part of KVM, the emulation of VMX or SVM, in reach of the
//! guest. Much of what ever led from a guest into the host's kernel was found there, and hardly any guest needs it. The
//! kernel's default is on.
//!
//! ## Where
//! `/sys/module/kvm_intel/parameters/nested` or that of `kvm_amd`: where it is on, no VM may see VMX or SVM. A VM sees it by
//! `<cpu mode='host-passthrough'>`, `host-model` or `maximum`, unless `<feature policy='disable' name='vmx'/>` (`svm` on AMD)
//! takes it away, or by a feature `vmx` or `svm` it asks for. Inactive and live XML both count.
//!
//! ## Fix
//! No VM needs it: write `options kvm_intel nested=0` (`kvm_amd` on AMD) to `/etc/modprobe.d/kvm.conf`, then reload the module
//! while no VM runs, or reboot. Some do: `virsh edit` the others and add `<feature policy='disable' name='vmx'/>` to `<cpu>`,
//! then grant an exception for the host.
//!
//! ## Undo
//! Remove the line and reload the module.
//!
//! ```fails vm
//! <cpu mode='host-passthrough' check='none'/>
//! -- sys/module/kvm_intel/parameters/nested --
//! Y
//! ```
//! ```fails vm inactive
//! <cpu mode='host-model'/>
//! -- sys/module/kvm_intel/parameters/nested absent --
//! -- sys/module/kvm_amd/parameters/nested --
//! 1
//! ```
//! ```fails vm live
//! <cpu mode='custom' match='exact'><model>Skylake-Server</model><feature policy='require' name='vmx'/></cpu>
//! -- sys/module/kvm_intel/parameters/nested --
//! Y
//! ```
//! ```passes vm
//! <cpu mode='host-passthrough'><feature policy='disable' name='vmx'/></cpu>
//! -- sys/module/kvm_intel/parameters/nested --
//! Y
//! ```
//! ```passes vm
//! <cpu mode='host-passthrough'/>
//! ```
use formats::{
    Span,
    libvirt::{TextOption as _, domain::Cpu},
};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
};

use crate::{module, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "set `options kvm_intel nested=0` (kvm_amd) in /etc/modprobe.d, or disable vmx (svm) in the CPU of each VM",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Guests can't run hypervisors",
        pt: "VMs não podem executar hipervisores",
        id: "VM tidak dapat menjalankan hypervisor",
    },
    why: "It puts the most delicate part of KVM in reach of a guest that has no need of it.",
    references: &[
        "Linux Documentation/virt/kvm/x86/running-nested-guests.rst",
        "libvirt docs/formatdomain.rst, CPU model and topology",
        "CIS OpenShift Virtual Machine Extension 1.0.0, nested virtualization disabled",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let mut tally = Tally::default();
    let mut on = None;
    for name in ["kvm_intel", "kvm_amd"] {
        let nested = module::parameter(evidence, name, "nested");
        let Some(Some(value)) = tally.see(nested.known()) else { continue };
        let off = matches!(*value, "N" | "0");
        tally.right.push(Cite::whole(nested.key(), format!("nested = {value}")));
        on = on.or_else(|| (!off).then(|| format!("{name} allows it")));
    }
    let Some(on) = on else { return tally.verdict("KVM is not loaded") };
    for vm in &evidence.vms {
        for fact in [&vm.live, &vm.configured] {
            let Some(Some(view)) = tally.see(fact.known()) else { continue };
            let Some(span) = view.domain.cpu.as_ref().and_then(exposing) else { continue };
            tally.wrong.push(Cite::bytes(&view.key, span, format!("{} sees VMX or SVM, and {on}", vm.name)));
        }
    }
    if tally.wrong.is_empty() {
        let seen = format!("no VM sees VMX or SVM, though {on}");
        tally.right.push(Cite::whole(&"etc/libvirt/qemu".into(), seen));
    }
    tally.verdict("KVM is not loaded")
}

/// What in a CPU shows VMX or SVM to the guest.
fn exposing(cpu: &Cpu) -> Option<Span> {
    let mut features = cpu.features.iter().filter(|feature| feature.name.is_any(&["vmx", "svm"]));
    if let Some(wanted) = features.clone().find(|feature| !feature.policy.is_any(&["disable", "forbid"])) {
        return Some(wanted.at.open);
    }
    let all = cpu.mode.is_any(&["host-passthrough", "host-model", "maximum"]);
    (all && features.next().is_none()).then_some(cpu.at.open)
}
