//! The host has no agent inside the guest, unless somebody granted it.
//!
//! ## Why
//! The guest agent runs commands, reads and writes files and sets passwords in the guest, as root, for whoever holds the
//! channel on the host. In the other direction its answers are text that a hostile guest writes and libvirt parses.
//!
//! ## Where
//! `channel` with `<target name='org.qemu.guest_agent.0'/>` in inactive and live XML.
//!
//! ## Fix
//! Remove the channel with `virsh edit`. Where backups need it to freeze file systems, grant it, and in the guest allow those commands
//! alone: `allow-rpcs` in `/etc/qemu/qemu-ga.conf` (QEMU 8.1), `block-rpcs` before.
//!
//! ## Undo
//! Put the channel back and restart the VM.
//!
//! ```fails vm
//! <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
//! ```
//! ```fails vm inactive
//! <channel type='unix'><source mode='bind'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
//! ```
//! ```passes vm
//! <channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice("remove the channel of the guest agent with `virsh edit`, or grant it"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No guest agent without a grant",
        pt: "Nenhum agente na VM sem autorização",
        id: "Tidak ada guest agent tanpa izin",
    },
    why: "Who holds the channel on the host runs commands as root in the guest.",
    references: &["QEMU docs/interop/qemu-ga.rst", "libvirt docs/formatdomain.rst, Channel"],
};

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let channels = view.domain.devices.iter().flat_map(|devices| &devices.channels);
    let agents = channels.filter_map(|channel| {
        let name = channel.target.as_ref()?.name.as_ref()?;
        name.value
            .starts_with("org.qemu.guest_agent")
            .then(|| Cite::bytes(&view.key, name.span, name.value.to_string()))
    });
    Ok(Verdict::unless(agents.collect(), vec![Cite::whole(&view.key, "no channel of a guest agent")]))
}
