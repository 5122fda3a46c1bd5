//! A SPICE console carries the screen and the keys, not files, clipboard, USB devices or the host's graphics card.
//!
//! ## Why
//! What is copied on the administrator's desk is read by an agent in the guest, and the guest may put something else there;
//! files cross either way; a redirected USB device is a parser in QEMU fed by whoever connects; OpenGL hands the guest's
//! drawing to the host's own driver. Each is on by default once the device is there.
//!
//! ## Where
//! In inactive XML (`/etc/libvirt/qemu`) and live XML (`/run/libvirt/qemu`) of a VM with `graphics` of type `spice`:
//! `clipboard/@copypaste` and `filetransfer/@enable` (unsaid means yes), `gl/@enable`; and `redirdev` and `smartcard` that
//! are carried by SPICE.
//!
//! ## Fix
//! `virsh edit VM`: `<clipboard copypaste='no'/>`, `<filetransfer enable='no'/>`, no `<gl>`, no `<redirdev>`, no `<smartcard>`.
//! Where a desktop needs one of them, grant an exception for this VM.
//!
//! ## Undo
//! Put the elements back and restart the VM.
//!
//! ```fails vm
//! <graphics type='spice'><listen type='socket'/></graphics>
//! ```
//! ```fails vm
//! <graphics type='spice'/>
//! ```
//! ```fails vm inactive
//! <graphics type='spice'><listen type='none'/><clipboard copypaste='yes'/><filetransfer enable="no"/><gl enable='yes' rendernode='/dev/dri/renderD128'/></graphics>
//! ```
//! ```fails vm
//! <redirdev bus='usb' type='spicevmc'/>
//! ```
//! ```n/a vm
//! <graphics type='vnc'><listen type='socket'/></graphics>
//! ```
use formats::{
    Span, Splice,
    libvirt::{TextOption as _, domain::Graphics},
};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
    fact::Missing,
};

use crate::{ask, vnc, xml_edit};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "SPICE carries no files, clipboard or devices",
        pt: "O SPICE não leva arquivos, área de transferência nem dispositivos",
        id: "SPICE tidak membawa berkas, papan klip, atau perangkat",
    },
    why: "Guest and administrator's desk read and write each other's clipboard and files; USB and OpenGL reach host code.",
    references: &[
        "libvirt docs/formatdomain.rst, Graphical framebuffers: spice; Redirected devices; Smartcard devices",
    ],
};

/// Something that is on: what, where, and what takes its place.
type Feature = (&'static str, Span, Splice);

fn features(view: &View) -> Vec<Feature> {
    let mut found: Vec<Feature> = vnc::spice(view).flat_map(of_console).collect();
    let carried = view.domain.devices.iter().flat_map(|devices| {
        let by_spice = |name: &'static str| {
            move |device: &formats::libvirt::domain::Chardev| {
                device.kind.is("spicevmc").then(|| (name, device.at.open, Splice::new(device.at.span, "")))
            }
        };
        let redirected = devices.redirdevs.iter().filter_map(by_spice("a redirected USB device"));
        redirected
            .chain(devices.smartcards.iter().filter_map(by_spice("a redirected smartcard")))
            .collect::<Vec<_>>()
    });
    found.extend(carried);
    found
}

fn of_console(graphics: &Graphics) -> Vec<Feature> {
    let mut found = vec![];
    let clipboard = graphics.clipboard.as_ref().map(|element| (element.at, element.copypaste.flag()));
    let files = graphics.filetransfer.as_ref().map(|element| (element.at, element.enable.flag()));
    let (mut inserted, mut more) = (String::new(), vec![]);
    for (what, element, off) in [
        ("the clipboard is shared", clipboard, "<clipboard copypaste='no'/>"),
        ("files are transferred", files, "<filetransfer enable='no'/>"),
    ] {
        match element {
            Some((_, Some(false))) => {}
            Some((at, _)) => found.push((what, at.open, Splice::new(at.span, off))),
            None => {
                inserted.push_str(off);
                more.push(what);
            }
        }
    }
    // What has no element yet is inserted in one piece, since both would stand in the same place.
    found.extend(
        more.into_iter()
            .map(|what| (what, graphics.at.open, xml_edit::insert(graphics.at, "graphics", &inserted))),
    );
    if let Some(gl) = graphics.gl.as_ref().filter(|gl| gl.enable.flag() == Some(true)) {
        found.push(("OpenGL on the host", gl.at.open, Splice::new(gl.at.span, "")));
    }
    found
}

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let found = features(view);
    let mut consoles = vnc::spice(view).peekable();
    if found.is_empty() && consoles.peek().is_none() {
        return Ok(Verdict::NotApplicable("the VM has no SPICE console"));
    }
    let wrong = found.into_iter().map(|(what, span, _)| Cite::bytes(&view.key, span, what)).collect();
    let right = consoles
        .map(|graphics| Cite::bytes(&view.key, graphics.at.open, "a screen and keys alone"))
        .collect();
    Ok(Verdict::unless(wrong, right))
}

fn remedy(_: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    Ok(ask::edit_domain(&vm.uuid, view, features(view).into_iter().map(|(_, _, splice)| splice).collect()))
}
