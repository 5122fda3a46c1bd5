//! A VM has a slice of a shared device only where somebody granted it.
//!
//! ## Why
//! A mediated device is one card cut into pieces by its driver. What keeps the pieces apart is the vendor's code in the host's
//! kernel and in the card; the memory of a GPU has leaked between them before.
//!
//! ## Where
//! `hostdev` of type `mdev` in inactive and live XML.
//!
//! ## Fix
//! Remove it with `virsh edit`; where the VM needs it, grant an exception with an owner and an end.
//!
//! ## Undo
//! Put the element back and restart the VM.
//!
//! ```fails vm
//! <hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>
//! ```
use formats::libvirt::TextOption as _;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("remove the mediated device with `virsh edit`, or grant it to this VM"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Mediated devices are granted",
        pt: "Dispositivos mediados são autorizados",
        id: "Perangkat mediated diizinkan secara tertulis",
    },
    why: "Guests share one card, and only its driver and firmware keep them apart.",
    references: &[
        "Linux Documentation/driver-api/vfio-mediated-device.rst",
        "libvirt docs/formatdomain.rst, Host device assignment",
    ],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let hostdevs = view.domain.devices.iter().flat_map(|devices| &devices.hostdevs);
    let mediated = hostdevs.filter(|hostdev| hostdev.kind.is("mdev"));
    let wrong = mediated.map(|hostdev| {
        Cite::bytes(
            &view.key,
            hostdev.at.open,
            format!("mediated device {}", hostdev.mdev().unwrap_or("without UUID")),
        )
    });
    Ok(Verdict::unless(wrong.collect(), vec![Cite::whole(&view.key, "no mediated device")]))
}
