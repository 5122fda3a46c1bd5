//! The kernel audits from its first process on.
//!
//! ## Why
//! A process that runs before auditd switches audit on is never audited later either: without `audit=1` the kernel gives
//! it no audit context. And libvirt asks only once, at its start, whether audit is on.
//!
//! ## Where
//! In effect: `audit=` in `/proc/cmdline`; anything but `0` and `off` is on, and the last one counts.
//! `audit_backlog_limit`, where it is given, must be at least 8192, so that records of the boot are not lost before
//! auditd takes them. Configured: entries below `/boot/loader/entries`, else `/etc/kernel/cmdline`, else
//! `GRUB_CMDLINE_LINUX` and `GRUB_CMDLINE_LINUX_DEFAULT` of `/etc/default/grub` and its directory.
//!
//! ## Fix
//! Add `audit=1 audit_backlog_limit=8192` to the kernel's arguments (`grubby --update-kernel=ALL --args=…`; or to
//! `GRUB_CMDLINE_LINUX` in `/etc/default/grub`, then `update-grub`), and reboot.
//!
//! ## Undo
//! Take the arguments out in the same way and reboot.
//!
//! ## Guides
//! Guide 2 shows a stanza of GRUB 1 for Enterprise Linux 5: today the arguments belong to GRUB 2's defaults or to boot
//! loader entries, and editing grub.cfg itself is undone by the next update.
//!
//! ```fails
//! -- proc/cmdline --
//! BOOT_IMAGE=/boot/vmlinuz-6.1.0-28-amd64 root=/dev/mapper/vg-root ro quiet intel_iommu=on
//! -- etc/default/grub --
//! GRUB_CMDLINE_LINUX_DEFAULT="quiet"
//! GRUB_CMDLINE_LINUX="intel_iommu=on"
//! ```
//! ```fails
//! -- proc/cmdline --
//! BOOT_IMAGE=/boot/vmlinuz-6.1.0-28-amd64 root=/dev/mapper/vg-root ro audit=1 audit=off
//! ```
//! ```fails
//! -- proc/cmdline --
//! root=/dev/mapper/vg-root ro audit=1 audit_backlog_limit=64
//! ```
//! ```fails
//! -- boot/loader/entries/1.conf --
//! title Linux
//! linux /vmlinuz-6.1.0
//! options root=/dev/mapper/vg-root ro
//! ```
//! ```passes
//! -- etc/default/grub --
//! GRUB_CMDLINE_LINUX_DEFAULT="quiet"
//! -- boot/loader/entries/1.conf --
//! title Linux
//! options root=/dev/mapper/vg-root ro audit=1
//! ```
use formats::{Span, kernel::cmdline::CommandLine};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Key,
};

use crate::boot_arguments;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("add `audit=1 audit_backlog_limit=8192` to the kernel's arguments and reboot"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Audit is on from boot",
        pt: "A auditoria está ligada desde o boot",
        id: "Audit aktif sejak boot",
    },
    why: "Processes that started before auditd are never audited.",
    references: &[
        "guide 2, Auditoria: audit=1",
        "Linux Documentation/admin-guide/kernel-parameters.txt, audit, audit_backlog_limit",
        "Linux kernel/audit.c, audit_enable",
    ],
};

/// Enough for the records of a boot (auditctl(8) and the CIS benchmarks of the distributions).
const BACKLOG: u64 = 8192;

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    if reading == Reading::Effective {
        let line = evidence.cmdline.required()?;
        return Ok(look(line, evidence.cmdline.key(), None));
    }
    let lines = boot_arguments::configured(evidence)?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for (key, span, line) in &lines {
        match look(line, key, Some(*span)) {
            Verdict::Fail(cites) => wrong.extend(cites),
            Verdict::Pass(cites) => right.extend(cites),
            Verdict::NotApplicable(_) => {}
        }
    }
    if lines.is_empty() {
        return Ok(Verdict::NotApplicable("where the kernel's arguments are kept is not known"));
    }
    Ok(Verdict::unless(wrong, right))
}

/// Judges one command line; `at` is where it stands if its own spans are not those of the file.
fn look(line: &CommandLine, key: &Key, at: Option<Span>) -> Verdict {
    let (mut wrong, mut right) = (vec![], vec![]);
    match line.get("audit") {
        Some(argument) => {
            let off = argument.text() == "0" || argument.text().eq_ignore_ascii_case("off");
            let list = if off { &mut wrong } else { &mut right };
            list.push(Cite::bytes(key, at.unwrap_or(argument.span), format!("audit={}", argument.text())));
        }
        None => wrong.push(Cite { key: key.clone(), span: at, seen: "audit=1 is not there".into() }),
    }
    if let Some(argument) = line.get("audit_backlog_limit") {
        let small = argument.text().parse::<u64>().is_ok_and(|limit| limit < BACKLOG && limit != 0);
        let list = if small { &mut wrong } else { &mut right };
        let seen = format!("audit_backlog_limit={}", argument.text());
        list.push(Cite::bytes(key, at.unwrap_or(argument.span), seen));
    }
    Verdict::unless(wrong, right)
}
