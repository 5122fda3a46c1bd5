//! VMs may talk to the host's X server only where one has a window there.
//!
//! ## Why
//! An X client reads what is typed into every other window and sends keys to it. The boolean lets every VM be one.
//!
//! ## Where
//! `/sys/fs/selinux/booleans/virt_use_xserver`: both its value now and the one waiting to be committed are 0, or a VM
//! has a graphical console of type `sdl`. Not applicable where the policy has no such boolean.
//!
//! ## Fix
//! `setsebool -P virt_use_xserver off`. It takes effect at once, for running VMs too.
//!
//! ## Undo
//! `setsebool -P virt_use_xserver on`.
//!
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_xserver --
//! 1 1
//! ```
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_xserver --
//! 0 1
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_xserver --
//! 0 0
//! ```
//! ```passes vm
//! <graphics type='sdl' display=':0.0'/>
//! -- sys/fs/selinux/booleans/virt_use_xserver --
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
        en: "VMs may not use the host's X server",
        pt: "As VMs não podem usar o servidor X do host",
        id: "VM tidak boleh memakai server X host",
    },
    why: "With it, every VM that is broken out of reads the keys typed on the host's screen.",
    references: &[
        "guide 1, sVirt: SELinux booleans",
        "selinux-policy virt.te, gen_tunable(virt_use_xserver)",
    ],
};

/// The boolean.
const NAME: &str = "virt_use_xserver";

fn need(evidence: &Evidence) -> Result<Option<Cite>, Missing> {
    device(evidence, |view, devices| {
        let found = devices.graphics.iter().find(|console| console.kind.is("sdl"))?;
        Some(Cite::bytes(&view.key, found.at.open, "a VM has a window on the X server"))
    })
}
