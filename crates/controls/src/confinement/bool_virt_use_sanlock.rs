//! VMs may talk to sanlock only where libvirt locks disks with it.
//!
//! ## Why
//! The boolean lets every VM connect to the sanlock daemon, which runs as root and decides who may write which disk.
//!
//! ## Where
//! `/sys/fs/selinux/booleans/virt_use_sanlock`: both its value now and the one waiting to be committed are 0, or
//! `lock_manager` of `/etc/libvirt/qemu.conf` is `sanlock`. Not applicable where the policy has no such boolean
//! (Debian's has none).
//!
//! ## Fix
//! `setsebool -P virt_use_sanlock off`. It takes effect at once, for running VMs too.
//!
//! ## Undo
//! `setsebool -P virt_use_sanlock on`.
//!
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_sanlock --
//! 1 1
//! ```
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_sanlock --
//! 0 1
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_sanlock --
//! 0 0
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_sanlock --
//! 1 1
//! -- etc/libvirt/qemu.conf mode=0600 --
//! lock_manager = "sanlock"
//! ```
use model::control::{Cite, Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};
use model::{evidence::Evidence, fact::Missing};

use crate::ask;
use crate::selinux_boolean::{judge, remedy};

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
        en: "VMs may not talk to sanlock",
        pt: "As VMs não podem falar com o sanlock",
        id: "VM tidak boleh berbicara dengan sanlock",
    },
    why: "With it, every VM that is broken out of reaches the daemon that decides who may write which disk.",
    references: &[
        "guide 1, sVirt: SELinux booleans",
        "selinux-policy virt.te, gen_tunable(virt_use_sanlock)",
    ],
};

/// The boolean.
const NAME: &str = "virt_use_sanlock";

fn need(evidence: &Evidence) -> Result<Option<Cite>, Missing> {
    let setting = ask::setting(&evidence.qemu_conf, "lock_manager")?;
    Ok((setting.text() == Some("sanlock")).then(|| setting.cite("none")))
}
