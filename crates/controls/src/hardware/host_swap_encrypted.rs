//! What the host swaps out is encrypted.
//!
//! ## Why
//! Memory of a guest that is swapped out lies on the host's disk, keys and passwords and all, and stays there when the guest and the
//! host are long off.
//!
//! ## Where
//! `/proc/swaps`: each area is zram, or a dm-crypt device, or lies on one (`/sys/block/dm-*/dm/uuid` starts with `CRYPT-`, or that of
//! every device below it in `slaves`); a swap file counts by the device its file system is on. A host without swap passes.
//!
//! ## Fix
//! Encrypt the area with a new random key at each boot: in `/etc/crypttab` `swap /dev/disk/by-partuuid/… /dev/urandom
//! swap,cipher=aes-xts-plain64,size=512`, and `/dev/mapper/swap` in `/etc/fstab`. Or do without swap. Not for hosts that hibernate.
//!
//! ## Undo
//! Put the former lines back, `mkswap` the area, and reboot.
//!
//! ```fails
//! -- proc/swaps --
//! Filename Type Size Used Priority
//! /dev/sda2                               partition 8388604 0 -2
//! ```
//! ```fails
//! -- proc/swaps --
//! Filename Type Size Used Priority
//! /dev/dm-1                               partition 8388604 0 -2
//! -- sys/block/dm-1/dm/uuid --
//! LVM-nB2q3wI5Y6Vg0m0f8hJ4kL2pQ7rS9tU1vW3xY5zA7bC9dE1fG3hI5jK7lM9nO1pQ
//! -- sys/block/dm-1/slaves/sda3 link=../../../sda/sda3 --
//! ```
//! ```fails
//! -- proc/swaps --
//! Filename Type Size Used Priority
//! /swapfile                               file 8388604 0 -2
//! -- swapfile mode=0600 inode --
//! ```
//! ```passes
//! -- proc/swaps --
//! Filename Type Size Used Priority
//! /dev/dm-1                               partition 8388604 0 -2
//! /dev/zram0                              partition 8388604 0 100
//! -- sys/block/dm-1/dm/uuid --
//! LVM-nB2q3wI5Y6Vg0m0f8hJ4kL2pQ7rS9tU1vW3xY5zA7bC9dE1fG3hI5jK7lM9nO1pQ
//! -- sys/block/dm-1/slaves/dm-0 link=../../dm-0 --
//! -- sys/block/dm-0/dm/uuid --
//! CRYPT-LUKS2-0d1c2b3a49584746a5b4c3d2e1f00f1e-vg_crypt
//! ```
use formats::kernel::mount::{self, Swap};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::tally::Tally;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("encrypt swap with a random key in /etc/crypttab, or do without swap"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Swap is encrypted",
        pt: "A área de troca (swap) é criptografada",
        id: "Swap dienkripsi",
    },
    why: "Memory of guests lies readable on the host's disk.",
    references: &["guide 2, data at rest", "crypttab(5), swap", "proc_swaps(5)"],
};

/// Most devices looked at below one area.
const DEVICES: usize = 64;

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let swaps = evidence.bytes("proc/swaps").and_then(mount::swaps);
    let areas = swaps.required()?;
    if areas.is_empty() {
        return Ok(Verdict::Pass(vec![Cite::whole(swaps.key(), "the host has no swap")]));
    }
    let mut tally = Tally::default();
    for area in areas {
        let path = &area.path;
        if let Some(encrypted) = tally.see(is_encrypted(evidence, area)) {
            let seen = format!("{} is {}encrypted", path.value, if encrypted { "" } else { "not " });
            tally.file(encrypted, Cite::bytes(swaps.key(), path.span, seen));
        }
    }
    tally.verdict("the host has no swap")
}

fn is_encrypted(evidence: &Evidence, area: &Swap) -> Result<bool, Missing> {
    let path = area.path.value.as_str();
    if area.kind != "file" {
        let name = path.strip_prefix("/dev/").unwrap_or(path);
        return Ok(name.starts_with("zram") || mapped_by_crypt(evidence, name)?);
    }
    let stat = evidence.stat(path.trim_start_matches('/'));
    let device = stat.required()?.device.as_str();
    if device.is_empty() || device.starts_with("0:") {
        let why = "the device below its file system can't be told";
        return Err(Missing { key: stat.key().clone(), why: why.into() });
    }
    for name in evidence.names("sys/block").known()?.into_iter().flat_map(|names| names.iter()) {
        if name.starts_with("dm-")
            && evidence.text(&format!("sys/block/{name}/dev")).known()? == Some(&device)
        {
            return mapped_by_crypt(evidence, name);
        }
    }
    Ok(false)
}

/// Whether everything the device stands on goes through dm-crypt.
fn mapped_by_crypt(evidence: &Evidence, name: &str) -> Result<bool, Missing> {
    let mut below = vec![name.to_owned()];
    for _ in 0..DEVICES {
        let Some(name) = below.pop() else { return Ok(true) };
        if !name.starts_with("dm-") {
            return Ok(false);
        }
        let uuid = evidence.text(&format!("sys/block/{name}/dm/uuid"));
        if !uuid.known()?.is_some_and(|uuid| uuid.starts_with("CRYPT-")) {
            let slaves = evidence.names(&format!("sys/block/{name}/slaves"));
            let slaves = slaves.known()?.copied().unwrap_or_default();
            if slaves.is_empty() {
                return Ok(false);
            }
            below.extend(slaves.iter().cloned());
        }
    }
    Ok(false)
}
