//! On an AppArmor host each QEMU process is under the profile that libvirt made for its VM, and the profile is
//! enforced.
//!
//! ## Why
//! libvirt writes a profile for each VM that lists its disks and sockets. Under it, a guest that breaks out of QEMU
//! reaches these files; without it, or while the profile only complains, every file that the emulator's user may open.
//!
//! ## Where
//! `/proc/PID/attr/apparmor/current`, or `attr/current` before Linux 5.8: `libvirt-UUID (enforce)`. Not applicable
//! where the kernel has no AppArmor.
//!
//! ## Fix
//! Load libvirt's own profiles (`/etc/apparmor.d/usr.sbin.libvirtd` or `usr.sbin.virtqemud`, and
//! `usr.lib.libvirt.virt-aa-helper`), unset `security_driver` in `/etc/libvirt/qemu.conf`, restart the daemon, and shut
//! down and start the VM. A profile that complains is enforced again by `aa-enforce`.
//!
//! ## Undo
//! Put the former `security_driver` back, unload the profiles, and restart the daemon and the VM.
//!
//! ```fails
//! -- proc/4242/attr/current --
//! unconfined
//! ```
//! ```fails
//! -- proc/4242/attr/apparmor/current --
//! libvirt-5f3b1a52-7c1e-4d0e-9a55-0d7f3c1c2a10 (complain)
//! ```
//! ```fails
//! -- proc/4242/attr/current --
//! libvirtd (enforce)
//! ```
//! ```n/a
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! ```
use formats::kernel::label::AppArmorLabel;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

use crate::mac::{self, Module};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("Load libvirt's AppArmor profiles, restart the daemon, and start the VM again."),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "QEMU is under its VM's AppArmor profile",
        pt: "O QEMU está sob o perfil AppArmor da sua VM",
        id: "QEMU berada di bawah profil AppArmor VM-nya",
    },
    why: "Without its profile, a guest that breaks out of QEMU reaches every file the emulator's user can.",
    references: &[
        "guide 1, mandatory access controls",
        "libvirt docs/drvqemu.rst, AppArmor sVirt confinement",
        "apparmor(7)",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, _: Reading) -> Judged {
    let Some(process) = vm.process(evidence)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    if mac::module(evidence)? != Some(Module::AppArmor) {
        return Ok(Verdict::NotApplicable("the kernel has no AppArmor"));
    }
    let label = mac::apparmor_label(evidence, process).and_then(AppArmorLabel::parse);
    let found = label.required()?;
    // libvirt src/security/security_apparmor.c, get_profile_name.
    let own = found.profile.strip_prefix("libvirt-").is_some_and(|uuid| uuid == vm.uuid);
    let cite = vec![Cite::whole(label.key(), format!("the process is under {found}"))];
    Ok(if own && found.confined() { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}
