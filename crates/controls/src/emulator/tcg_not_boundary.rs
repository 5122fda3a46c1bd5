//! A VM is run by KVM, not by QEMU's own emulation of a processor.
//!
//! ## Why
//! TCG, QEMU's translator, was made to run programs, not to keep them in. QEMU's developers treat its bugs as ordinary ones:
//! a guest that gets out of it is no vulnerability to them. Under KVM the processor itself keeps the guest in.
//!
//! ## Where
//! `domain/@type` of inactive and live XML is `kvm`, not `qemu`; and the running QEMU has no `tcg` in `-accel`, nor in `accel=` of
//! `-machine`, which `qemu:commandline` can bring in.
//!
//! ## Fix
//! `virsh edit VM`: set `<domain type='kvm'>`, and shut the VM down and start it. A guest of another processor
//! architecture can't be run so: move it to a host of its own, or grant an exception.
//!
//! ## Undo
//! Set the type to `qemu` again and restart the VM.
//!
//! ```fails vm
//! <domain type='qemu'/>
//! ```
//! ```fails vm inactive
//! <domain type='qemu'/>
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-name\0guest=web1\0-machine\0q35,accel=kvm:tcg\0
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-name\0guest=web1\0-machine\0q35\0-accel\0tcg,thread=multi\0
//! ```
use formats::libvirt::TextOption as _;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

use crate::tally::Tally;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("set `<domain type='kvm'>` with `virsh edit` and restart the VM"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The VM is run by KVM, not by TCG",
        pt: "A VM é executada pelo KVM, não pelo TCG",
        id: "VM dijalankan oleh KVM, bukan TCG",
    },
    why: "QEMU's emulation of a processor is not made to keep a hostile guest in.",
    references: &[
        "QEMU docs/system/security.rst, Non-virtualization Use Case",
        "libvirt docs/formatdomain.rst, Element and attribute overview",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let mut tally = Tally::default();
    let kind = view.domain.kind.said().unwrap_or_default();
    let span = view.domain.kind.as_ref().map_or(view.domain.at.open, |kind| kind.span);
    tally.file(kind == "kvm", Cite::bytes(&view.key, span, format!("type='{kind}'")));
    if reading == Reading::Effective
        && let Some(Some(process)) = tally.see(vm.process(evidence))
        && let Some(arguments) = tally.see(process.arguments.required())
        && let Some(accelerator) = arguments.windows(2).find_map(translated)
    {
        tally.wrong.push(Cite::whole(process.arguments.key(), accelerator));
    }
    tally.verdict("the VM has no such XML")
}

/// An argument and its value that let TCG run the guest.
fn translated(pair: &[String]) -> Option<String> {
    let [name, value] = pair else { return None };
    let mut words = value.split(',');
    let tcg = match name.trim_start_matches('-') {
        // The first word names the accelerator, with or without its key.
        "accel" => words.next().is_some_and(|word| {
            word.strip_prefix("accel=").unwrap_or(word).split(':').any(|one| one == "tcg")
        }),
        "machine" | "M" => words
            .filter_map(|word| word.strip_prefix("accel="))
            .any(|word| word.split(':').any(|one| one == "tcg")),
        _ => false,
    };
    (tcg && name.starts_with('-')).then(|| format!("{name} {value}"))
}
