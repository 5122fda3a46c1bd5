//! Every interface of a VM has one fixed unicast MAC address, and no other of its VM's interfaces has the same.
//!
//! ## Why
//! Filters, DHCP leases and static forwarding tables know a guest by its MAC address. Without a fixed one libvirt makes a
//! new one at every start and all of them miss; with a group address as its own, what the guest sends looks like
//! multicast to every switch; with the same address twice, frames go to whichever spoke last.
//!
//! ## Where
//! `interface/mac/@address` of the VM's inactive XML (`/etc/libvirt/qemu`): there, not a group address (lowest bit of the
//! first byte), not all zero, not twice in one VM. The same address in two VMs is not judged here.
//!
//! ## Fix
//! `virsh edit VM`: write an address below `52:54:00`, QEMU's own prefix. The remedy makes one from the VM's UUID.
//! The guest sees a new network card: its configuration may have to be told.
//!
//! ## Undo
//! Put the former address back and restart the VM.
//!
//! ## Guides
//! Guide 2 writes `54:52:00`, a prefix of old versions of virt-install that nobody was ever given; QEMU's is `52:54:00`.
//!
//! ```fails vm inactive
//! <interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>
//! ```
//! ```fails vm inactive
//! <interface type='user'/>
//! ```
//! ```fails vm
//! <interface type='bridge'><mac address='53:54:00:3a:91:07'/><source bridge='br0'/></interface>
//! ```
//! ```fails vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/></interface>
//! <interface type='network'><mac address='52:54:00:3A:91:07'/><source network='tenant'/></interface>
//! ```
//! ```passes vm
//! <interface type='bridge'><mac address='fa:16:3e:3a:91:07'/><source bridge='br0'/></interface>
//! <interface type='hostdev'><mac address='52:54:00:6d:90:02'/><source><address type='pci' domain='0' bus='7' slot='0' function='1'/></source></interface>
//! ```
use formats::{
    Splice,
    libvirt::{TextOption as _, domain},
};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Interface, View},
    fact::Missing,
};

use crate::{ask, tap, xml_edit};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Interface(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles { en: "Fixed MAC address", pt: "Endereço MAC fixo", id: "Alamat MAC tetap" },
    why: "Filters, leases and forwarding tables that know a guest by its address miss it, or take another for it.",
    references: &[
        "guide 2, Rede virtual: ebtables e MAC",
        "libvirt docs/formatdomain.rst, Network interfaces: mac",
        "IEEE 802-2014, 8.2.2 (individual or group address)",
    ],
};

fn address(interface: &domain::Interface) -> Option<&str> {
    interface.mac.as_ref().and_then(|mac| mac.address.said())
}

fn judge(evidence: &Evidence, subject: &Interface, reading: Reading) -> Judged {
    let Some((view, interface)) = subject.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("it is not in the VM's inactive XML"));
    };
    let span = interface.mac.as_ref().map_or(interface.at.open, |mac| mac.at.open);
    let said = address(interface);
    let seen = match said.map(tap::mac) {
        None => "no MAC address".to_owned(),
        Some(None) => "not a MAC address".to_owned(),
        Some(Some([first, ..])) if first & 1 == 1 => {
            format!("{} is a group address", said.unwrap_or_default())
        }
        Some(Some([0, 0, 0, 0, 0, 0])) => "the MAC address is all zero".to_owned(),
        Some(Some(_)) if twice(view, said.unwrap_or_default()) => {
            format!("{} is there twice", said.unwrap_or_default())
        }
        Some(Some(_)) => {
            return Ok(Verdict::Pass(vec![Cite::bytes(
                &view.key,
                span,
                said.unwrap_or_default().to_owned(),
            )]));
        }
    };
    Ok(Verdict::Fail(vec![Cite::bytes(&view.key, span, seen)]))
}

fn twice(view: &View, mac: &str) -> bool {
    let all = view.domain.devices.iter().flat_map(|devices| &devices.interfaces);
    all.filter_map(address).filter(|other| other.eq_ignore_ascii_case(mac)).count() > 1
}

/// An address of QEMU's prefix that no interface here has yet, always the same for the same VM and place (FNV-1a).
fn fresh(evidence: &Evidence, uuid: &str, index: usize) -> String {
    let taken = |mac: &str| evidence.interfaces.iter().any(|other| other.id.ends_with(mac));
    let seed =
        uuid.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let made = |number: u32| {
        let [_, a, b, c] = number.to_be_bytes();
        format!("52:54:00:{a:02x}:{b:02x}:{c:02x}")
    };
    let first = seed.wrapping_add(u32::try_from(index).unwrap_or(0));
    (0..=u32::from(u16::MAX))
        .map(|step| made(first.wrapping_add(step)))
        .find(|mac| !taken(mac))
        .unwrap_or_else(|| made(first))
}

fn remedy(evidence: &Evidence, subject: &Interface) -> Result<Vec<Change>, Missing> {
    let Some((view, interface)) = subject.view(evidence, Reading::Configured)? else { return Ok(vec![]) };
    let Verdict::Fail(_) = judge(evidence, subject, Reading::Configured)? else { return Ok(vec![]) };
    let Some(vm) = evidence.vms.get(subject.vm) else { return Ok(vec![]) };
    let mac = fresh(evidence, &vm.uuid, subject.configured.unwrap_or(0));
    let splice = match &interface.mac {
        Some(element) => Splice::new(element.at.span, format!("<mac address='{mac}'/>")),
        None => xml_edit::insert(interface.at, "interface", &format!("<mac address='{mac}'/>")),
    };
    Ok(ask::edit_domain(&vm.uuid, view, vec![splice]))
}
