//! The host itself has no VM's image attached as a block device.
//!
//! ## Why
//! To attach an image to the host is to give its partition table, its volume groups and its file systems, all written
//! by the guest, to the host's kernel, whose parsers were made for disks one owns. And what the guest meanwhile writes
//! makes both sides lose data.
//!
//! ## Where
//! `/sys/block/loop*/loop/backing_file` and the processes behind `/sys/block/nbd*/pid`: none names an image that a VM's
//! XML names.
//!
//! ## Fix
//! Unmount what is on it, then `losetup -d` or `qemu-nbd -d`. Look into images with `guestfish --ro`, which does it in
//! a VM of its own.
//!
//! ## Undo
//! Nothing to undo: attach the image again.
//!
//! ```fails
//! -- sys/block/loop3/loop/backing_file --
//! /var/lib/libvirt/images/web1.qcow2
//! ```
//! ```fails
//! -- sys/block/nbd0/pid --
//! 900
//! -- proc/900/comm --
//! qemu-nbd
//! -- proc/900/cmdline escaped --
//! qemu-nbd\0-c\0/dev/nbd0\0/var/lib/libvirt/images/web1.qcow2\0
//! ```
//! ```passes
//! -- sys/block/loop3/loop/backing_file --
//! /var/lib/snapd/snaps/core22_1.snap
//! ```
use formats::image::name::simplify;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("Unmount what is on it, and detach the image with losetup -d or qemu-nbd -d."),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No image is attached to the host",
        pt: "Nenhuma imagem está anexada ao host",
        id: "Tidak ada citra yang dipasang di host",
    },
    why: "The host's kernel then parses partition tables and file systems that a guest wrote.",
    references: &["libvirt docs/kbase/secureusage.rst, Disk image handling", "losetup(8), qemu-nbd(8)"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let devices = evidence.names("sys/block");
    let names = *devices.required()?;
    let mut wrong = vec![];
    for name in names {
        if name.starts_with("loop") {
            let file = evidence.text(&format!("sys/block/{name}/loop/backing_file"));
            if let Some(path) = file.known()?.filter(|path| is_image(evidence, path)) {
                wrong.push(Cite::whole(file.key(), format!("{name} is {path}")));
            }
        } else if name.starts_with("nbd") {
            wrong.extend(by_nbd(evidence, name)?);
        }
    }
    Ok(Verdict::unless(wrong, vec![Cite::whole(devices.key(), "no loop or NBD device is a VM's image")]))
}

fn is_image(evidence: &Evidence, path: &str) -> bool {
    let path = simplify(path.trim_end_matches(" (deleted)"));
    evidence.image(&path).is_some()
}

/// The image behind an NBD device: one of the arguments of the process that serves it.
fn by_nbd(evidence: &Evidence, name: &str) -> Result<Option<Cite>, Missing> {
    let file = evidence.text(&format!("sys/block/{name}/pid"));
    let Some(pid) = file.known()?.and_then(|pid| pid.parse::<u32>().ok()) else { return Ok(None) };
    let missing = || Missing {
        key: file.key().clone(),
        why: format!("process {pid}, which serves it, was not looked at").into(),
    };
    let process = evidence.processes.get(&pid).ok_or_else(missing)?;
    // `filename=PATH` of a block device description is a path too.
    let words = process.arguments.required()?.iter().flat_map(|argument| argument.split([',', '=']));
    let image = words.filter(|word| word.starts_with('/')).find(|word| is_image(evidence, word));
    Ok(image.map(|image| Cite::whole(process.arguments.key(), format!("{name} is {image}"))))
}
