//! VMs may use the host's serial and parallel ports only where one has such a port.
//!
//! ## Why
//! The boolean lets every `svirt_t` open every terminal and printer of the host. A VM that is broken out of then talks
//! to whatever is wired to them: a UPS, a switch's console, another host.
//!
//! ## Where
//! `/sys/fs/selinux/booleans/virt_use_comm`: both its value now and the one waiting to be committed are 0, or a VM has
//! a serial or parallel port of type `dev`. Not applicable where the policy has no such boolean.
//!
//! ## Fix
//! `setsebool -P virt_use_comm off`. It takes effect at once, for running VMs too.
//!
//! ## Undo
//! `setsebool -P virt_use_comm on`.
//!
//! ## Guides
//! Guide 1 calls it `virt_use_common`; no policy has a boolean of that name.
//!
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_comm --
//! 1 1
//! ```
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_comm --
//! 0 1
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_comm --
//! 0 0
//! ```
//! ```passes vm
//! <serial type='dev'><source path='/dev/ttyS0'/><target port='0'/></serial>
//! -- sys/fs/selinux/booleans/virt_use_comm --
//! 1 1
//! ```
use formats::libvirt::TextOption as _;
use model::control::{Cite, Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};
use model::{evidence::Evidence, fact::Missing};

use crate::selinux_boolean::{device, judge, remedy};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge: |evidence, (), _| judge(evidence, NAME, need),
        fix: Fix::Remedy(|evidence, ()| remedy(evidence, NAME, need)),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VMs may not use host serial ports",
        pt: "As VMs não podem usar portas seriais do host",
        id: "VM tidak boleh memakai port serial host",
    },
    why: "With it, every VM that is broken out of talks to whatever is wired to the host's ports.",
    references: &["guide 1, sVirt: SELinux booleans", "selinux-policy virt.te, gen_tunable(virt_use_comm)"],
};

/// The boolean.
const NAME: &str = "virt_use_comm";

fn need(evidence: &Evidence) -> Result<Option<Cite>, Missing> {
    device(evidence, |view, devices| {
        let found = devices.serials.iter().chain(&devices.parallels).find(|port| port.kind.is("dev"))?;
        Some(Cite::bytes(&view.key, found.at.open, "a VM has a port of the host"))
    })
}
