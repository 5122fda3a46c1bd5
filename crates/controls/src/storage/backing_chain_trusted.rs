//! An image leads only to files that an administrator keeps as images, in formats that are said.
//!
//! ## Why
//! An image names other files: its backing file, its data file, its extents. QEMU opens what it names. An uploaded
//! image that names `/etc/shadow`, another tenant's disk or a URL hands that to its guest (CVE-2022-47951,
//! CVE-2024-32498).
//!
//! ## Where
//! The header of each image that a VM's XML names, and of each file it leads to, read without QEMU. A name fails that
//! has a protocol (`json:`, `nbd:`, `http:` …), leads into `/dev`, `/proc` or `/sys`, is the disk of another VM, or
//! lies in no directory for images: that of the image itself, of a storage pool, of any image that a VM's XML names,
//! `/var/lib/libvirt/images`, and Nova's `_base`. So do a backing file without a format, or of another format than is
//! said; a cycle; more than 64 layers; and a header that is broken.
//!
//! ## Fix
//! If you did not make this image, keep it from starting and look at where it came from. If you did: `qemu-img rebase
//! -u -b PATH -F FORMAT` writes the name of the right base and its format, and `qemu-img convert` makes an image that
//! needs no other. Move bases into a storage pool.
//!
//! ## Undo
//! `qemu-img rebase -u` back to the former name; a converted image leaves the old one where it was.
//!
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! backing=/etc/shadow format=raw
//! ```
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! datafile=/root/.ssh/id_ed25519
//! ```
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! backing=nbd:unix:/run/x.sock format=raw
//! ```
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! backing=base.qcow2
//! -- var/lib/libvirt/images/base.qcow2 qcow2 --
//! ```
//! ```passes
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! backing=/srv/golden/debian.qcow2 format=qcow2
//! -- srv/golden/debian.qcow2 qcow2 --
//! -- etc/libvirt/storage/golden.xml --
//! <pool type='dir'><name>golden</name><target><path>/srv/golden</path></target></pool>
//! ```
use formats::image::chain::{Chain, End, Link, Problem, Why};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image},
};

use crate::images;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Image(Rule {
        judge,
        fix: Fix::Advice(
            "Keep the image from starting; rebase it onto a known base with an explicit format, or convert it.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Images lead only to trusted files",
        pt: "As imagens só levam a arquivos confiáveis",
        id: "Citra hanya merujuk ke berkas tepercaya",
    },
    why: "QEMU opens what an image names, so a crafted image reads the host's files or another tenant's disk.",
    references: &[
        "libvirt docs/kbase/secureusage.rst, Disk image handling",
        "CVE-2022-47951, CVE-2024-32498",
        "QEMU docs/interop/qcow2.rst",
    ],
};

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    if image.stat.known()?.is_none() {
        return Ok(Verdict::NotApplicable("the image is not there"));
    }
    let chain = image.chain.required()?;
    let mut wrong: Vec<Cite> =
        chain.links.iter().filter_map(|link| distrusted(evidence, image, chain, link)).collect();
    if chain.end == End::TooMany {
        wrong.push(Cite::whole(&image.key, "it leads to more than 1024 files"));
    }
    if let Some(missing) = images::unread(chain).filter(|_| wrong.is_empty()) {
        return Err(missing);
    }
    let others = chain.links.len().saturating_sub(1);
    let seen = if others == 0 {
        "it names no other file".into()
    } else {
        format!("it leads to {others} trusted files")
    };
    Ok(Verdict::unless(wrong, vec![Cite::whole(&image.key, seen)]))
}

/// Why a file of the chain is not to be trusted, at the name that leads to it.
fn distrusted(evidence: &Evidence, image: &Image, chain: &Chain, link: &Link) -> Option<Cite> {
    let Some(written) = &link.written else {
        // What is declared for the image itself is the business of storage.format-explicit.
        let why = link.problems.iter().find_map(|problem| match problem {
            Problem::Malformed(malformed) => Some(format!("its header is broken: {malformed}")),
            Problem::NotOpened(Why::NotRegular(why)) => Some(format!("the image is no file: {why}")),
            _ => None,
        });
        return why.map(|why| Cite::whole(&images::key(link), why));
    };
    let why = link.problems.iter().find_map(explained).or_else(|| {
        let other = evidence.image(&formats::image::name::simplify(&link.path));
        let owned = other.is_some_and(|other| other.vms.iter().any(|vm| !image.vms.contains(vm)));
        let kept = images::kept_here(evidence, image, &link.path);
        (owned.then_some("the disk of another VM"))
            .or_else(|| (!kept).then_some("outside every directory for images"))
            .map(str::to_owned)
    })?;
    let key = images::overlay_key(chain, link).unwrap_or_else(|| image.key.clone());
    Some(Cite::bytes(&key, written.name.span, format!("it names {}: {why}", written.name.value)))
}

fn explained(problem: &Problem) -> Option<String> {
    Some(match problem {
        // That it is not there makes the VM fail, not the host; the name is judged all the same.
        Problem::NotOpened(Why::Missing | Why::Vanished | Why::Unreadable(_)) => return None,
        Problem::NotOpened(Why::NotRegular(why)) => why.clone(),
        Problem::NotOpened(Why::SystemPath) | Problem::SystemPath => "a path of the system".to_owned(),
        Problem::Protocol(protocol) => format!("the protocol {protocol}"),
        Problem::NulByte | Problem::NotText | Problem::TooLong | Problem::NotAbsolute => {
            "no proper path".to_owned()
        }
        Problem::Repeated(_) => "a file of the chain once more".to_owned(),
        Problem::TooDeep => "more than 64 layers".to_owned(),
        Problem::FormatNotDeclared => "no format is said, so that it would be probed".to_owned(),
        Problem::FormatUnknown(format) => format!("the unknown format {format}"),
        Problem::FormatMismatch { declared, probed } => format!("said to be {declared}, and it is {probed}"),
        Problem::Malformed(malformed) => format!("its header is broken: {malformed}"),
    })
}
