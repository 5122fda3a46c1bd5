//! No domain that VMs run in is permissive.
//!
//! ## Why
//! `semanage permissive -a svirt_t`, set once to find out why a VM would not start, and forgotten: SELinux enforces for the
//! whole host, every label is in its place, and for VMs alone it only writes down.
//!
//! ## Where
//! The kernel's own answer (`/sys/fs/selinux/access`) for `svirt_t`, `svirt_tcg_t`, `svirt_kvm_net_t` and
//! `svirt_prot_exec_t`, as far as the policy has them: the flag `AVD_FLAGS_PERMISSIVE`. Not applicable without SELinux.
//!
//! ## Fix
//! `semanage permissive -d svirt_t`, or `semodule -r permissive_svirt_t`. Look at the denials first
//! (`ausearch -m avc -ts recent`): what they name will stop working.
//!
//! ## Undo
//! `semanage permissive -a svirt_t`.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- selinux/access --
//! svirt_t 10 ffffffff 0 ffffffff 5 1
//! ```
//! ```unknown
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- selinux/access --
//! svirt_t yes
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- selinux/access --
//! svirt_t 10 ffffffff 0 ffffffff 5 0
//! svirt_prot_exec_t 10 ffffffff 0 ffffffff 5 0
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
};

use crate::mac;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("run `semanage permissive -d` with the domain, after a look at what it was denied"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "SELinux enforces for the domains of VMs",
        pt: "O SELinux impõe as regras aos domínios das VMs",
        id: "SELinux ditegakkan untuk domain VM",
    },
    why: "A permissive domain is denied nothing: a guest that breaks out of QEMU is stopped by no label.",
    references: &[
        "guide 1, SELinux and virtualization",
        "semanage-permissive(8)",
        "Linux security/selinux/selinuxfs.c, sel_write_access",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    mac::judge_decisions(
        evidence,
        |decision| decision.permissive,
        |decision| {
            let seen = if decision.permissive { "permissive" } else { "enforced" };
            format!("{} is {seen}", decision.domain)
        },
    )
}
