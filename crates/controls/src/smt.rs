//! Whether two VMs can run on the two threads of one core at the same time.

use model::{control::Cite, evidence::Evidence, fact::Missing};

use crate::ask;

const CONTROL: &str = "sys/devices/system/cpu/smt/control";
const ACTIVE: &str = "sys/devices/system/cpu/smt/active";

/// True where they can't: SMT is off, or libvirt puts each VM into a core scheduling group of its own
/// (`sched_core` of qemu.conf, libvirt 8.9); and what shows it.
///
/// # Errors
/// [`Missing`] where nobody can tell.
pub(crate) fn separated(evidence: &Evidence) -> Result<(bool, Cite), Missing> {
    let control = evidence.text(CONTROL);
    // A kernel without the file knows of no SMT (Linux kernel/cpu.c, cpu_smt_control).
    let Some(state) = control.known()? else {
        return Ok((true, Cite::whole(control.key(), "the kernel knows no SMT")));
    };
    if matches!(*state, "off" | "forceoff" | "notsupported" | "notimplemented") {
        return Ok((true, Cite::whole(control.key(), format!("SMT is {state}"))));
    }
    let active = evidence.text(ACTIVE);
    if active.known()? == Some(&"0") {
        return Ok((true, Cite::whole(active.key(), "no core has two threads online")));
    }
    let setting = ask::setting(&evidence.qemu_conf, "sched_core")?;
    if matches!(setting.text(), Some("vcpus" | "emulator" | "full")) {
        return Ok((true, setting.cite("\"none\"")));
    }
    Ok((false, Cite::whole(control.key(), format!("SMT is {state}, and sched_core is not set"))))
}
