//! The guest may know that it is a guest.
//!
//! ## Why
//! Hiding KVM is done for drivers and games that refuse to run in a VM. It also takes from the guest the means to notice that: agents, time
//! sources and security software that adapt to a hypervisor then judge a machine that isn't there.
//!
//! ## Where
//! `features/kvm/hidden` with `state='on'`, and `features/hyperv/vendor_id` with `state='on'` and a value, in inactive and live XML.
//!
//! ## Fix
//! `virsh edit VM`: remove the elements, unless a driver needs them; then grant.
//!
//! ## Undo
//! Put the elements back and restart the VM.
//!
//! ```fails vm
//! <features><acpi/><kvm><hidden state='on'/></kvm></features>
//! ```
//! ```fails vm inactive
//! <features><acpi/><hyperv mode='custom'><vendor_id state='on' value='none'/></hyperv></features>
//! ```
//! ```passes vm
//! <features><acpi/><kvm><hidden state='off'/></kvm><hyperv mode='custom'><synic state='on'/></hyperv></features>
//! ```
use formats::libvirt::TextOption as _;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Info,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("remove `kvm/hidden` and `hyperv/vendor_id` with `virsh edit`"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The hypervisor is not hidden from the guest",
        pt: "O hipervisor não é escondido da VM",
        id: "Hypervisor tidak disembunyikan dari VM",
    },
    why: "Software in the guest judges a machine that isn't there.",
    references: &["libvirt docs/formatdomain.rst, Hypervisor features"],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let features = view.domain.features.as_ref();
    let hidden =
        features.and_then(|features| features.kvm.as_ref()?.hidden.as_ref()).filter(|hidden| hidden.is_on());
    let vendor = features.and_then(|features| features.hyperv.as_ref()?.vendor_id.as_ref());
    let vendor = vendor.filter(|vendor| vendor.state.is("on"));
    let mut wrong: Vec<Cite> =
        hidden.map(|hidden| Cite::bytes(&view.key, hidden.at.open, "KVM is hidden")).into_iter().collect();
    wrong.extend(
        vendor
            .map(|vendor| Cite::bytes(&view.key, vendor.at.open, "Hyper-V has a vendor that isn't its own")),
    );
    Ok(Verdict::unless(wrong, vec![Cite::whole(&view.key, "nothing is hidden")]))
}
