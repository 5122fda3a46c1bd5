//! Images that must be encrypted are.
//!
//! ## Why
//! Who has the file, a backup of it, or the disk it was on has all of the guest's data, unless it is encrypted. Which images
//! that matters for, nobody but the operator knows.
//!
//! ## Where
//! The first bytes of each image file that a glob in the list `encrypted` of `/etc/baluarte/policy.toml` names: a LUKS container, or
//! qcow2 with LUKS in it (`crypt_method` 2). qcow2's old AES does not count (`storage.qcow2-legacy-aes-off`). Of a chain each layer
//! counts, for a base image holds data too. A file on an encrypted file system can't be told and fails: grant an exception.
//!
//! ## Fix
//! Make a LUKS secret in libvirt, copy the image with `qemu-img convert --object secret … -o encrypt.format=luks …`, point the VM at
//! the copy with `<encryption format='luks'>`, and destroy the old file once the VM has run from the copy.
//!
//! ## Undo
//! Keep the old image until the copy has run; point the VM back at it.
//!
//! ```fails
//! -- etc/baluarte/policy.toml --
//! passthrough = ["0000:41:00.0"]
//! encrypted = ["/var/lib/libvirt/images/*"]
//! ```
//! ```passes
//! -- etc/baluarte/policy.toml --
//! passthrough = ["0000:41:00.0"]
//! encrypted = ["/var/lib/libvirt/images/*"]
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! crypt=2
//! ```
//! ```n/a
//! -- etc/baluarte/policy.toml --
//! passthrough = ["0000:41:00.0"]
//! encrypted = ["/srv/*"]
//! ```
use formats::image::{Facts, qcow2::Encryption};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Image},
    exception::glob,
};

use crate::images;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Image(Rule {
        judge,
        fix: Fix::Advice(
            "copy the image into LUKS with qemu-img convert, point the VM at the copy, and destroy the old file",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Images that must be encrypted are",
        pt: "As imagens que devem ser criptografadas o são",
        id: "Citra yang wajib dienkripsi memang terenkripsi",
    },
    why: "Who has the file, a backup of it or the disk it was on has all of the guest's data.",
    references: &[
        "guide 2, Criptografia: dados em repouso",
        "guide 1, AMD SEV: full disk encryption",
        "libvirt docs/formatstorageencryption.rst, luks",
    ],
};

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    let policy = evidence.policy.known()?;
    if !policy.is_some_and(|policy| policy.encrypted.iter().any(|pattern| glob(pattern, &image.path))) {
        return Ok(Verdict::NotApplicable("the policy does not ask for it"));
    }
    if image.stat.known()?.is_none() {
        return Ok(Verdict::NotApplicable("the image is not there"));
    }
    let chain = image.chain.required()?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for link in &chain.links {
        let (list, seen) = match &link.facts {
            Facts::Luks(_) => (&mut right, "a LUKS container"),
            Facts::Qcow2(header) if header.encryption.value == Encryption::Luks => {
                (&mut right, "LUKS in qcow2")
            }
            _ => (&mut wrong, "it is in clear"),
        };
        list.push(Cite::whole(&images::key(link), seen));
    }
    match images::unread(chain) {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ => Ok(Verdict::unless(wrong, right)),
    }
}
