//! libvirt locks each disk, so that no two VMs write one.
//!
//! ## Why
//! Two VMs that write one file system destroy it, and each reads what the other wrote. libvirt refuses that only with a
//! lock manager: without one a copied XML, a second host on the same storage or a failed migration is enough.
//!
//! ## Where
//! `lock_manager` of `/etc/libvirt/qemu.conf`: `lockd` or `sanlock`; not set, nothing is locked.
//!
//! ## Fix
//! Set `lock_manager = "lockd"`, enable `virtlockd.socket`, restart the daemon, and shut down and start the VMs. For
//! disks on storage that several hosts share, put the locks there too (`file_lockspace_dir` in
//! `/etc/libvirt/qemu-lockd.conf`).
//!
//! ## Undo
//! Put the former line back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! #lock_manager = "lockd"
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! lock_manager = "sanlock"
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{ask, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Disks are locked against a second writer",
        pt: "Os discos são travados contra um segundo escritor",
        id: "Disk dikunci terhadap penulis kedua",
    },
    why: "Two VMs that write one disk destroy it, and each reads what the other wrote.",
    references: &["libvirt docs/kbase/locking-lockd.rst", "libvirt src/qemu/qemu.conf.in, lock_manager"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if mac::no_libvirt(evidence)? {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let setting = ask::setting(&evidence.qemu_conf, "lock_manager")?;
    let cite = vec![setting.cite("none")];
    Ok(if matches!(setting.text(), Some("lockd" | "sanlock")) {
        Verdict::Pass(cite)
    } else {
        Verdict::Fail(cite)
    })
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? else { return Ok(vec![]) };
    ask::set(&evidence.qemu_conf, "lock_manager", &Value::Str("lockd".to_owned()), Disposition::VmRestart)
}
