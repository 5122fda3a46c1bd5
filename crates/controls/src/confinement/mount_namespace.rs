//! QEMU sees a `/dev` of its own, in a mount namespace of its own.
//!
//! ## Why
//! libvirt gives each QEMU a private `/dev` with the few nodes its VM needs. In the host's own mount namespace it sees
//! the whole of `/dev`, and only modes and the device cgroup stand between it and the host's disks.
//!
//! ## Where
//! In effect: `/proc/PID/ns/mnt` is another one than `/proc/1/ns/mnt`. Configured: `namespaces` of
//! `/etc/libvirt/qemu.conf` has `"mount"` (the default, since 3.1); an empty list turns it off.
//!
//! ## Fix
//! Set `namespaces = [ "mount" ]` in `/etc/libvirt/qemu.conf`, restart the daemon, and shut down and start the VMs.
//!
//! ## Undo
//! Put the former line back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! namespaces = []
//! ```
//! ```fails
//! -- proc/4242/ns/mnt link=mnt:[4026531841] --
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! #namespaces = []
//! ```
use formats::{Spanned, conf::libvirt::Value};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "QEMU has a private /dev",
        pt: "O QEMU tem um /dev privado",
        id: "QEMU memiliki /dev tersendiri",
    },
    why: "In the host's mount namespace a broken QEMU sees every device node of the host.",
    references: &[
        "libvirt src/qemu/qemu.conf.in, namespaces",
        "libvirt docs/kbase/qemu-passthrough-security.rst, Private mount namespace",
        "mount_namespaces(7)",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    if reading == Reading::Configured {
        let setting = ask::setting(&evidence.qemu_conf, "namespaces")?;
        let cite = vec![setting.cite("[\"mount\"]")];
        let on = setting.list().is_none_or(|names| names.contains(&"mount"));
        return Ok(if on { Verdict::Pass(cite) } else { Verdict::Fail(cite) });
    }
    let Some(process) = vm.process(evidence)? else {
        return Ok(Verdict::NotApplicable("the VM does not run"));
    };
    let (own, host) = (evidence.link(&process.key("ns/mnt")), evidence.link("proc/1/ns/mnt"));
    let (inside, outside) = (*own.required()?, *host.required()?);
    Ok(if inside == outside {
        Verdict::Fail(vec![Cite::whole(own.key(), format!("{inside}, the host's own"))])
    } else {
        Verdict::Pass(vec![Cite::whole(own.key(), format!("{inside}, and the host's is {outside}"))])
    })
}

fn remedy(evidence: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, vm, Reading::Configured)? else { return Ok(vec![]) };
    let mount = Value::List(vec![Spanned::new("mount".to_owned(), 0..0)]);
    ask::set(&evidence.qemu_conf, "namespaces", &mount, Disposition::VmRestart)
}
