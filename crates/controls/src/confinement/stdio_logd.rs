//! What a VM prints goes to virtlogd, which cuts its logs to a size.
//!
//! ## Why
//! A guest decides how much it writes to its serial port, and QEMU how much it complains. Written straight to a file,
//! that fills the host's disk, and then no VM can write.
//!
//! ## Where
//! `stdio_handler` of `/etc/libvirt/qemu.conf`: `logd` (the default); `file` writes without a limit. virtlogd keeps
//! three backups of 2 MiB for each VM unless `/etc/libvirt/virtlogd.conf` says otherwise.
//!
//! ## Fix
//! Set `stdio_handler = "logd"`, restart the daemon, and shut down and start the VMs.
//!
//! ## Undo
//! Put the former line back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! stdio_handler = "file"
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! #stdio_handler = "file"
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
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Guest output can't fill the disk",
        pt: "A saída dos convidados não enche o disco",
        id: "Keluaran tamu tidak dapat memenuhi disk",
    },
    why: "Written straight to a file, a guest's output fills the host's disk.",
    references: &[
        "libvirt src/qemu/qemu.conf.in, stdio_handler",
        "libvirt src/logging/virtlogd.conf, max_size and max_backups",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if mac::no_libvirt(evidence)? {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let setting = ask::setting(&evidence.qemu_conf, "stdio_handler")?;
    let cite = vec![setting.cite("\"logd\"")];
    Ok(if setting.assignment.is_none() || setting.text() == Some("logd") {
        Verdict::Pass(cite)
    } else {
        Verdict::Fail(cite)
    })
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? else { return Ok(vec![]) };
    ask::set(&evidence.qemu_conf, "stdio_handler", &Value::Str("logd".to_owned()), Disposition::VmRestart)
}
