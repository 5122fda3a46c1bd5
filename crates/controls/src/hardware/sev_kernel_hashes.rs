//! An encrypted guest that is given its kernel by the host has it measured.
//!
//! ## Why
//! What is measured of an SEV guest is its firmware. A kernel, an initial RAM disk or a command line that the host hands over is
//! not, unless their hashes are put into what is measured: the host may start another kernel, and the owner's attestation
//! says that all is well.
//!
//! ## Where
//! `launchSecurity/@kernelHashes` of VMs with `os/kernel`, in inactive and live XML: `yes`.
//!
//! ## Fix
//! `virsh edit VM`: `<launchSecurity type='sev' kernelHashes='yes'>`, with a firmware built for it (OVMF's `AmdSev`), and restart the
//! VM; give its owner the new measurement. Or boot from the disk.
//!
//! ## Undo
//! Remove the attribute and restart.
//!
//! ```fails vm
//! <launchSecurity type='sev'><policy>0x0007</policy></launchSecurity>
//! <os><kernel>/srv/vmlinuz</kernel></os>
//! ```
//! ```passes vm
//! <launchSecurity type='sev' kernelHashes='yes'><policy>0x0007</policy></launchSecurity>
//! <os><kernel>/srv/vmlinuz</kernel></os>
//! ```
//! ```n/a vm
//! <launchSecurity type='sev'><policy>0x0007</policy></launchSecurity>
//! ```
use formats::libvirt::TextOption as _;
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
        fix: Fix::Advice(
            "add kernelHashes='yes' to <launchSecurity>, with a firmware built for it, or boot from the disk",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "A kernel handed to an encrypted guest is measured",
        pt: "O kernel entregue a uma VM criptografada é medido",
        id: "Kernel yang diberikan ke VM terenkripsi diukur",
    },
    why: "The host may start another kernel, and the guest's owner is told that all is well.",
    references: &[
        "guide 1, AMD SEV",
        "libvirt docs/formatdomain.rst, Launch Security: kernelHashes",
        "QEMU docs/system/i386/amd-memory-encryption.rst",
    ],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let Some(security) = view.domain.sev() else {
        return Ok(Verdict::NotApplicable("the VM is not encrypted by SEV"));
    };
    if view.domain.os.as_ref().is_none_or(|os| os.kernel.is_none()) {
        return Ok(Verdict::NotApplicable("the VM boots by itself"));
    }
    let measured = security.kernel_hashes.is("yes");
    let seen = if measured { "its kernel is measured" } else { "its kernel is not measured" };
    let cite = vec![Cite::bytes(&view.key, security.at.open, seen)];
    Ok(if measured { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}
