//! No VM is given a PCI device of the host unless the operator has said so.
//!
//! ## Why
//! A passed-through device reads and writes memory by itself, keeps what a guest wrote into its firmware, and takes it to the
//! next guest. Each one is a hole in the wall between guest and hardware that has to be wanted, and known.
//!
//! ## Where
//! Each PCI device that a VM's inactive or live XML names in `<hostdev type='pci'>`; it must be in the list `passthrough` of
//! `/etc/baluarte/policy.toml`, as `0000:41:00.0`. Without the file no device is.
//!
//! ## Fix
//! `virsh edit VM`: remove the `<hostdev>`; give the VM an emulated or virtio device. Or add the address to the policy, and see
//! the other controls of `hardware` for what such a device needs.
//!
//! ## Undo
//! Put the element back, or take the address out of the policy.
//!
//! ```fails
//! -- etc/baluarte/policy.toml --
//! passthrough = ["0000:41:00.1"]
//! ```
//! ```fails
//! -- etc/baluarte/policy.toml absent --
//! ```
//! ```passes
//! -- etc/baluarte/policy.toml --
//! passthrough = ["0000:41:00.0", "0000:42:00.0"]
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Device, Evidence},
    fact::Fact,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Device(Rule {
        judge,
        fix: Fix::Advice(
            "remove the <hostdev> with `virsh edit`, or add the address to `passthrough` in /etc/baluarte/policy.toml",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "PCI devices are passed through only where the policy says so",
        pt: "Dispositivos PCI são repassados apenas onde a política permite",
        id: "Perangkat PCI hanya diteruskan bila kebijakan mengizinkan",
    },
    why: "The device reads and writes memory by itself, and takes what one guest wrote into it to the next.",
    references: &[
        "guide 1, PCI passthrough",
        "libvirt docs/formatdomain.rst, Host device assignment",
        "Linux Documentation/driver-api/vfio.rst",
    ],
};

fn judge(evidence: &Evidence, device: &Device, _: Reading) -> Judged {
    let policy = evidence.policy.known()?;
    let allowed = policy.is_some_and(|policy| policy.passthrough.contains(&device.address));
    let vms = device.vms.iter().filter_map(|uuid| evidence.vm(uuid));
    let views = vms.flat_map(|vm| [(vm, &vm.configured), (vm, &vm.live)]);
    let mut cites = vec![];
    for (vm, view) in views.filter_map(|(vm, fact)| Fact::ok(fact).map(|view| (vm, view))) {
        let hostdevs = view.domain.devices.iter().flat_map(|devices| &devices.hostdevs);
        for hostdev in hostdevs.filter(|hostdev| hostdev.pci().as_ref() == Some(&device.address)) {
            let word = if allowed { "as the policy says" } else { "and no policy says so" };
            let seen = format!("{} is given {}, {word}", vm.name, device.address);
            cites.push(Cite::bytes(&view.key, hostdev.at.open, seen));
        }
    }
    Ok(if allowed { Verdict::Pass(cites) } else { Verdict::Fail(cites) })
}
