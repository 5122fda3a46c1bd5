//! No VM shares memory with another, or has a socket into the host, without a grant.
//!
//! ## Why
//! `shmem` is memory that several guests map at once, and `vsock` a way to the host's own services that no firewall
//! sees. Both go around every filter on the network, on purpose. Whoever needs one should have said so.
//!
//! ## Where
//! `shmem` and `vsock` devices in inactive and live XML. A grant (`exceptions.toml`, by the VM's UUID) makes it pass.
//!
//! ## Fix
//! `virsh edit VM`: remove the device and restart the VM; or grant it to this VM, with an owner, a reason and an
//! expiry.
//!
//! ## Undo
//! Put the device back and restart the VM.
//!
//! ```fails vm
//! <shmem name='shared'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>
//! ```
//! ```fails vm inactive
//! <vsock model='virtio'><cid auto='yes'/></vsock>
//! ```
use formats::{Span, libvirt::TextOption as _};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, View, Vm},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("virsh edit VM: remove the device and restart the VM, or grant it to this VM."),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No ungranted shared memory or vsock",
        pt: "Sem memória compartilhada ou vsock não concedidos",
        id: "Tanpa memori bersama atau vsock yang tidak diizinkan",
    },
    why: "Shared memory and vsock go around every filter on the network.",
    references: &["libvirt docs/formatdomain.rst, Shared memory device and Vsock", "vsock(7)"],
};

/// Each such device: what it is, and its open tag.
fn found(view: &View) -> Vec<(String, Span)> {
    let Some(devices) = &view.domain.devices else { return vec![] };
    let shmem = devices
        .shmems
        .iter()
        .map(|shmem| (format!("shared memory {}", shmem.name.said().unwrap_or_default()), shmem.at.open));
    let vsock = devices.vsocks.iter().map(|vsock| ("a socket into the host".to_owned(), vsock.at.open));
    shmem.chain(vsock).collect()
}

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let wrong = found(view).into_iter().map(|(seen, open)| Cite::bytes(&view.key, open, seen)).collect();
    Ok(Verdict::unless(wrong, vec![Cite::whole(&view.key, "neither shared memory nor vsock")]))
}
