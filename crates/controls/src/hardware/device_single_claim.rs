//! A device is named by one VM alone.
//!
//! ## Why
//! A device that goes back and forth between VMs carries what one left in it to the next, and the order in which they are
//! started decides who gets it. Two VMs that name it are two tenants that share hardware without anybody having said so.
//!
//! ## Where
//! The PCI addresses of `hostdev` elements in inactive and live XML of all VMs.
//!
//! ## Fix
//! Remove the `hostdev` from all VMs but one; where they are meant to share it, grant an exception for the device.
//!
//! ## Undo
//! Put the element back.
//!
//! ```fails
//! -- etc/libvirt/qemu/other.xml mode=0600 --
//! <domain type='kvm'><name>other</name><uuid>0c9d2d37-64a2-4a5f-9a55-1f6f3c1c2a11</uuid><devices>
//! <hostdev mode='subsystem' type='pci'><source><address bus='0x41' slot='0x00' function='0x0'/></source></hostdev>
//! </devices></domain>
//! ```
use formats::libvirt::TextOption as _;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Device, Evidence, View},
};

use crate::passthrough;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Device(Rule { judge, fix: Fix::Advice("remove the hostdev element from all VMs but one") }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A device is claimed by one VM",
        pt: "Um dispositivo é reivindicado por uma só VM",
        id: "Satu perangkat diklaim oleh satu VM",
    },
    why: "What one VM leaves in the device the other one finds there.",
    references: &["guide 1, PCI passthrough", "libvirt docs/formatdomain.rst, Host device assignment"],
};

fn judge(evidence: &Evidence, device: &Device, _: Reading) -> Judged {
    let claim = |view: &View| {
        let mut hostdevs = view.domain.devices.iter().flat_map(|devices| &devices.hostdevs);
        let found = hostdevs.find(|hostdev| hostdev.pci().as_ref() == Some(&device.address))?;
        let seen = format!("{} claims {}", view.domain.name.said().unwrap_or("a VM"), device.address);
        Some(Cite::bytes(&view.key, found.at.open, seen))
    };
    let claims = |uuid: &String| {
        let vm = evidence.vm(uuid)?;
        vm.configured.ok().and_then(claim).or_else(|| vm.live.ok().and_then(claim))
    };
    let cites: Vec<Cite> = device.vms.iter().take(4).filter_map(claims).collect();
    if device.vms.len() > 1 {
        return Ok(Verdict::Fail(cites));
    }
    passthrough::claims_are_known(evidence)?;
    Ok(Verdict::Pass(cites))
}
