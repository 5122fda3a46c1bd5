//! Disks of VMs, and the images they reach.

use std::collections::{BTreeMap, BTreeSet};

use formats::{image::Format, libvirt::TextOption as _, libvirt::domain};

use super::{Evidence, Image, Reader, View, Vm, image};
use crate::{
    control::Reading,
    fact::Missing,
    subject::{Kind, Subject},
};

/// A disk of a VM. Inactive and live XML are matched by the target.
#[derive(Debug)]
pub struct Disk {
    /// Index of the VM.
    pub vm: usize,
    /// Guest-visible name, `vda`; `?` for whatever disks a VM has whose XML could not be read.
    pub target: String,
    /// UUID of the VM and target.
    pub id: String,
    /// `VM target`.
    pub name: String,
    /// Index in the inactive XML.
    pub configured: Option<usize>,
    /// Index in the live XML.
    pub live: Option<usize>,
}

impl Disk {
    /// The disk as a reading sees it.
    ///
    /// # Errors
    /// [`Missing`] where the XML could not be read or parsed.
    pub fn view<'a>(
        &self,
        evidence: &'a Evidence,
        reading: Reading,
    ) -> Result<Option<(&'a View, &'a domain::Disk)>, Missing> {
        let Some(vm) = evidence.vms.get(self.vm) else { return Ok(None) };
        let index = match reading {
            Reading::Effective => self.live,
            Reading::Configured => self.configured,
        };
        let Some(view) = vm.view(reading)? else { return Ok(None) };
        let disks = view.domain.devices.as_ref().map(|devices| &devices.disks);
        Ok(index.and_then(|index| disks?.get(index)).map(|disk| (view, disk)))
    }

    /// The disk as a subject.
    #[must_use]
    pub fn subject(&self, evidence: &Evidence) -> Subject {
        let vms = evidence.vms.get(self.vm).map(|vm| vm.uuid.clone()).into_iter().collect();
        Subject { kind: Kind::Disk, name: self.name.clone(), id: self.id.clone(), vms }
    }
}

/// The path of a disk's own image on this host: a file or block device, not a network disk and not an empty drive.
#[must_use]
pub fn local_path(disk: &domain::Disk) -> Option<&str> {
    let source = disk.source.as_ref()?;
    let path = match disk.kind.said()? {
        "file" => source.file.said(),
        "block" => source.dev.said(),
        _ => None,
    };
    path.filter(|path| path.starts_with('/'))
}

pub(super) fn derive(reader: &Reader, vms: &[Vm]) -> (Vec<Disk>, Vec<Image>) {
    let mut disks = vec![];
    let mut starts: BTreeMap<String, (Option<Format>, BTreeSet<usize>)> = BTreeMap::new();
    for (index, vm) in vms.iter().enumerate() {
        let mut targets: BTreeMap<String, (Option<usize>, Option<usize>)> = BTreeMap::new();
        for (view, live) in [(vm.configured.ok(), false), (vm.live.ok(), true)] {
            let devices = view.and_then(|view| view.domain.devices.as_ref());
            for (number, disk) in devices.iter().flat_map(|devices| devices.disks.iter().enumerate()) {
                let target = disk.target.as_ref().and_then(|target| target.dev.said());
                let slot =
                    targets.entry(target.map_or_else(|| format!("#{number}"), str::to_owned)).or_default();
                *(if live { &mut slot.1 } else { &mut slot.0 }) = Some(number);
                if let Some(path) = local_path(disk) {
                    let declared =
                        disk.driver.as_ref().and_then(|driver| Format::from_driver(driver.kind.said()?));
                    let start = starts.entry(path.to_owned()).or_default();
                    start.0 = start.0.or(declared);
                    start.1.insert(index);
                }
            }
        }
        // A VM nobody can read must not look like one without disks.
        if targets.is_empty() && (vm.configured.known().is_err() || vm.live.known().is_err()) {
            targets.insert("?".to_owned(), (None, None));
        }
        disks.extend(targets.into_iter().map(|(target, (configured, live))| Disk {
            vm: index,
            id: format!("{}/{target}", vm.uuid),
            name: format!("{} {target}", vm.name),
            target,
            configured,
            live,
        }));
    }
    let uuid = |index: &usize| vms.get(*index).map(|vm| vm.uuid.clone());
    let starts = starts
        .into_iter()
        .map(|(path, (declared, users))| (path, declared, users.iter().filter_map(uuid).collect()));
    let mut images = image::derive(reader, starts);
    images.extend(vms.iter().filter_map(image::of_unread));
    images.sort_by(|a, b| a.path.cmp(&b.path));
    (disks, images)
}
