//! Nobody but root can write a base image.
//!
//! ## Why
//! A base is read by every VM whose image lies over it. Who can write it changes the programs all of them run; and the
//! emulator's user, who owns images while their VMs run, is the same for all VMs.
//!
//! ## Where
//! Mode and owner of each backing file that an image of a VM leads to: no write bit for group and others, and none for
//! an owner other than root. libvirt gives backing files to the emulator's user while a VM runs (`dynamic_ownership`),
//! so that a base with mode 0644 is writable for it then.
//!
//! ## Fix
//! `chmod a-w` the base. QEMU opens backing files for reading only, so that no VM is disturbed; `virsh blockcommit`
//! into the base needs the bit back.
//!
//! ## Undo
//! `chmod` back to the former mode.
//!
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! backing=base.qcow2 format=qcow2
//! -- var/lib/libvirt/images/base.qcow2 qcow2 mode=0644 uid=64055 gid=64055 --
//! ```
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! backing=base.qcow2 format=qcow2
//! -- var/lib/libvirt/images/base.qcow2 qcow2 mode=0664 --
//! ```
//! ```passes
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! backing=base.qcow2 format=qcow2
//! -- var/lib/libvirt/images/base.qcow2 qcow2 mode=0444 --
//! ```
use formats::image::{Role, chain::Link};
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image},
    fact::Missing,
    finding::Disposition,
    recording::Stat,
};

use crate::images;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Image(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Base images can't be written",
        pt: "As imagens-base não podem ser escritas",
        id: "Citra dasar tidak dapat ditulis",
    },
    why: "Who can write a base changes the programs of every VM whose image lies over it.",
    references: &[
        "libvirt docs/drvqemu.rst, POSIX users/groups",
        "libvirt docs/kbase/secureusage.rst, Disk image handling",
    ],
};

/// The backing files of an image, each with its inode.
fn bases<'a>(evidence: &'a Evidence, image: &'a Image) -> Result<Vec<(&'a Link, &'a Stat)>, Missing> {
    let chain = images::chain(image)?;
    let is_base = |link: &&Link| link.written.as_ref().is_some_and(|written| written.role == Role::Backing);
    let mut found = vec![];
    for link in chain.links.iter().filter(is_base) {
        // A name that was not followed is the business of storage.backing-chain-trusted.
        if link.identity.is_some() {
            found.push((link, *evidence.stat(&images::key(link)).required()?));
        }
    }
    Ok(found)
}

fn writable(stat: &Stat) -> bool {
    stat.mode & 0o022 != 0 || (stat.mode & 0o200 != 0 && stat.uid != 0)
}

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    if image.stat.known()?.is_none() {
        return Ok(Verdict::NotApplicable("the image is not there"));
    }
    let bases = bases(evidence, image)?;
    if bases.is_empty() {
        return Ok(Verdict::NotApplicable("the image has no base"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for (link, stat) in bases {
        let seen = format!("base with mode {:04o}, owner {}:{}", stat.permissions(), stat.uid, stat.gid);
        let cite = Cite::whole(&images::key(link), seen);
        if writable(stat) { wrong.push(cite) } else { right.push(cite) }
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, image: &Image) -> Result<Vec<Change>, Missing> {
    let wrong = bases(evidence, image)?.into_iter().filter(|(_, stat)| writable(stat));
    let action = |(link, stat): (&Link, &Stat)| Action::SetMode {
        path: link.path.clone(),
        mode: stat.permissions() & !0o222,
    };
    Ok(wrong.map(|base| Change::new(action(base), Disposition::Live)).collect())
}
