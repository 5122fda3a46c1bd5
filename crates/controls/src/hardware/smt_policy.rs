//! Two VMs never share a core at the same moment.
//!
//! ## Why
//! The two threads of a core share caches, buffers and predictors. Many of the processor weaknesses of the last years can be
//! used only from the other thread, and the kernel's mitigations do not reach there.
//!
//! ## Where
//! `/sys/devices/system/cpu/smt/control` is `off`, `forceoff` or says that there is no SMT; or `sched_core` of
//! `/etc/libvirt/qemu.conf` is `vcpus`, `emulator` or `full`. Not asked of a host with one VM.
//!
//! ## Fix
//! Set `sched_core = "full"` in `/etc/libvirt/qemu.conf`, restart the daemon, and restart the VMs: the kernel then runs threads of
//! one VM alone on a core. It needs Linux 5.14 with `CONFIG_SCHED_CORE`; without it VMs no longer start. Or boot with `nosmt`.
//!
//! ## Undo
//! Remove the line and restart in the same order.
//!
//! ```fails
//! -- sys/devices/system/cpu/smt/control --
//! on
//! -- sys/devices/system/cpu/smt/active --
//! 1
//! -- etc/libvirt/qemu/other.xml mode=0600 --
//! <domain type='kvm'><name>other</name><uuid>0c9d2d37-64a2-4a5f-9a55-1f6f3c1c2a11</uuid></domain>
//! ```
//! ```passes
//! -- sys/devices/system/cpu/smt/control --
//! on
//! -- sys/devices/system/cpu/smt/active --
//! 1
//! -- etc/libvirt/qemu.conf mode=0600 --
//! sched_core = "full"
//! -- etc/libvirt/qemu/other.xml mode=0600 --
//! <domain type='kvm'><name>other</name><uuid>0c9d2d37-64a2-4a5f-9a55-1f6f3c1c2a11</uuid></domain>
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{ask, smt};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VMs do not share a core",
        pt: "VMs não compartilham um núcleo",
        id: "VM tidak berbagi satu core",
    },
    why: "A guest can listen to another one from the second thread of its core.",
    references: &[
        "Linux Documentation/admin-guide/hw-vuln/core-scheduling.rst",
        "libvirt src/qemu/qemu.conf.in, sched_core",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (separated, cite) = smt::separated(evidence)?;
    if separated {
        return Ok(Verdict::Pass(vec![cite]));
    }
    if evidence.vms.len() < 2 {
        return Ok(Verdict::NotApplicable("there are no two VMs to share a core"));
    }
    Ok(Verdict::Fail(vec![cite]))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Effective)? else { return Ok(vec![]) };
    let full = Value::Str("full".to_owned());
    ask::set(&evidence.qemu_conf, "sched_core", &full, Disposition::VmRestart)
}
