//! A core dump of QEMU holds no guest memory.
//!
//! ## Why
//! A guest can make QEMU crash. A core dump with guest memory in it is all of the guest's keys and data in a file on
//! the host, where the crash handler, its upload and its readers find it.
//!
//! ## Where
//! In effect: `dump-guest-core=off` in the emulator's arguments, or a hard core limit of 0 in `/proc/PID/limits`.
//! Configured: `max_core = 0`, or `memory/@dumpCore` of the VM's inactive XML, or `dump_guest_core` of
//! `/etc/libvirt/qemu.conf` (default 0), in this order.
//!
//! ## Fix
//! Set `dump_guest_core = 0` in `/etc/libvirt/qemu.conf` and `dumpCore='off'` where the XML says `on`, restart the
//! daemon, and shut down and start the VM.
//!
//! ## Undo
//! Put the former values back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! dump_guest_core = 1
//! ```
//! ```fails vm inactive
//! <memory unit='KiB' dumpCore='on'>2097152</memory>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! dump_guest_core = 0
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-machine\0pc-q35-7.2,usb=off,dump-guest-core=on\0
//! ```
//! ```passes vm
//! <memory unit='KiB' dumpCore='off'>2097152</memory>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! dump_guest_core = 1
//! ```
use formats::{Splice, conf::libvirt::Value, libvirt::TextOption as _};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Core dumps hold no guest memory",
        pt: "Os core dumps não contêm memória do convidado",
        id: "Core dump tidak memuat memori tamu",
    },
    why: "A core dump with guest memory is all of the guest's keys in a file on the host.",
    references: &[
        "libvirt src/qemu/qemu.conf.in, dump_guest_core and max_core",
        "libvirt docs/formatdomain.rst, Memory Allocation: dumpCore",
        "QEMU qemu-options.hx, -machine dump-guest-core",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    match reading {
        Reading::Effective => effective(evidence, vm),
        Reading::Configured => configured(evidence, vm),
    }
}

fn effective(evidence: &Evidence, vm: &Vm) -> Judged {
    let Some(process) = vm.process(evidence)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    let arguments = process.arguments.required()?;
    let said = arguments
        .iter()
        .flat_map(|argument| argument.split(','))
        .find_map(|part| part.strip_prefix("dump-guest-core="));
    let seen = said.map_or_else(
        || "dump-guest-core is not said; QEMU's default is on".to_owned(),
        |value| format!("dump-guest-core={value}"),
    );
    let cite = vec![Cite::whole(process.arguments.key(), seen)];
    if said == Some("off") {
        return Ok(Verdict::Pass(cite));
    }
    let limits = evidence.text(&process.key("limits"));
    let line =
        limits.known()?.and_then(|text| text.lines().find(|line| line.starts_with("Max core file size")));
    Ok(match line.and_then(|line| line.split_whitespace().nth(5)) {
        Some("0") => Verdict::Pass(vec![Cite::whole(limits.key(), "the hard limit of a core file is 0")]),
        _ => Verdict::Fail(cite),
    })
}

fn configured(evidence: &Evidence, vm: &Vm) -> Judged {
    let Some(view) = vm.view(Reading::Configured)? else {
        return Ok(Verdict::NotApplicable("the VM has no such XML"));
    };
    let most = ask::setting(&evidence.qemu_conf, "max_core")?;
    if most.int(1) == Some(0) {
        return Ok(Verdict::Pass(vec![most.cite("unlimited")]));
    }
    if let Some(said) = view.domain.memory.as_ref().and_then(|memory| memory.dump_core.as_ref()) {
        let cite = vec![Cite::bytes(&view.key, said.span, format!("dumpCore='{}'", said.value))];
        return Ok(if &*said.value == "on" { Verdict::Fail(cite) } else { Verdict::Pass(cite) });
    }
    ask::flag(&evidence.qemu_conf, "dump_guest_core", 0, 0)
}

fn remedy(evidence: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, vm, Reading::Configured)? else { return Ok(vec![]) };
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let memory = view.domain.memory.as_ref().filter(|memory| memory.dump_core.is("on"));
    if let Some(said) = memory.and_then(|memory| memory.dump_core.as_ref()) {
        return Ok(ask::edit_domain(&vm.uuid, view, vec![Splice::new(said.span, "off")]));
    }
    ask::set(&evidence.qemu_conf, "dump_guest_core", &Value::Int(0), Disposition::VmRestart)
}
