//! A VM has no USB device of the host, and takes none from whoever looks at its screen.
//!
//! ## Why
//! A USB device can be rewritten by its guest and turn into a keyboard on the host, or on the next guest. Redirection lets the
//! client of the SPICE console plug any device of theirs into the VM.
//!
//! ## Where
//! `hostdev` of type `usb`, and `redirdev` without a `redirfilter` that ends in `<usbdev allow='no'/>`, in inactive and live XML.
//!
//! ## Fix
//! `virsh edit VM`: remove the elements, or add `<redirfilter>` with the devices that are allowed and `<usbdev allow='no'/>` at its
//! end. Where the VM needs the device, grant it.
//!
//! ## Undo
//! Put the elements back and restart the VM.
//!
//! ```fails vm
//! <hostdev mode='subsystem' type='usb'><source><vendor id='0x1050'/><product id='0x0407'/></source></hostdev>
//! ```
//! ```fails vm inactive
//! <redirdev bus='usb' type='spicevmc'/>
//! ```
//! ```fails vm
//! <redirdev bus='usb' type='spicevmc'/><redirfilter><usbdev class='0x08' allow='no'/><usbdev allow='yes'/></redirfilter>
//! ```
//! ```passes vm
//! <redirdev bus='usb' type='spicevmc'/><redirfilter><usbdev class='0x0b' allow='yes'/><usbdev allow='no'/></redirfilter>
//! ```
use formats::libvirt::{TextOption as _, domain::Redirfilter};
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
        fix: Fix::Advice("remove the USB device, or end `redirfilter` with `<usbdev allow='no'/>`"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles { en: "No USB passthrough", pt: "Nenhum repasse de USB", id: "Tidak ada passthrough USB" },
    why: "A guest can rewrite the device, and it may come back to the host as a keyboard.",
    references: &[
        "guide 1, virt_use_usb",
        "libvirt docs/formatdomain.rst, Redirected devices",
        "CIS OpenShift Virtual Machine Extension 1.0.0, permitted host devices",
    ],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let mut wrong = vec![];
    if let Some(devices) = &view.domain.devices {
        let hostdevs = devices.hostdevs.iter().filter(|hostdev| hostdev.kind.is("usb"));
        wrong.extend(
            hostdevs.map(|hostdev| Cite::bytes(&view.key, hostdev.at.open, "a USB device of the host")),
        );
        if !devices.redirfilter.as_ref().is_some_and(is_closed) {
            let redirected = devices.redirdevs.iter().map(|redirdev| redirdev.at.open);
            wrong.extend(
                redirected.map(|open| Cite::bytes(&view.key, open, "any USB device of the console's client")),
            );
        }
    }
    Ok(Verdict::unless(wrong, vec![Cite::whole(&view.key, "no USB device from outside")]))
}

/// The first rule that matches decides, so that the last has to refuse everything.
fn is_closed(filter: &Redirfilter) -> bool {
    let open = |text: &Option<formats::libvirt::Text>| text.is_none() || text.is("-1");
    filter.usbdevs.last().is_some_and(|last| {
        last.allow.is("no")
            && open(&last.class)
            && open(&last.vendor)
            && open(&last.product)
            && open(&last.version)
    })
}
