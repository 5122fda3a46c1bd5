//! On a SELinux host each QEMU process is in one of sVirt's domains.
//!
//! ## Why
//! SELinux judges a process by its type. `svirt_t` may use what belongs to a VM and nothing else; a QEMU that kept the
//! type of whoever started it (`virtd_t`, `unconfined_t`, `initrc_t`) may do what that one may: nearly everything.
//!
//! ## Where
//! The third part of `/proc/PID/attr/current` of each running emulator: `svirt_t`, `svirt_tcg_t`, `svirt_kvm_net_t`, or
//! `svirt_prot_exec_t` of the reference policy. Not applicable where the kernel has no SELinux.
//!
//! ## Fix
//! Take `<seclabel type='none'/>` and custom labels out of the VM's XML, unset `security_driver` in
//! `/etc/libvirt/qemu.conf`, and shut down and start the VM through libvirt. Where a type of your own is meant, grant
//! an exception for this VM.
//!
//! ## Undo
//! Put the former label back and restart the VM.
//!
//! ## Guides
//! Guide 1 labels the process `svirt_image_t`: that is the type of its files, `svirt_t` is the type of the process.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current escaped --
//! system_u:system_r:virtd_t:s0-s0:c0.c1023\0
//! ```
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current escaped --
//! system_u:system_r:svirt_image_t:s0:c107,c434\0
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current escaped --
//! system_u:system_r:svirt_t:s0:c107,c434\0
//! ```
//! ```n/a
//! -- sys/kernel/security/lsm --
//! lockdown,capability,landlock,yama
//! ```
use formats::kernel::label::Context;
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
        fix: Fix::Advice("Take <seclabel> out of the VM's XML and start the VM through libvirt again."),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "QEMU is in sVirt's SELinux domain",
        pt: "O QEMU está no domínio SELinux do sVirt",
        id: "QEMU berada di domain SELinux milik sVirt",
    },
    why: "A QEMU outside sVirt's domains may do nearly everything the daemon that started it may.",
    references: &[
        "guide 1, sVirt: SELinux and virtualization",
        "guide 2, SELinux + sVirt",
        "libvirt docs/drvqemu.rst, SELinux sVirt confinement",
    ],
};

/// Types that the policies give to an emulator (Fedora `virt.te`, reference policy `virt.te`).
const TYPES: [&str; 4] = ["svirt_t", "svirt_tcg_t", "svirt_kvm_net_t", "svirt_prot_exec_t"];

fn judge(evidence: &Evidence, vm: &Vm, _: Reading) -> Judged {
    let Some(process) = vm.process(evidence)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    if mac::module(evidence)? != Some(Module::SeLinux) {
        return Ok(Verdict::NotApplicable("the kernel has no SELinux"));
    }
    let label = evidence.bytes(&process.key("attr/current")).and_then(Context::parse);
    let context = label.required()?;
    let cite = vec![Cite::whole(label.key(), format!("the process is {context}"))];
    Ok(if TYPES.contains(&context.kind.as_str()) { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}
