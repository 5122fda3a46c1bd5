//! The policy keeps one VM's categories from another's.
//!
//! ## Why
//! That two labels differ separates nothing by itself: the policy must constrain the type (`mcs_constrained_type`). A site's
//! own type for VMs that was not added to it, or a rule too many, and every VM reads every image, each with its own pair.
//!
//! ## Where
//! The kernel's own answer (`/sys/fs/selinux/access`) for `svirt_t:s0:c0,c1`, and the other domains of VMs that the policy
//! has, and `svirt_image_t:s0:c2,c3`, class `file`: neither read nor write. Not applicable without SELinux.
//!
//! ## Fix
//! In the module that made the type: `(typeattributeset mcs_constrained_type (TYPE))`; then `semodule -i`.
//!
//! ## Undo
//! `semodule -i` of the former module.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- selinux/access --
//! svirt_t 43a7f ffffffff 0 ffffffff 5 0
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- selinux/access --
//! svirt_t 10 ffffffff 0 ffffffff 5 0
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
        fix: Fix::Advice(
            "add the type to mcs_constrained_type in the module that made it, and load that again",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "SELinux's policy separates VMs by category",
        pt: "A política do SELinux separa as VMs por categoria",
        id: "Kebijakan SELinux memisahkan VM menurut kategori",
    },
    why: "Without the constraint each VM has its own pair of categories, and reads every other VM's image.",
    references: &[
        "guide 1, sVirt: categories",
        "SELinux reference policy, policy/mcs",
        "Linux security/selinux/selinuxfs.c, sel_write_access",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    mac::judge_decisions(
        evidence,
        |decision| decision.reaches,
        |decision| {
            let seen = if decision.reaches { "reaches" } else { "does not reach" };
            format!("{} {seen} another VM's image", decision.domain)
        },
    )
}
