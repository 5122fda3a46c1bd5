//! The kernel labels processes with SELinux or AppArmor, and libvirt uses it for VMs.
//!
//! ## Why
//! QEMU is large and talks to a hostile guest. When a guest breaks out of it, the label of its process decides what is
//! left: with one, the files and devices of that VM; without one, everything the emulator's user can reach, which is
//! every other VM, since all share that user.
//!
//! ## Where
//! In effect: `/sys/kernel/security/lsm` has `selinux` or `apparmor`. Configured: `security_driver` of
//! `/etc/libvirt/qemu.conf` names one of them, or is not set (libvirt then takes what the kernel has). `"none"` turns
//! labels off, and an empty list is what libvirt's documentation gives for turning them off. That each VM has its label
//! is `confinement.svirt-process-label` and `confinement.apparmor-vm-profile`.
//!
//! ## Fix
//! Install the distribution's AppArmor or SELinux policy, boot with it (`security=apparmor` or `security=selinux` on
//! the kernel's command line where another module is the default), take `security_driver` out of
//! `/etc/libvirt/qemu.conf`, and start the VMs again.
//!
//! ## Undo
//! Put the former kernel argument and `security_driver` back, and reboot.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,landlock,yama
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! security_driver = "none"
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! security_driver = []
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! #security_driver = "none"
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::{ask, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "Boot with AppArmor or SELinux, and unset security_driver in /etc/libvirt/qemu.conf.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VMs are under mandatory access control",
        pt: "As VMs estão sob controle de acesso obrigatório",
        id: "VM berada di bawah kontrol akses wajib",
    },
    why: "A guest that breaks out of QEMU otherwise reaches all that the emulator's user can: every other VM.",
    references: &[
        "guide 1, mandatory access controls",
        "guide 2, SELinux + sVirt",
        "libvirt docs/drvqemu.rst, SELinux and AppArmor",
        "libvirt docs/kbase/qemu-passthrough-security.rst, security_driver",
    ],
};

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    if mac::no_libvirt(evidence)? {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    if reading == Reading::Configured {
        let setting = ask::setting(&evidence.qemu_conf, "security_driver")?;
        let cite = vec![setting.cite("what the kernel has")];
        let fine = setting
            .list()
            .is_none_or(|names| names.iter().any(|name| ["selinux", "apparmor"].contains(name)));
        return Ok(if fine { Verdict::Pass(cite) } else { Verdict::Fail(cite) });
    }
    let found = mac::module(evidence)?;
    let list = &evidence.security_modules;
    let cite = vec![Cite::whole(list.key(), format!("security modules: {}", list.required()?))];
    Ok(if found.is_some() { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}
