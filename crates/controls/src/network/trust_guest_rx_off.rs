//! A guest cannot tell the host to deliver it frames for other addresses.
//!
//! ## Why
//! With `trustGuestRxFilters` on, QEMU passes on what the guest says of its network card: its own new MAC address, its
//! multicast list, promiscuous mode. On a macvtap the host then sets all that on the physical device, and the guest
//! takes over another's address, or hears the whole wire.
//!
//! ## Where
//! `interface/@trustGuestRxFilters` of inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`), there also of
//! `actual`, which holds what the libvirt network of the interface says. Unset means no.
//!
//! ## Fix
//! `virsh edit VM`: write `trustGuestRxFilters='no'`. Where the network says yes, the interface's own no wins.
//!
//! ## Undo
//! Put the former value back and restart the VM.
//!
//! ```fails vm
//! <interface type='direct' trustGuestRxFilters='yes'><mac address='52:54:00:3a:91:07'/><source dev='eno2' mode='bridge'/><model type='virtio'/></interface>
//! ```
//! ```fails vm inactive
//! <interface type='network' trustGuestRxFilters="yes"><mac address='52:54:00:3a:91:07'/><source network='tenant'/></interface>
//! ```
//! ```fails vm live
//! <interface type='network'><mac address='52:54:00:3a:91:07'/><source network='tenant'/><actual type='direct' trustGuestRxFilters='yes'><source dev='eno2' mode='bridge'/></actual></interface>
//! ```
//! ```passes vm
//! <interface type='direct' trustGuestRxFilters='no'><mac address='52:54:00:3a:91:07'/><source dev='eno2' mode='bridge'/></interface>
//! ```
use formats::{
    Splice,
    libvirt::{Text, TextOption as _, domain},
};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Interface},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Interface(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Receive filters are not the guest's to set",
        pt: "Os filtros de recepção não são definidos pelo convidado",
        id: "Filter penerimaan tidak ditentukan oleh guest",
    },
    why: "The guest takes over another's address, or hears every frame of the physical network.",
    references: &[
        "libvirt docs/formatdomain.rst, Network interfaces: trustGuestRxFilters",
        "QEMU qapi/net.json, NIC_RX_FILTER_CHANGED",
    ],
};

/// Interfaces without a device of the host whose filters could be set (`virDomainNetType`).
const WITHOUT: [&str; 6] = ["user", "hostdev", "mcast", "server", "client", "udp"];

/// Where it says yes.
fn trusted(interface: &domain::Interface) -> impl Iterator<Item = &Text> {
    let actual = interface.actual.as_ref().and_then(|actual| actual.trust_guest_rx_filters.as_ref());
    interface.trust_guest_rx_filters.iter().chain(actual).filter(|text| &*text.value == "yes")
}

fn judge(evidence: &Evidence, interface: &Interface, reading: Reading) -> Judged {
    let Some((view, interface)) = interface.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("the VM has no such XML"));
    };
    if interface.kind.is_any(&WITHOUT) {
        return Ok(Verdict::NotApplicable("no device of the host carries it"));
    }
    let wrong = trusted(interface)
        .map(|text| Cite::bytes(&view.key, text.span, "trustGuestRxFilters = yes"))
        .collect();
    Ok(Verdict::unless(
        wrong,
        vec![Cite::bytes(&view.key, interface.at.open, "trustGuestRxFilters is not yes")],
    ))
}

fn remedy(evidence: &Evidence, interface: &Interface) -> Result<Vec<Change>, Missing> {
    let Some((view, found)) = interface.view(evidence, Reading::Configured)? else { return Ok(vec![]) };
    let mut splices: Vec<Splice> = trusted(found).map(|text| Splice::new(text.span, "no")).collect();
    let live = interface.view(evidence, Reading::Effective)?;
    // What only its network says: the interface's own word wins.
    let inherited = live.is_some_and(|(_, live)| trusted(live).next().is_some());
    if splices.is_empty() && inherited && found.trust_guest_rx_filters.is_none() {
        let after = found.at.open.start as usize + "<interface".len();
        splices.push(Splice::new(after..after, " trustGuestRxFilters='no'"));
    }
    let Some(vm) = evidence.vms.get(interface.vm) else { return Ok(vec![]) };
    Ok(ask::edit_domain(&vm.uuid, view, splices))
}
