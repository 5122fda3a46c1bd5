//! A guest on a macvtap does not have the whole physical device, nor a filter that does nothing.
//!
//! ## Why
//! In passthrough mode the guest's macvtap takes the device for itself: its MAC address, promiscuous mode, every frame
//! on that wire. And libvirt's network filters do not work on a macvtap: what is written there is not in force.
//!
//! ## Where
//! `interface` of type `direct` in inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`), where also `actual`
//! tells what a libvirt network gave it: `source/@mode` is `bridge`, `private` or `vepa` (which it is where it is not
//! said), and there is no `filterref`.
//!
//! ## Fix
//! `virsh edit VM`: write `mode='bridge'`, or `mode='private'` where guests are not to reach each other; for a filter, put the
//! interface on a bridge instead.
//!
//! ## Undo
//! Put the former mode back and restart the VM.
//!
//! ```fails vm
//! <interface type='direct'><mac address='52:54:00:3a:91:07'/><source dev='eno2' mode='passthrough'/></interface>
//! ```
//! ```fails vm inactive
//! <interface type='direct'><mac address='52:54:00:3a:91:07'/><source dev='eno2' mode='bridge'/><filterref filter='clean-traffic'/></interface>
//! ```
//! ```fails vm live
//! <interface type='network'><mac address='52:54:00:3a:91:07'/><source network='fast'/><actual type='direct'><source dev='eno2' mode='passthrough'/></actual></interface>
//! ```
//! ```passes vm
//! <interface type='direct'><mac address='52:54:00:3a:91:07'/><source dev='eno2' mode='private'/></interface>
//! ```
use formats::libvirt::TextOption as _;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Interface},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Interface(Rule {
        judge,
        fix: Fix::Advice(
            "write `mode='bridge'` or `mode='private'` in the interface's source, or put it on a bridge",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A macvtap shares its device",
        pt: "O macvtap compartilha seu dispositivo",
        id: "Macvtap berbagi perangkatnya",
    },
    why: "The guest has the physical device for itself, or a filter that is written and not in force.",
    references: &[
        "libvirt docs/formatdomain.rst, Direct attachment to physical interface",
        "libvirt src/conf/domain_conf.c, filterref",
    ],
};

fn judge(evidence: &Evidence, interface: &Interface, reading: Reading) -> Judged {
    let Some((view, found)) = interface.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("the VM has no such XML"));
    };
    let actual = found.actual.as_ref();
    let (kind, source) = match actual {
        Some(actual) => (&actual.kind, actual.source.as_ref()),
        None => (&found.kind, found.source.as_ref()),
    };
    if !kind.is("direct") {
        return Ok(Verdict::NotApplicable("the interface is no macvtap"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    let mode = source.and_then(|source| source.mode.said()).unwrap_or("vepa");
    let span = source.map_or(found.at.open, |source| source.at.open);
    let list = if mode == "passthrough" { &mut wrong } else { &mut right };
    list.push(Cite::bytes(&view.key, span, format!("a macvtap in mode {mode}")));
    if let Some(filter) = &found.filterref {
        wrong.push(Cite::bytes(&view.key, filter.at.open, "a filter, which does not work on a macvtap"));
    }
    Ok(Verdict::unless(wrong, right))
}
