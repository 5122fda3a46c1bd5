//! Nothing of a VM waits for connections from the network without TLS: no debugger, no monitor, no serial port.
//!
//! ## Why
//! Whoever reaches QEMU's monitor or debugger is QEMU: they read the guest's memory, attach files of the host and run what
//! they like in it. A serial console on TCP is a login prompt, or a root shell, with no password of its own on the wire.
//!
//! ## Where
//! `serial`, `console`, `parallel`, `channel`, `redirdev` and `smartcard` elements of type `tcp` or `udp` with a source of mode `bind`, unless
//! `tls='yes'` (unsaid: `chardev_tls` of `/etc/libvirt/qemu.conf`, default 0; udp and telnet have none). Of a running QEMU too: `-s`, and
//! `-gdb`, `-monitor`, `-qmp`, `-serial`, `-parallel` or `-chardev` on `tcp`, `telnet`, `udp` or a socket with a port.
//!
//! ## Fix
//! `virsh edit VM`: make it `type='pty'` and use `virsh console`, or a UNIX socket (`type='unix'`); where it has to be the network, set
//! up `chardev_tls` with certificates that are verified. Remove what `qemu:commandline` adds.
//!
//! ## Undo
//! Put the former element back and restart the VM.
//!
//! ```fails vm
//! <serial type='tcp'><source mode='bind' host='0.0.0.0' service='4555'/><protocol type='telnet'/></serial>
//! <console type='udp'><source mode='bind' host='127.0.0.1' service='4555'/></console>
//! ```
//! ```fails vm inactive
//! <serial type='tcp'><source mode='bind' host='192.0.2.1' service='4555' tls='no'/><protocol type='raw'/></serial>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! chardev_tls = 1
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-name\0guest=web1\0-gdb\0tcp::1234\0
//! ```
//! ```fails
//! -- proc/4242/cmdline escaped --
//! /usr/bin/qemu-system-x86_64\0-chardev\0socket,id=mon,host=0.0.0.0,port=4444,server=on,wait=off\0-mon\0mon\0
//! ```
//! ```passes vm
//! <serial type='tcp'><source mode='bind' host='192.0.2.1' service='4555'/><protocol type='raw'/></serial>
//! <channel type='tcp'><source mode='connect' host='192.0.2.9' service='99'/><target type='virtio' name='a'/></channel>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! chardev_tls = 1
//! ```
use formats::libvirt::{TextOption as _, domain::Chardev};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

use crate::{ask, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice(
            "make the device `type='pty'` or `type='unix'`, or set up `chardev_tls`, and restart the VM",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No monitor, debugger or serial port on the network",
        pt: "Nenhum monitor, depurador ou porta serial na rede",
        id: "Tidak ada monitor, debugger, atau port serial di jaringan",
    },
    why: "Who reaches the port has the guest's console, or QEMU itself, without a password.",
    references: &[
        "QEMU docs/system/security.rst, Monitor console (QMP and HMP)",
        "libvirt docs/formatdomain.rst, TCP client/server",
        "libvirt src/qemu/qemu.conf.in, chardev_tls",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let mut tally = Tally::default();
    if let Some(devices) = &view.domain.devices {
        let lists = [
            &devices.serials,
            &devices.consoles,
            &devices.parallels,
            &devices.channels,
            &devices.redirdevs,
            &devices.smartcards,
        ];
        for device in lists.into_iter().flatten().filter(|device| device.kind.is_any(&["tcp", "udp"])) {
            for source in device.sources.iter().filter(|source| source.mode.is("bind")) {
                let host = source.host.said().unwrap_or("every address");
                let seen = format!(
                    "{} waits on {host}:{}",
                    device.kind.said().unwrap_or_default(),
                    source.service.said().unwrap_or("?")
                );
                let tls = match source.tls.flag() {
                    Some(tls) => Some(tls),
                    None => tally
                        .see(ask::setting(&evidence.qemu_conf, "chardev_tls"))
                        .map(|setting| setting.int(0) == Some(1)),
                };
                let clear = device.kind.is("udp") || tls == Some(false) || is_telnet(device);
                if clear || tls.is_some() {
                    tally.file(!clear, Cite::bytes(&view.key, source.at.open, seen));
                }
            }
        }
    }
    if reading == Reading::Effective
        && let Some(Some(process)) = tally.see(vm.process(evidence))
        && let Some(arguments) = tally.see(process.arguments.required())
    {
        let none = &String::new();
        let values = arguments.iter().skip(1).chain([none]);
        let open = arguments.iter().zip(values).filter(|(name, value)| is_open(name, value));
        tally.wrong.extend(
            open.map(|(name, value)| Cite::whole(process.arguments.key(), format!("{name} {value}"))),
        );
    }
    tally.right.push(Cite::whole(&view.key, "nothing waits on the network in clear"));
    tally.verdict("the VM has no such XML")
}

/// `telnet` is never wrapped in TLS; `telnets` is QEMU's name for telnet that is.
fn is_telnet(device: &Chardev) -> bool {
    device.protocol.as_ref().is_some_and(|protocol| protocol.kind.is("telnet"))
}

/// An argument of QEMU that opens a port. What libvirt makes of XML has `tls-creds=` where it has TLS.
fn is_open(name: &str, value: &str) -> bool {
    let network =
        |value: &str| ["tcp:", "telnet:", "udp:", "websocket:"].iter().any(|start| value.starts_with(start));
    match name.strip_prefix("--").or_else(|| name.strip_prefix('-')) {
        Some("s") => true,
        Some("gdb" | "monitor" | "qmp" | "qmp-pretty" | "serial" | "parallel" | "debugcon") => network(value),
        Some("chardev") => {
            let words = || value.split(',');
            // A UDP socket without a local port hears its peer alone.
            let local =
                |word: &str| word.strip_prefix("localport=").is_some_and(|port| !matches!(port, "" | "0"));
            let udp = value.starts_with("udp,") && words().any(local);
            let serves = udp || words().any(|word| matches!(word, "server" | "server=on"));
            serves
                && words().any(|word| word.starts_with("port="))
                && !words().any(|word| word.starts_with("tls-creds="))
        }
        _ => false,
    }
}
