//! Booleans of the SELinux policy that widen what every VM may do: off, unless a VM has what they are for.

use formats::libvirt::{TextOption as _, domain::Devices};
use model::{
    change::{Action, Change},
    control::{Cite, Judged, Verdict},
    evidence::{Evidence, View},
    fact::Missing,
    finding::Disposition,
};

/// One file for each boolean of the policy (Linux `security/selinux/selinuxfs.c`).
const DIRECTORY: &str = "sys/fs/selinux/booleans";

/// What shows that a boolean is needed; `None` where nothing does.
pub(crate) type Need = fn(&Evidence) -> Result<Option<Cite>, Missing>;

/// Whether a boolean is on, now or at the next commit; `None` where the policy does not know it, or there is no SELinux.
fn on(evidence: &Evidence, name: &str) -> Result<Option<(Cite, bool)>, Missing> {
    let known = evidence.names(DIRECTORY);
    if !known.known()?.is_some_and(|names| names.iter().any(|known| known == name)) {
        return Ok(None);
    }
    let value = evidence.text(&format!("{DIRECTORY}/{name}"));
    let text = value.required()?;
    let off = text.split_whitespace().all(|bit| bit == "0");
    Ok(Some((Cite::whole(value.key(), format!("{name} is {}", if off { "off" } else { "on" })), !off)))
}

/// Judges one boolean.
pub(crate) fn judge(evidence: &Evidence, name: &str, need: Need) -> Judged {
    let Some((cite, on)) = on(evidence, name)? else {
        return Ok(Verdict::NotApplicable("the host's policy has no such boolean"));
    };
    if !on {
        return Ok(Verdict::Pass(vec![cite]));
    }
    Ok(match need(evidence)? {
        Some(why) => Verdict::Pass(vec![cite, why]),
        None => Verdict::Fail(vec![cite]),
    })
}

/// Switches one off where nothing needs it.
pub(crate) fn remedy(evidence: &Evidence, name: &str, need: Need) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, name, need)? else { return Ok(vec![]) };
    let action = Action::SelinuxBoolean { name: name.to_owned(), on: false };
    Ok(vec![Change::new(action, Disposition::Live)])
}

/// The first device of any VM that a boolean is for.
///
/// # Errors
/// [`Missing`] where there is none and the XML of some VM could not be read.
pub(crate) fn device(
    evidence: &Evidence,
    wanted: fn(&View, &Devices) -> Option<Cite>,
) -> Result<Option<Cite>, Missing> {
    let mut unread = None;
    for vm in &evidence.vms {
        for view in [vm.configured.known(), vm.live.known()] {
            match view {
                Ok(Some(view)) => {
                    if let Some(cite) = view.domain.devices.as_ref().and_then(|devices| wanted(view, devices))
                    {
                        return Ok(Some(cite));
                    }
                }
                Ok(None) => {}
                Err(missing) => unread = Some(missing),
            }
        }
    }
    unread.map_or(Ok(None), Err)
}

/// The first image or shared directory on a file system of one of these kinds.
///
/// # Errors
/// [`Missing`] where there is none and the mounts or the XML of some VM could not be read.
pub(crate) fn on_file_system(evidence: &Evidence, kinds: &[&str]) -> Result<Option<Cite>, Missing> {
    let mounts = evidence.mounts.required()?;
    let kind_of = |path: &str| {
        let under = |point: &str| {
            path.strip_prefix(point.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
        };
        let found = mounts.iter().filter(|mount| under(&mount.point.value));
        found.max_by_key(|mount| mount.point.value.len()).map(|mount| mount.kind.as_str())
    };
    if !mounts.iter().any(|mount| kinds.contains(&mount.kind.as_str())) {
        return Ok(None);
    }
    for image in &evidence.images {
        if let Some(kind) = kind_of(&image.path).filter(|kind| kinds.contains(kind)) {
            return Ok(Some(Cite::whole(&image.key, format!("an image on {kind}"))));
        }
    }
    device(evidence, |_, _| None)
}

/// A PCI device given to a VM.
pub(crate) fn pci(view: &View, devices: &Devices) -> Option<Cite> {
    let found = devices.hostdevs.iter().find(|hostdev| hostdev.kind.is("pci"))?;
    Some(Cite::bytes(&view.key, found.at.open, "a VM has a PCI device"))
}
