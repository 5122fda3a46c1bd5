//! libvirt runs with the configuration that is on disk.
//!
//! ## Why
//! libvirt reads its files once, when it starts. What was closed in a file since then is open still, and what a report
//! reads in the file is not what holds.
//!
//! ## Where
//! The time of the last change of the daemon's file, and of `/etc/libvirt/qemu.conf` for the daemon that runs QEMU, against
//! the time at which the daemon started. A file that was written again with the same content counts too.
//!
//! ## Fix
//! Restart the daemon (`systemctl restart libvirtd`): running VMs are not disturbed. Settings of QEMU take effect at each
//! VM's next start.
//!
//! ## Undo
//! Not needed: nothing but the daemon's process is new.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 mtime=1790000100 --
//! vnc_tls = 1
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 mtime=1790086400 --
//! auth_unix_rw = "polkit"
//! ```
//! ```passes
//! -- etc/libvirt/libvirtd.conf mode=0600 mtime=1790000000 --
//! auth_unix_rw = "polkit"
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice("restart the daemon; running VMs are not disturbed"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt runs with what is on disk",
        pt: "O libvirt roda com o que está no disco",
        id: "libvirt berjalan dengan konfigurasi di disk",
    },
    why: "What was closed in the file is open still.",
    references: &["libvirt docs/manpages/libvirtd.rst", "proc_pid_stat(5), starttime"],
};

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    let Some(process) = daemon.process(evidence) else {
        return Ok(Verdict::NotApplicable("the daemon does not run"));
    };
    let started = *process.started.required()?;
    let own: &str = &daemon.conf_key;
    let emulator = matches!(daemon.name, "libvirtd" | "virtqemud").then_some("etc/libvirt/qemu.conf");
    let (mut wrong, mut right) = (vec![], vec![]);
    for key in [own].into_iter().chain(emulator) {
        let found = evidence.stat(key);
        let Some(stat) = found.known()? else { continue };
        let late = stat.mtime - started;
        if late > 0 {
            wrong.push(Cite::whole(found.key(), format!("changed {late} s after {} started", daemon.name)));
        } else {
            right.push(Cite::whole(found.key(), format!("not changed since {} started", daemon.name)));
        }
    }
    if wrong.is_empty() && right.is_empty() {
        right.push(Cite::whole(&process.key("stat").into(), "there is no file; every default applies"));
    }
    Ok(Verdict::unless(wrong, right))
}
