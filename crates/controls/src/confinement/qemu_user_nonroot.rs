//! QEMU runs as a user and group of its own, not as root.
//!
//! ## Why
//! A guest that breaks out of QEMU has QEMU's identity. As root it owns the host at once: it may change libvirt's
//! files, read every image, and often take back the capabilities it was started without.
//!
//! ## Where
//! In effect: `Uid` and `Gid` of every running emulator, `/proc/PID/status`, all four numbers of each. Configured:
//! `user` and `group` of `/etc/libvirt/qemu.conf`; where a key is not set the build's default counts, which is the
//! account `libvirt-qemu` or `qemu` that distributions create, and root where there is no such account (libvirt's own
//! default).
//!
//! ## Fix
//! Set `user` and `group` in `/etc/libvirt/qemu.conf` to the distribution's account (`libvirt-qemu`, `qemu`), give it
//! `/var/lib/libvirt/qemu`, restart the daemon, and shut down and start the VMs. What a VM did as root before (a raw
//! disk, a tap it opened itself) then has to be given to it by libvirt.
//!
//! ## Undo
//! Put the former lines and owners back and restart in the same order.
//!
//! ## Guides
//! Guide 2 says that guests run as root for the sake of network interfaces. libvirt opens taps and passes them on, so
//! QEMU has not needed that for years.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! user = "root"
//! group = "root"
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! user = "+0"
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! -- etc/passwd --
//! root:x:0:0:root:/root:/bin/bash
//! ```
//! ```fails
//! -- proc/4242/status --
//! Name: qemu-system-x86
//! Uid: 64055 0 64055 64055
//! Gid: 64055 64055 64055 64055
//! Groups: 107 64055
//! Threads: 2
//! CapInh: 0000000000000000
//! CapPrm: 0000000000000000
//! CapEff: 0000000000000000
//! CapBnd: 000001ffffffffff
//! CapAmb: 0000000000000000
//! PPid: 1
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! #user = "root"
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::{ask, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "Set user and group in /etc/libvirt/qemu.conf to the distribution's emulator account, and restart the VMs.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "QEMU does not run as root",
        pt: "O QEMU não roda como root",
        id: "QEMU tidak berjalan sebagai root",
    },
    why: "A guest that breaks out of a QEMU that runs as root owns the host at once.",
    references: &[
        "guide 2, Guests rodando como root",
        "libvirt docs/drvqemu.rst, POSIX users/groups",
        "libvirt src/qemu/qemu.conf.in, user and group",
        "QEMU docs/system/security.rst, Principle of least privilege",
    ],
};

/// Accounts that distributions build libvirt with: Debian and its kin, Fedora, RHEL, SUSE, Gentoo.
const ACCOUNTS: [&str; 2] = ["libvirt-qemu", "qemu"];

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    if mac::no_libvirt(evidence)? {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    match reading {
        Reading::Effective => effective(evidence),
        Reading::Configured => configured(evidence),
    }
}

fn effective(evidence: &Evidence) -> Judged {
    let (mut wrong, mut right, mut unread) = (vec![], vec![], None);
    for vm in &evidence.vms {
        let looked = vm.process(evidence).and_then(|process| match process {
            Some(process) => process.status.required().map(|status| Some((process.status.key(), status))),
            None => Ok(None),
        });
        let (key, status) = match looked {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(missing) => {
                unread.get_or_insert(missing);
                continue;
            }
        };
        for (name, ids) in [("Uid", &status.uid), ("Gid", &status.gid)] {
            if ids.value.any(0) {
                wrong.push(Cite::bytes(key, ids.span, format!("{}: {name} has 0 among its four", vm.name)));
            } else if right.is_empty() {
                right.push(Cite::bytes(
                    key,
                    ids.span,
                    format!("{}: {name} is {}", vm.name, ids.value.effective),
                ));
            }
        }
    }
    match unread {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ if wrong.is_empty() && right.is_empty() => Ok(Verdict::NotApplicable("no VM runs")),
        _ => Ok(Verdict::unless(wrong, right)),
    }
}

fn configured(evidence: &Evidence) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    for name in ["user", "group"] {
        let setting = ask::setting(&evidence.qemu_conf, name)?;
        if setting.assignment.is_some() {
            let cite = setting.cite("");
            let id = setting.text().map(|text| mac::id(evidence, name, text)).transpose()?;
            if id.is_some_and(|id| id != 0) {
                right.push(cite)
            } else {
                wrong.push(cite)
            }
            continue;
        }
        let users = evidence.access.accounts.users.required()?;
        let account = users.entries.iter().find(|user| ACCOUNTS.contains(&user.name.value.as_str()));
        match account {
            Some(account) => {
                right.push(setting.cite(&format!("the build's, for which there is {}", account.name.value)))
            }
            None => wrong.push(setting.cite("root, since no account of a distribution's build is here")),
        }
    }
    Ok(Verdict::unless(wrong, right))
}
