//! Nobody but root and the emulator's user can read or write a disk image.
//!
//! ## Why
//! An image holds everything the guest holds: password hashes, keys, databases. Who can read the file has the guest's
//! data without ever meeting the guest; who can write it has the guest.
//!
//! ## Where
//! Mode and owner of every image file that a disk of a VM names, as `stat(2)` gives them; block devices are left to
//! udev's group. The owner is root, the emulator's user (`user` of `/etc/libvirt/qemu.conf`, or the distribution's), or
//! the user that a VM with a label of its own runs as (`<seclabel model='dac'>`). The group may read: libvirt makes it
//! QEMU's. An image in a directory that others cannot enter is judged by its own mode all the same: a bind mount or a
//! backup takes the file out of that directory, not the directory with it.
//!
//! ## Fix
//! `chmod 0600` the file, and `chown root:root` one that is somebody else's. libvirt gives the file to the emulator's
//! user when the VM starts (`dynamic_ownership`), so that a running VM is not disturbed.
//!
//! ## Undo
//! `chmod` and `chown` back to the former mode and owner.
//!
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 mode=0644 uid=64055 gid=64055 qcow2 --
//! ```
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 mode=0620 uid=64055 gid=100 qcow2 --
//! ```
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 mode=0600 uid=1000 gid=1000 qcow2 --
//! ```
//! ```passes vm inactive
//! <seclabel type='static' model='dac' relabel='yes'><label>+1000:+1000</label></seclabel>
//! -- var/lib/libvirt/images/web1.qcow2 mode=0600 uid=1000 gid=1000 qcow2 --
//! ```
use formats::libvirt::TextOption as _;
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image},
    fact::{Fact, Missing},
    finding::Disposition,
};

use crate::{emulator_user, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 2,
    readings: Readings::Effective,
    scope: Scope::Image(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Disk images are private",
        pt: "As imagens de disco são privadas",
        id: "Citra disk bersifat privat",
    },
    why: "Who can read the file has all of the guest's data; who can write it has the guest.",
    references: &[
        "guide 2, SELinux + sVirt: DAC",
        "libvirt docs/drvqemu.rst, POSIX users/groups",
        "QEMU docs/system/security.rst, Isolation",
    ],
};

/// Anything for others, and writing for the group.
const TOO_MUCH: u32 = 0o027;
/// `S_IFMT` of inode(7).
const TYPE: u32 = 0o170_000;
/// `S_IFBLK` of inode(7).
const BLOCK: u32 = 0o060_000;

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    let Some(stat) = image.stat.known()? else { return Ok(Verdict::NotApplicable("the image is not there")) };
    if stat.mode & TYPE == BLOCK {
        return Ok(Verdict::NotApplicable("it is a block device"));
    }
    let mode = stat.permissions();
    let cite = vec![Cite::whole(&image.key, format!("mode {mode:04o}, owner {}:{}", stat.uid, stat.gid))];
    let private = mode & TOO_MUCH == 0 && is_owner(evidence, image, stat.uid)?;
    Ok(if private { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}

/// True for root, for the emulator's user, and for the user of a VM that has one of its own.
fn is_owner(evidence: &Evidence, image: &Image, uid: u32) -> Result<bool, Missing> {
    if uid == 0 || emulator_user::ids(evidence)?.contains(&uid) {
        return Ok(true);
    }
    let vms = image.vms.iter().filter_map(|uuid| evidence.vm(uuid));
    let views = vms.flat_map(|vm| [&vm.configured, &vm.live]).filter_map(Fact::ok);
    for label in views.flat_map(|view| &view.domain.seclabels).filter(|label| label.model.is("dac")) {
        let user = label.label.said().and_then(|label| label.split(':').next());
        if let Some(user) = user
            && mac::id(evidence, "user", user)? == uid
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn remedy(evidence: &Evidence, image: &Image) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, image, Reading::Effective)? else { return Ok(vec![]) };
    let stat = image.stat.required()?;
    let mut changes = vec![];
    if stat.permissions() & TOO_MUCH != 0 {
        let action = Action::SetMode { path: image.path.clone(), mode: 0o600 };
        changes.push(Change::new(action, Disposition::Live));
    }
    if !is_owner(evidence, image, stat.uid)? {
        let action = Action::SetOwner { path: image.path.clone(), uid: 0, gid: 0 };
        changes.push(Change::new(action, Disposition::Live));
    }
    Ok(changes)
}
