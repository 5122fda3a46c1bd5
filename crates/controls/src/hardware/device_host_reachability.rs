//! No device that the host needs itself is given to a VM.
//!
//! ## Why
//! A guest that has the card of the management network is on that network; one that has the disk controller or the console's
//! graphics has what the host puts there. Guide 1 warns of exactly this way to the management network.
//!
//! ## Where
//! What the host has of the device now, in sysfs: an interface in `net` that is up (`IFF_UP` in
//! `flags`), a block device (`/sys/block`) that is mounted,
//! swapped to or held by another one (LVM, dm-crypt, RAID), or `boot_vga` = 1, the console's graphics card. A card whose port is
//! shared with the BMC can't be told from here.
//!
//! ## Fix
//! Give the VM another device; move the host's network or disks away from this one first.
//!
//! ## Undo
//! Nothing is changed by the advice but the VM's XML.
//!
//! ```fails
//! -- sys/bus/pci/devices/0000:41:00.0/net/eno3/flags --
//! 0x1003
//! ```
//! ```fails
//! -- sys/bus/pci/devices/0000:41:00.0/boot_vga --
//! 1
//! ```
//! ```fails
//! -- sys/block/nvme0n1 link=../devices/pci0000:40/0000:40:01.0/0000:41:00.0/nvme/nvme0/nvme0n1 --
//! -- proc/mounts --
//! /dev/nvme0n1p2 / ext4 rw 0 0
//! ```
//! ```fails
//! -- sys/block/sda link=../devices/pci0000:40/0000:40:01.0/0000:41:00.0/ata1/host0/target0:0:0/0:0:0:0/block/sda --
//! -- sys/devices/pci0000:40/0000:40:01.0/0000:41:00.0/ata1/host0/target0:0:0/0:0:0:0/block/sda/sda3/holders/dm-0 link=../dm-0 --
//! ```
//! ```passes
//! -- sys/bus/pci/devices/0000:41:00.0/net/eno3/flags --
//! 0x1002
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Device, Evidence},
    fact::Missing,
};

use crate::{passthrough, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Device(Rule {
        judge,
        fix: Fix::Advice("give the VM a device that the host does not use itself"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The host does not need the device itself",
        pt: "O host não precisa do dispositivo",
        id: "Host tidak membutuhkan perangkat itu sendiri",
    },
    why: "The guest gets the host's own network, disks or console with it.",
    references: &[
        "guide 1, PCI passthrough: access to the management network",
        "Linux Documentation/ABI/testing/sysfs-bus-pci",
    ],
};

fn judge(evidence: &Evidence, device: &Device, _: Reading) -> Judged {
    if !passthrough::present(device)? {
        return Ok(Verdict::NotApplicable("the host has no such device"));
    }
    let mut tally = Tally::default();
    let graphics = evidence.text(&format!("{}/boot_vga", device.key));
    if tally.see(graphics.known()) == Some(Some(&"1")) {
        tally.wrong.push(Cite::whole(graphics.key(), "it is the graphics card of the host's console"));
    }
    let net = evidence.names(&format!("{}/net", device.key));
    for interface in tally.see(net.known()).flatten().copied().unwrap_or_default() {
        let flags = evidence.text(&format!("{}/net/{interface}/flags", device.key));
        let flags = flags.and_then(|text| u32::from_str_radix(text.trim_start_matches("0x"), 16));
        // IFF_UP of netdevice(7).
        if tally.see(flags.known()).flatten().is_some_and(|flags| flags & 1 != 0) {
            tally.wrong.push(Cite::whole(flags.key(), format!("the host uses it as {interface}")));
        }
    }
    let inside = format!("/{}/", device.address);
    let blocks = evidence.names("sys/block");
    for block in tally.see(blocks.known()).flatten().copied().unwrap_or_default() {
        let link = evidence.link(&format!("sys/block/{block}"));
        let ours = tally.see(link.known()).flatten().is_some_and(|target| target.contains(&inside));
        if ours && tally.see(in_use(evidence, block)) == Some(true) {
            tally.wrong.push(Cite::whole(link.key(), format!("the host uses its disk {block}")));
        }
    }
    tally.right.push(Cite::whole(&device.key, "the host uses no interface, disk or console of it"));
    tally.verdict("the host has no such device")
}

/// Whether a disk, or a part of it, is mounted, swapped to or held.
fn in_use(evidence: &Evidence, block: &str) -> Result<bool, Missing> {
    // `nvme0n1p2`, `sda2`, but not `sdaa`.
    let part = |name: &str| {
        name.strip_prefix(block)
            .is_some_and(|rest| rest.trim_start_matches('p').bytes().all(|byte| byte.is_ascii_digit()))
    };
    for table in ["proc/mounts", "proc/swaps"] {
        let table = evidence.text(table);
        let names = table
            .required()?
            .lines()
            .filter_map(|line| line.split_ascii_whitespace().next()?.strip_prefix("/dev/"));
        if names.into_iter().any(part) {
            return Ok(true);
        }
    }
    let below = format!("sys/block/{block}/");
    let holders =
        evidence.recording.entries.range(below.clone()..).take_while(|(key, _)| key.starts_with(&below));
    for (key, _) in holders.filter(|(key, _)| key.ends_with("/holders")) {
        if evidence.names(key).known()?.is_some_and(|holders| !holders.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}
