//! libvirt's device cgroup is on, and every VM's list of devices is libvirt's own short one.
//!
//! ## Why
//! The device cgroup is the kernel's last word on which device nodes a QEMU may open, whatever their modes and whatever
//! nodes it makes. `/dev/mem` or a disk of the host in `cgroup_device_acl` opens it for all VMs at once.
//!
//! ## Where
//! `cgroup_controllers` of `/etc/libvirt/qemu.conf` (default: all that libvirt uses) has `devices`; `cgroup_device_acl`
//! (not set by default) has nothing beyond what a libvirt from 1.x to 11.x ships: null, full, zero, random, urandom,
//! ptmx, kvm, userfaultfd, rtc, hpet, vfio/vfio. What libvirt adds for one VM's own disks and devices is not in it.
//!
//! ## Fix
//! Put `devices` into `cgroup_controllers`, or take the key out; take the foreign nodes out of `cgroup_device_acl` and
//! say in the XML of the one VM that needs such a device that it has it (`hostdev`, `input type='evdev'`, `rng`).
//! Restart the daemon, and shut down and start the VMs.
//!
//! ## Undo
//! Put the former lines back and restart in the same order.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! cgroup_controllers = [ "cpu", "memory" ]
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! cgroup_device_acl = [ "/dev/null", "/dev/kvm", "/dev/mem", "/dev/sda" ]
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! cgroup_controllers = [ "cpu", "devices", "memory", "blkio", "cpuset", "cpuacct" ]
//! cgroup_device_acl = [
//!     "/dev/null", "/dev/full", "/dev/zero",
//!     "/dev/random", "/dev/urandom",
//!     "/dev/ptmx", "/dev/kvm", "/dev/userfaultfd"
//! ]
//! ```
use formats::{Spanned, conf::libvirt::Value};
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{ask, mac};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VMs open only libvirt's short list of devices",
        pt: "As VMs só abrem a lista curta de dispositivos do libvirt",
        id: "VM hanya membuka daftar pendek perangkat milik libvirt",
    },
    why: "A device of the host in the list, or no list at all, is open to every VM that breaks out of QEMU.",
    references: &[
        "libvirt src/qemu/qemu.conf.in, cgroup_controllers and cgroup_device_acl",
        "libvirt docs/cgroups.rst",
        "guide 1, sVirt: SELinux and virtualization",
    ],
};

/// Nodes of the lists that libvirt has shipped (`qemu_cgroup.c`, `defaultDeviceACL`).
const SHIPPED: [&str; 11] = [
    "/dev/null",
    "/dev/full",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/dev/ptmx",
    "/dev/kvm",
    "/dev/userfaultfd",
    "/dev/rtc",
    "/dev/hpet",
    "/dev/vfio/vfio",
];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if mac::no_libvirt(evidence)? {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    let controllers = ask::setting(&evidence.qemu_conf, "cgroup_controllers")?;
    let on = controllers.list().is_none_or(|names| names.contains(&"devices"));
    (if on { &mut right } else { &mut wrong }).push(controllers.cite("all that libvirt uses"));
    let acl = ask::setting(&evidence.qemu_conf, "cgroup_device_acl")?;
    let short = acl.list().is_none_or(|nodes| nodes.iter().all(|node| SHIPPED.contains(node)));
    (if short { &mut right } else { &mut wrong }).push(acl.cite("libvirt's short list"));
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let list = |names: Vec<&str>| {
        Value::List(names.into_iter().map(|name| Spanned::new(name.to_owned(), 0..0)).collect())
    };
    let mut wanted = vec![];
    if let Some(mut names) = ask::setting(&evidence.qemu_conf, "cgroup_controllers")?.list()
        && !names.contains(&"devices")
    {
        names.push("devices");
        wanted.push(("cgroup_controllers", list(names)));
    }
    if let Some(mut nodes) = ask::setting(&evidence.qemu_conf, "cgroup_device_acl")?.list()
        && !nodes.iter().all(|node| SHIPPED.contains(node))
    {
        nodes.retain(|node| SHIPPED.contains(node));
        wanted.push(("cgroup_device_acl", list(nodes)));
    }
    if wanted.is_empty() {
        Ok(vec![])
    } else {
        ask::set_all(&evidence.qemu_conf, &wanted, Disposition::VmRestart)
    }
}
