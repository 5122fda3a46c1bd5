//! The network filter of an interface is told the guest's IP address, and does not take the first that it hears.
//!
//! ## Why
//! Without the parameter `IP`, libvirt listens on the tap and takes the address of the first packet for the guest's own. A
//! guest that speaks first with another's address has it, and the filter then defends the thief.
//!
//! ## Where
//! `filterref/parameter` of the interface in inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`), where the
//! filter pins IP addresses: `IP` is set, or `CTRL_IP_LEARNING` is `dhcp` and `DHCPSERVER` names who may answer, or
//! `CTRL_IP_LEARNING` is `none`. Not applicable without such a filter: `network.nwfilter-attached` judges that.
//!
//! ## Fix
//! `virsh edit VM`: `<parameter name='IP' value='192.0.2.10'/>`, once for each address; or
//! `<parameter name='CTRL_IP_LEARNING' value='dhcp'/>` with `<parameter name='DHCPSERVER' value='192.0.2.1'/>`.
//!
//! ## Undo
//! Remove the parameter and restart the VM.
//!
//! ```fails vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/><target dev='vnet0'/><filterref filter='clean-traffic'/></interface>
//! ```
//! ```fails vm inactive
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/><filterref filter='clean-traffic'><parameter name='CTRL_IP_LEARNING' value='dhcp'/></filterref></interface>
//! ```
//! ```fails vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/><filterref filter='clean-traffic'><parameter name='CTRL_IP_LEARNING' value='any'/></filterref></interface>
//! ```
//! ```passes vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/><filterref filter='clean-traffic'><parameter name='CTRL_IP_LEARNING' value='dhcp'/><parameter name='DHCPSERVER' value='192.0.2.1'/></filterref></interface>
//! ```
//! ```n/a vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/></interface>
//! ```
use formats::libvirt::{TextOption as _, domain::Filterref};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Interface},
};

use crate::tap;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Interface(Rule {
        judge,
        fix: Fix::Advice("give the filter the guest's address: `<parameter name='IP' value='…'/>`"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The filter knows the guest's IP address",
        pt: "O filtro conhece o endereço IP do convidado",
        id: "Filter mengetahui alamat IP guest",
    },
    why: "A guest that speaks first with another's address is given it.",
    references: &[
        "guide 2, Rede virtual: filtragem com a libvirt",
        "libvirt docs/formatnwfilter.rst, Automatic IP address detection",
        "libvirt src/nwfilter/nwfilter_learnipaddr.c",
    ],
};

fn judge(evidence: &Evidence, interface: &Interface, reading: Reading) -> Judged {
    let Some((view, found)) = interface.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("the VM has no such XML"));
    };
    let Some((filter, name)) =
        found.filterref.as_ref().and_then(|filter| Some((filter, filter.filter.said()?)))
    else {
        return Ok(Verdict::NotApplicable("the interface has no filter"));
    };
    let Some(protection) = tap::protection(evidence, name)? else {
        return Ok(Verdict::NotApplicable("there is no such filter"));
    };
    if !protection.ip && !protection.arp {
        return Ok(Verdict::NotApplicable("the filter pins no IP address"));
    }
    let learning = parameter(filter, "CTRL_IP_LEARNING");
    let cite = |seen: String| vec![Cite::bytes(&view.key, filter.at.open, seen)];
    Ok(if let Some(address) = parameter(filter, "IP") {
        Verdict::Pass(cite(format!("IP = {address}")))
    } else if learning == Some("none") {
        Verdict::Pass(cite("no address is learned".to_owned()))
    } else if let Some((server, "dhcp")) = parameter(filter, "DHCPSERVER").zip(learning) {
        Verdict::Pass(cite(format!("the address is learned from {server}")))
    } else {
        let by = if learning == Some("dhcp") { "any DHCP answer" } else { "the first packet" };
        Verdict::Fail(cite(format!("filter {name} learns the address from {by}")))
    })
}

fn parameter<'a>(filter: &'a Filterref, name: &str) -> Option<&'a str> {
    filter.parameters.iter().find(|one| one.name.is(name)).and_then(|one| one.value.said())
}
