//! VMs may use files on SMB shares only where an image is on one.
//!
//! ## Why
//! SMB keeps no label for each file, so that the boolean opens all of every SMB mount to every VM: sVirt does not tell
//! one VM's files from another's there.
//!
//! ## Where
//! `/sys/fs/selinux/booleans/virt_use_samba`: both its value now and the one waiting to be committed are 0, or an image
//! of a VM is on a mount of that kind (`/proc/1/mountinfo`). Not applicable where the policy has no such boolean.
//!
//! ## Fix
//! `setsebool -P virt_use_samba off`. It takes effect at once, for running VMs too.
//!
//! ## Undo
//! `setsebool -P virt_use_samba on`.
//!
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_samba --
//! 1 1
//! -- proc/1/mountinfo --
//! 22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw
//! ```
//! ```fails
//! -- sys/fs/selinux/booleans/virt_use_samba --
//! 0 1
//! -- proc/1/mountinfo --
//! 22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_samba --
//! 0 0
//! ```
//! ```passes
//! -- sys/fs/selinux/booleans/virt_use_samba --
//! 1 1
//! -- proc/1/mountinfo --
//! 22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw
//! 40 22 0:40 / /var/lib/libvirt/images rw,relatime - cifs nas:/images rw
//! ```
use model::control::{Cite, Control, Fix, Readings, Rule, Scope, Severity, Titles, Words};
use model::{evidence::Evidence, fact::Missing};

use crate::selinux_boolean::{judge, on_file_system, remedy};

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
        en: "VMs may not use files on SMB",
        pt: "As VMs não podem usar arquivos em SMB",
        id: "VM tidak boleh memakai berkas di SMB",
    },
    why: "With it, every VM that is broken out of uses all files of every SMB mount, other VMs' among them.",
    references: &["guide 1, sVirt: SELinux booleans", "selinux-policy virt.te, gen_tunable(virt_use_samba)"],
};

/// The boolean.
const NAME: &str = "virt_use_samba";

fn need(evidence: &Evidence) -> Result<Option<Cite>, Missing> {
    on_file_system(evidence, &["cifs", "smb3"])
}
