//! On a SELinux host each running VM has a pair of categories of its own.
//!
//! ## Why
//! All VMs have the same type, `svirt_t`; what keeps one VM from another's disk is the pair of categories that each
//! process shares with its files alone. Two VMs with one pair are one VM to SELinux. A process with more categories
//! reaches the files of each VM whose pair is among them, and one with a single category may be reached that way.
//!
//! ## Where
//! The level in `/proc/PID/attr/current` of every running emulator: exactly two different categories, no range
//! (`c0.c1023`), held by no other VM. libvirt reserves only the pairs it gave out itself, so that a static label can
//! meet a dynamic one. Not applicable where the kernel has no SELinux.
//!
//! ## Fix
//! Take `<seclabel type='static'>` out of the VM's XML, and shut down and start it: libvirt draws a pair that is free.
//!
//! ## Undo
//! Put the static label back and restart the VM.
//!
//! ## Guides
//! Guide 1 counts 524,288 pairs; 1,024 categories make 523,776, since libvirt takes no category twice.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current --
//! system_u:system_r:svirt_t:s0:c0.c1023
//! ```
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current --
//! system_u:system_r:svirt_t:s0:c107
//! ```
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current --
//! system_u:system_r:svirt_t:s0:c107,c434
//! -- run/libvirt/qemu/web2.xml mode=0600 --
//! <domstatus state='running' pid='5252'><domain type='kvm' id='2'>
//!   <name>web2</name><uuid>a1f1b1d2-0000-4000-8000-000000000002</uuid>
//! </domain></domstatus>
//! -- proc/5252/comm --
//! qemu-system-x86
//! -- proc/5252/attr/current --
//! system_u:system_r:svirt_t:s0:c107,c434
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- proc/4242/attr/current --
//! system_u:system_r:svirt_t:s0:c107,c434
//! ```
use formats::kernel::label::Context;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm, mcs_pair},
};

use crate::mac::{self, Module};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice(
            "Take the static <seclabel> out of the VM's XML and start the VM again, so that libvirt draws a free pair.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Each VM has its own pair of categories",
        pt: "Cada VM tem seu próprio par de categorias",
        id: "Setiap VM memiliki pasangan kategori sendiri",
    },
    why: "Two VMs with one pair of categories are one VM to SELinux: each reaches the other's disks.",
    references: &[
        "guide 1, sVirt: labels and categories",
        "guide 2, SELinux + sVirt: a category for each guest",
        "libvirt src/security/security_selinux.c, virSecuritySELinuxMCSFind",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, _: Reading) -> Judged {
    let Some(process) = vm.process(evidence)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    if mac::module(evidence)? != Some(Module::SeLinux) {
        return Ok(Verdict::NotApplicable("the kernel has no SELinux"));
    }
    let label = evidence.bytes(&process.key("attr/current")).and_then(Context::parse);
    let context = label.required()?;
    let cite = |seen: String| vec![Cite::whole(label.key(), seen)];
    let Some(pair) = mcs_pair(context) else {
        return Ok(Verdict::Fail(cite(format!("{context}: not two categories at one level"))));
    };
    let holders = evidence.categories.holders(pair).iter().filter_map(|index| evidence.vms.get(*index));
    match holders.map(|other| &other.name).find(|name| **name != vm.name) {
        Some(other) => Ok(Verdict::Fail(cite(format!("{context}: VM {other} has the same pair")))),
        None => match &evidence.categories.unread {
            Some(missing) => Err(missing.clone()),
            None => Ok(Verdict::Pass(cite(context.to_string()))),
        },
    }
}
