//! A network filter on every interface of a VM holds the guest to its own addresses.
//!
//! ## Why
//! A bridge believes what it hears. A guest that sends with another's MAC address gets that one's frames; one that
//! answers ARP for the gateway reads everybody's traffic. No address of a guest is its own until the host
//! drops, at the guest's port, what the guest has no right to say.
//!
//! ## Where
//! Configured: `interface/filterref/@filter` of the VM's inactive XML names a filter that, with all it refers to
//! (`/etc/libvirt/nwfilter`), pins MAC, IP and ARP (`clean-traffic` does). In effect: the binding of the tap in
//! `/run/libvirt/nwfilter-binding`, and in the kernel's bridge rules (nftables over netlink) the chain `libvirt-I-TAP`, called
//! from prerouting. Rules of another's making count as well: where foreign source addresses from the tap are
//! dropped before the bridge learns them, it passes. Not applicable to interfaces that no bridge of this host carries.
//!
//! ## Fix
//! `virsh edit VM`: add `<filterref filter='clean-traffic'/>` to the interface, with its address as parameter `IP`; on a
//! running VM `virsh update-device --live --config` does the same. `clean-traffic` drops all IPv6: where guests need it,
//! write a filter that refers to `no-mac-spoofing`, `no-ip-spoofing` and `no-arp-spoofing` and lets IPv6 through.
//!
//! ## Undo
//! Take the element out again and restart the VM.
//!
//! ```fails vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/><target dev='vnet0'/></interface>
//! -- run/libvirt/nwfilter-binding/vnet0.xml absent --
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"filter","handle":1}}
//! ```
//! ```fails vm inactive
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/><filterref filter='allow-arp'/></interface>
//! -- etc/libvirt/nwfilter/allow-arp.xml mode=0600 --
//! <filter name='allow-arp' chain='arp'><rule direction='inout' action='accept'/></filter>
//! ```
//! ```fails
//! -- netlink/nft --
//! {"table":{"family":"bridge","name":"nat","handle":2}}
//! {"chain":{"family":"bridge","table":"nat","name":"PREROUTING","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! ```
//! ```passes vm
//! <interface type='bridge'><mac address='52:54:00:3a:91:07'/><source bridge='br0'/><target dev='vnet0'/></interface>
//! -- run/libvirt/nwfilter-binding/vnet0.xml absent --
//! -- netlink/nft --
//! {"chain":{"family":"bridge","table":"own","name":"in","type":"filter","hook":"prerouting","priority":-300,"policy":"accept","handle":1}}
//! {"rule":{"family":"bridge","table":"own","chain":"in","handle":2,"expr":[{"meta":{"key":"iifname","register":1}},{"cmp":{"register":1,"op":"==","value":"vnet0"}},{"payload":{"base":"link","offset":6,"length":6,"register":1}},{"cmp":{"register":1,"op":"!=","value":"0x5254003a9107"}},{"verdict":"drop"}]}}
//! ```
//! ```n/a vm
//! <interface type='user'><mac address='52:54:00:3a:91:07'/></interface>
//! ```
use formats::{Splice, libvirt::TextOption as _};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Interface},
    fact::Missing,
};

use crate::{
    ask,
    network::port_mac_allowlist::foreign,
    tap::{self, protection},
    xml_edit,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Interface(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A network filter on the interface",
        pt: "Um filtro de rede na interface",
        id: "Filter jaringan pada antarmuka",
    },
    why: "The guest may take any other's address, answer for the gateway, and read or stop everybody's traffic.",
    references: &[
        "guide 2, Rede virtual: filtragem com a libvirt",
        "libvirt docs/formatnwfilter.rst",
        "libvirt src/nwfilter/nwfilter_ebiptables_driver.c",
    ],
};

fn judge(evidence: &Evidence, interface: &Interface, reading: Reading) -> Judged {
    match reading {
        Reading::Effective => effective(evidence, interface),
        Reading::Configured => configured(evidence, interface),
    }
}

fn effective(evidence: &Evidence, interface: &Interface) -> Judged {
    let tap = match tap::of(evidence, interface)? {
        Ok(tap) => tap,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let by_libvirt = tap.bound(evidence);
    if let Ok(Some(bound)) = &by_libvirt
        && bound.in_force
        && bound.protection.whole()
    {
        return Ok(Verdict::Pass(vec![Cite::whole(
            bound.key,
            format!("{} is bound to {}, its rules are in force", bound.filter, tap.name),
        )]));
    }
    let own = foreign(evidence, &tap);
    match (own, by_libvirt) {
        (Ok(Verdict::Fail(mut wrong)), Ok(bound)) => {
            wrong.extend(bound.map(|bound| {
                let seen = if bound.in_force {
                    "does not pin MAC, IP and ARP"
                } else {
                    "is bound, but the kernel has no rules of it"
                };
                Cite::whole(bound.key, format!("{} {seen}", bound.filter))
            }));
            Ok(Verdict::Fail(wrong))
        }
        (Ok(Verdict::Fail(_)), Err(missing)) => Err(missing),
        (own, _) => own,
    }
}

fn configured(evidence: &Evidence, interface: &Interface) -> Judged {
    let Some((view, found)) = interface.view(evidence, Reading::Configured)? else {
        return Ok(Verdict::NotApplicable("it is not in the VM's inactive XML"));
    };
    if let Some(why) = tap::elsewhere(evidence, found) {
        return Ok(Verdict::NotApplicable(why));
    }
    let reference = found.filterref.as_ref().and_then(|filter| Some((filter.at.open, filter.filter.said()?)));
    let (wrong, name) = match reference {
        Some((span, name)) => match protection(evidence, name)? {
            Some(protection) if protection.whole() => {
                return Ok(Verdict::Pass(vec![Cite::bytes(&view.key, span, format!("filter {name}"))]));
            }
            Some(_) => (
                Cite::bytes(&view.key, span, format!("filter {name} does not pin MAC, IP and ARP")),
                Some(name),
            ),
            None => (Cite::bytes(&view.key, span, format!("there is no filter {name}")), Some(name)),
        },
        None => (Cite::bytes(&view.key, found.at.open, "no filterref"), None),
    };
    // Rules of somebody's own making need no filter of libvirt's.
    let own = |tap: &tap::Tap| matches!(foreign(evidence, tap), Ok(Verdict::Pass(_)));
    if name.is_none() && tap::of(evidence, interface).ok().and_then(Result::ok).as_ref().is_some_and(own) {
        return Ok(Verdict::NotApplicable("the host's own rules hold the guest to its address"));
    }
    Ok(Verdict::Fail(vec![wrong]))
}

fn remedy(evidence: &Evidence, interface: &Interface) -> Result<Vec<Change>, Missing> {
    let Some((view, found)) = interface.view(evidence, Reading::Configured)? else { return Ok(vec![]) };
    let Verdict::Fail(_) = configured(evidence, interface)? else { return Ok(vec![]) };
    let Some(vm) = evidence.vms.get(interface.vm) else { return Ok(vec![]) };
    let splice = match &found.filterref {
        Some(filter) => Splice::new(filter.at.span, "<filterref filter='clean-traffic'/>"),
        None => xml_edit::insert(found.at, "interface", "<filterref filter='clean-traffic'/>"),
    };
    Ok(ask::edit_domain(&vm.uuid, view, vec![splice]))
}
