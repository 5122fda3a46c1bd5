//! Each disk says its image's format, and the image is of that format.
//!
//! ## Why
//! The first bytes of a raw disk are the guest's to write. A guest that writes a qcow2 header there, naming
//! `/etc/shadow` as its backing file, reads it as soon as anything takes the format from those bytes. So the format has
//! to be said, by someone who is not the guest; and a raw disk that begins with a header of another format is either
//! declared wrongly or such an attempt.
//!
//! ## Where
//! `driver/@type` of each disk of type `file`, `block` or `network` in inactive and live XML, compared with the first
//! bytes of the image. A raw disk may hold LUKS, a partition table or an ISO 9660 file system: none of these names
//! another file. A volume of a pool has its format from the pool; an image that is not there has only its declaration.
//!
//! ## Fix
//! Find out what format the image was made in (not what its first bytes say now). `virsh edit VM`: put that into
//! `<driver type='…'/>`, and restart the VM. Where a raw disk has become something else, look at who writes to it
//! before you do anything that opens it without a format: `qemu-img info` without `-f` already does.
//!
//! ## Undo
//! Put the former `type` back and restart the VM.
//!
//! ```fails vm inactive
//! <disk type='file' device='disk'>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
//! ```fails vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='raw'/>
//!   <source file='/var/lib/libvirt/images/web1.qcow2'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! ```
//! ```fails vm live
//! <disk type='block' device='disk'>
//!   <driver name='qemu' type='raw'/>
//!   <source dev='/dev/vg/web1'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! -- dev/vg/web1 qcow2 --
//! backing=/etc/shadow format=raw
//! ```
//! ```passes vm
//! <disk type='file' device='disk'>
//!   <driver name='qemu' type='raw'/>
//!   <source file='/var/lib/libvirt/images/web1.img'/>
//!   <target dev='vda' bus='virtio'/>
//! </disk>
//! <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
//! -- var/lib/libvirt/images/web1.img mode=0600 size=1048576 --
//! LUKS or a partition table might stand here.
//! ```
use formats::{
    image::{
        Format,
        chain::{Problem, Why},
    },
    libvirt::{TextOption as _, domain},
};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Disk, Evidence, local_path},
    fact::{Key, Missing},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Disk(Rule {
        judge,
        fix: Fix::Advice(
            "virsh edit VM: say in <driver type='…'/> the format the image was made in, and restart the VM.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The image format is declared and true",
        pt: "O formato da imagem é declarado e verdadeiro",
        id: "Format citra dinyatakan dan benar",
    },
    why: "A guest that writes a header into its own raw disk reads the host's files once the format is probed.",
    references: &[
        "libvirt docs/kbase/secureusage.rst, Disk image handling",
        "libvirt docs/formatdomain.rst, Hard drives: driver type",
        "QEMU docs/system/images.rst",
    ],
};

fn judge(evidence: &Evidence, disk: &Disk, reading: Reading) -> Judged {
    let Some((view, disk)) = disk.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("the VM's XML has no such disk"));
    };
    let Some(declared) = disk.driver.as_ref().and_then(|driver| driver.kind.as_ref()) else {
        let here = disk.kind.is_any(&["file", "block", "network"]) && has_source(disk);
        return Ok(if here {
            Verdict::Fail(vec![Cite::bytes(&view.key, disk.at.open, "the disk declares no format")])
        } else {
            Verdict::NotApplicable("the drive is empty, or something else says the format")
        });
    };
    let said = Cite::bytes(&view.key, declared.span, format!("declared {}", declared.value));
    let Some((key, probed)) = probed(evidence, disk)? else { return Ok(Verdict::Pass(vec![said])) };
    let cites = vec![said, Cite::whole(&key, format!("its first bytes say {probed}"))];
    let wrong = Format::from_driver(&declared.value).is_some_and(|declared| contradicts(declared, probed));
    Ok(if wrong { Verdict::Fail(cites) } else { Verdict::Pass(cites) })
}

/// True for a disk with something in it: an empty CD drive has no source, or one without a path.
fn has_source(disk: &domain::Disk) -> bool {
    disk.source
        .as_ref()
        .is_some_and(|source| [&source.file, &source.dev, &source.protocol].into_iter().any(Option::is_some))
}

/// What the image's first bytes show; `None` where it is not on this host or not there.
fn probed(evidence: &Evidence, disk: &domain::Disk) -> Result<Option<(Key, Format)>, Missing> {
    let Some(image) = local_path(disk).and_then(|path| evidence.image(path)) else { return Ok(None) };
    let Some(first) = image.chain.required()?.links.first() else { return Ok(None) };
    let gone = Problem::NotOpened(Why::Missing);
    if first.probed.is_none() && !first.problems.contains(&gone) {
        let why = "its first bytes could not be read".into();
        return Err(Missing { key: image.key.clone(), why });
    }
    Ok(first.probed.map(|probed| (image.key.clone(), probed)))
}

fn contradicts(declared: Format, probed: Format) -> bool {
    // A container for QEMU's own encryption is declared raw, and a guest may encrypt the whole of its disk.
    let container = declared == Format::Raw && probed == Format::Luks1;
    !declared.same_driver(probed) && !container
}
