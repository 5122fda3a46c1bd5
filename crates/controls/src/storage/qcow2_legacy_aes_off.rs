//! No image uses qcow2's old AES encryption.
//!
//! ## Why
//! It encrypts with the pass phrase itself as the key and with vectors a guest can predict, so that a file inside the
//! guest can be recognized on the disk without any key. QEMU has refused to run such images since 2.x and reads them
//! only with `qemu-img`, to get the data out. Who relies on it has no encryption.
//!
//! ## Where
//! `crypt_method` 1 in the header of each qcow2 or qcow image of the chain (byte 32, byte 36), and `encryption/@format`
//! of `qcow` or `default` on a disk in inactive or live XML.
//!
//! ## Fix
//! Make a LUKS secret in libvirt, copy the image with `qemu-img convert --object secret … -o encrypt.format=luks …`,
//! point the VM at the copy with `<encryption format='luks'>`, and destroy the old file once the VM has run from the
//! copy.
//!
//! ## Undo
//! Keep the old image until the copy has run; point the VM back at it.
//!
//! ## Guides
//! Guide 2 names qcow2's encryption as a way to protect data at rest: that holds for LUKS inside qcow2, not for this.
//!
//! ```fails
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! crypt=1
//! ```
//! ```fails vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='qcow2'/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'><encryption format='qcow'/></source>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
//! ```passes
//! -- var/lib/libvirt/images/web1.qcow2 qcow2 mode=0600 uid=64055 gid=64055 --
//! crypt=2
//! ```
use formats::{
    Span,
    image::{Facts, qcow2::Encryption},
    libvirt::TextOption as _,
};
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
            "Convert the image to LUKS with qemu-img convert, point the VM at the copy, and destroy the old file.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "qcow2's old encryption is not used",
        pt: "A criptografia antiga do qcow2 não é usada",
        id: "Enkripsi lama qcow2 tidak dipakai",
    },
    why: "The old qcow2 encryption is broken by design: who relies on it has none.",
    references: &[
        "guide 2, Criptografia: qcow2",
        "QEMU docs/interop/qcow2.rst, crypt_method",
        "QEMU docs/system/qemu-block-drivers.rst.inc, encrypt.format=aes",
        "libvirt docs/formatstorageencryption.rst",
    ],
};

fn judge(evidence: &Evidence, image: &Image, _: Reading) -> Judged {
    let mut wrong = vec![];
    for (view, disk) in images::disks(evidence, image) {
        let nested = disk.source.as_ref().and_then(|source| source.encryption.as_deref());
        for encryption in nested.into_iter().chain(disk.encryption.as_deref()) {
            if encryption.format.is_any(&["qcow", "default"]) {
                wrong.push(Cite::bytes(
                    &view.key,
                    encryption.at.open,
                    "the XML asks for qcow's old encryption",
                ));
            }
        }
    }
    if !wrong.is_empty() {
        return Ok(Verdict::Fail(wrong));
    }
    if image.stat.known()?.is_none() {
        return Ok(Verdict::NotApplicable("the image is not there"));
    }
    let mut right = vec![];
    let chain = image.chain.required()?;
    for link in &chain.links {
        match legacy(&link.facts) {
            Some((true, span)) => {
                wrong.push(Cite::bytes(&images::key(link), span, "crypt_method 1: the old AES"))
            }
            Some((false, span)) => right.push(Cite::bytes(&images::key(link), span, "not the old AES")),
            None => {}
        }
    }
    if let Some(missing) = images::unread(chain).filter(|_| wrong.is_empty()) {
        return Err(missing);
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("neither it nor what it leads to is qcow or qcow2"));
    }
    Ok(Verdict::unless(wrong, right))
}

/// Whether a header asks for the old encryption, and where it says so; `None` for formats that can't.
fn legacy(facts: &Facts) -> Option<(bool, Span)> {
    match facts {
        Facts::Qcow2(header) => Some((header.encryption.value == Encryption::Aes, header.encryption.span)),
        Facts::Plain(header) => header.encryption.as_ref().map(|method| (method.value != 0, method.span)),
        Facts::None | Facts::Luks(_) | Facts::Vmdk(_) => None,
    }
}
