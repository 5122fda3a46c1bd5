//! Image headers are whole: every table they name lies inside the file.
//!
//! ## Why
//! QEMU's format drivers parse what a guest may have written or an uploader sent. Tables that overlap the header, leave
//! the file, or are larger than any real one are how such a parser is attacked; in an image of your own they are damage
//! that the guest will meet sooner or later.
//!
//! ## Where
//! The header of each image that a VM's XML names, and of each file it leads to, read without QEMU: level-1, refcount
//! and snapshot tables within the file and its limits, on cluster boundaries; a level-1 table that covers the disk;
//! feature bits and encryption methods that are known. An image whose format has no header to check is not judged.
//!
//! ## Fix
//! With the VM shut down, on a copy: `qemu-img check -f FORMAT`, and `-r all` if that is your own image. Reject one
//! that somebody sent you. Where the host's QEMU knows a feature bit that this check does not, grant an exception.
//!
//! ## Undo
//! Keep the copy from before the repair.
//!
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 size=4096 --
//! ```
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! crypt=7
//! ```
use formats::image::{Facts, chain::Problem};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image},
};

use crate::images;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Image(Rule {
        judge,
        fix: Fix::Advice("Check a copy with qemu-img check -f FORMAT and repair it, or reject the image."),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Image headers are whole",
        pt: "Os cabeçalhos das imagens estão íntegros",
        id: "Header citra utuh",
    },
    why: "A header whose tables leave the file is damage, or an attack on QEMU's parser.",
    references: &[
        "QEMU docs/interop/qcow2.rst",
        "QEMU block/qcow2.c, qcow2_do_open",
        "libvirt docs/kbase/secureusage.rst, Disk image handling",
    ],
};

fn judge(_: &Evidence, image: &Image, _: Reading) -> Judged {
    if image.stat.known()?.is_none() {
        return Ok(Verdict::NotApplicable("the image is not there"));
    }
    let chain = image.chain.required()?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for link in &chain.links {
        let key = images::key(link);
        let broken = link.problems.iter().filter_map(|problem| match problem {
            Problem::Malformed(malformed) => Some(malformed),
            _ => None,
        });
        let doubts = if let Facts::Qcow2(header) = &link.facts { header.doubts.as_slice() } else { &[] };
        let before = wrong.len();
        wrong.extend(broken.chain(doubts).map(|malformed| {
            let at = malformed.offset;
            Cite::bytes(&key, formats::Span::new(at, at), malformed.why.clone())
        }));
        if before == wrong.len() && link.facts != Facts::None {
            right.push(Cite::whole(&key, "its header is whole"));
        }
    }
    if let Some(missing) = images::unread(chain).filter(|_| wrong.is_empty()) {
        return Err(missing);
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("its format has no header to check"));
    }
    Ok(Verdict::unless(wrong, right))
}
