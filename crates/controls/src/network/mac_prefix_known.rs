//! A guest's MAC address is from a range that is for guests.
//!
//! ## Why
//! The first three bytes of an address belong to whoever was given them. An address made up below a range of nobody, or of a
//! maker of hardware, may one day meet the real one on the same wire, and lists that know guests by prefix miss it.
//!
//! ## Where
//! `interface/mac/@address` of the VM's inactive XML (`/etc/libvirt/qemu`): administered locally (second bit of the first byte),
//! as QEMU's `52:54:00` and Neutron's `fa:16:3e` are, or of a maker of hypervisors: Xen `00:16:3e`, oVirt `00:1a:4a`,
//! VMware `00:50:56`, `00:0c:29` and `00:05:69`, Hyper-V `00:15:5d`, VirtualBox `08:00:27`, Parallels `00:1c:42`. Not applicable to
//! hardware given to the guest.
//!
//! ## Fix
//! `virsh edit VM`: write an address below `52:54:00`. The guest sees a new network card.
//!
//! ## Undo
//! Put the former address back and restart the VM.
//!
//! ## Guides
//! Guide 2 writes `54:52:00`, which old versions of virt-install used: administered globally, and given to nobody.
//!
//! ```fails vm
//! <interface type='bridge'><mac address='54:52:00:3a:91:07'/><source bridge='br0'/></interface>
//! ```
//! ```passes vm
//! <interface type='bridge'><mac address='00:16:3e:3a:91:07'/><source bridge='br0'/></interface>
//! ```
use formats::libvirt::TextOption as _;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Interface},
};

use crate::tap;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Info,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Interface(Rule {
        judge,
        fix: Fix::Advice("write an address below 52:54:00 into the interface"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "MAC address from a range for guests",
        pt: "Endereço MAC de uma faixa para convidados",
        id: "Alamat MAC dari rentang untuk guest",
    },
    why: "The address may belong to a real device, and lists that know guests by prefix miss it.",
    references: &[
        "guide 2, Rede virtual: ebtables",
        "IEEE 802-2014, 8.4 (universal or local administration)",
        "libvirt src/util/virmacaddr.c, virMacAddrGenerate",
    ],
};

/// Ranges of makers of hypervisors.
const HYPERVISORS: [[u8; 3]; 8] = [
    [0x00, 0x16, 0x3e],
    [0x00, 0x1a, 0x4a],
    [0x00, 0x50, 0x56],
    [0x00, 0x0c, 0x29],
    [0x00, 0x05, 0x69],
    [0x00, 0x15, 0x5d],
    [0x08, 0x00, 0x27],
    [0x00, 0x1c, 0x42],
];

fn judge(evidence: &Evidence, interface: &Interface, reading: Reading) -> Judged {
    let Some((view, found)) = interface.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("it is not in the VM's inactive XML"));
    };
    if found.kind.is_any(&["hostdev", "vdpa"]) {
        return Ok(Verdict::NotApplicable("hardware has an address of its own"));
    }
    let said = found.mac.as_ref().and_then(|mac| Some((mac.at.open, mac.address.said()?)));
    let Some((span, text)) = said else { return Ok(Verdict::NotApplicable("it has no address")) };
    let Some([first, second, third, ..]) = tap::mac(text) else {
        return Ok(Verdict::NotApplicable("it has no address"));
    };
    let known = first & 2 != 0 || HYPERVISORS.contains(&[first, second, third]);
    let cite = vec![Cite::bytes(&view.key, span, text.to_owned())];
    Ok(if known { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}
