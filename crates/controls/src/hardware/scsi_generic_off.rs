//! A VM can't send SCSI commands of its choice to a disk of the host.
//!
//! ## Why
//! Unfiltered SCSI commands reach what the disk's owner would not grant: firmware updates, other partitions of the same disk,
//! reservations that lock out the cluster. `rawio` gives QEMU the capability `CAP_SYS_RAWIO` besides.
//!
//! ## Where
//! `sgio='unfiltered'` and `rawio='yes'` of `disk` and `hostdev` in inactive and live XML.
//!
//! ## Fix
//! `virsh edit VM`: set `sgio='filtered'` and `rawio='no'`, and restart the VM.
//!
//! ## Undo
//! Put the former values back and restart the VM.
//!
//! ```fails vm
//! <disk type='block' device='lun' sgio='unfiltered'><source dev='/dev/sdb'/><target dev='sda' bus='scsi'/></disk>
//! ```
//! ```fails vm inactive
//! <disk type='block' device='lun' rawio='yes'><source dev='/dev/sdb'/><target dev='sda' bus='scsi'/></disk>
//! ```
//! ```fails vm
//! <hostdev mode='subsystem' type='scsi' sgio='unfiltered' rawio='yes'><source><adapter name='scsi_host0'/>
//!   <address bus='0' target='0' unit='0'/></source></hostdev>
//! ```
//! ```passes vm
//! <disk type='block' device='lun'><source dev='/dev/sdb'/><target dev='sda' bus='scsi'/></disk>
//! ```
use formats::{
    Span, Splice,
    libvirt::{Text, TextOption as _},
};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
    fact::Missing,
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
        en: "SCSI commands are filtered",
        pt: "Comandos SCSI são filtrados",
        id: "Perintah SCSI disaring",
    },
    why: "The guest can rewrite the disk's firmware or reach what is beside its own part of it.",
    references: &[
        "libvirt docs/formatdomain.rst, Hard drives: sgio, rawio",
        "capabilities(7), CAP_SYS_RAWIO",
    ],
};

/// Values that open a disk: where, what stands there, and what should.
fn open(view: &View) -> Vec<(Span, &'static str, &'static str)> {
    let Some(devices) = &view.domain.devices else { return vec![] };
    let disks = devices.disks.iter().map(|disk| (&disk.sgio, &disk.rawio));
    let hostdevs = devices.hostdevs.iter().map(|hostdev| (&hostdev.sgio, &hostdev.rawio));
    let at = |text: &Option<Text>, bad: &str| text.as_ref().filter(|_| text.is(bad)).map(|text| text.span);
    let both = disks.chain(hostdevs).flat_map(|(sgio, rawio)| {
        let sgio = at(sgio, "unfiltered").map(|span| (span, "sgio='unfiltered'", "filtered"));
        [sgio, at(rawio, "yes").map(|span| (span, "rawio='yes'", "no"))]
    });
    both.flatten().collect()
}

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let wrong = open(view).into_iter().map(|(span, seen, _)| Cite::bytes(&view.key, span, seen)).collect();
    Ok(Verdict::unless(wrong, vec![Cite::whole(&view.key, "no unfiltered SCSI")]))
}

fn remedy(_: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let splices = open(view).into_iter().map(|(span, _, good)| Splice::new(span, good)).collect();
    Ok(ask::edit_domain(&vm.uuid, view, splices))
}
