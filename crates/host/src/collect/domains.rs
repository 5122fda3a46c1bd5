//! Domains: inactive XML (`/etc/libvirt/qemu`), live XML (`/run/libvirt/qemu`, `<domstatus>`). They lead to images and devices.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use formats::libvirt::{
    TextOption as _,
    domain::{DomStatus, Domain},
};

use model::evidence::Parsed;

use super::{devices, images, mask, processes};
use crate::{memory, recorder::Recorder, run::Probe};

pub(super) fn find(recorder: &mut Recorder, parsed: &Mutex<Parsed>) -> Vec<Probe> {
    let (mut wanted, mut found) = (Wanted::default(), Parsed::default());
    for (directory, live) in [("etc/libvirt/qemu", false), ("run/libvirt/qemu", true)] {
        recorder.inode(directory);
        let keys = recorder.files(directory, ".xml");
        memory::expect(keys.len());
        for key in keys {
            // What can't be parsed is judged unknown by whoever derives evidence from these same bytes.
            let Some(bytes) = recorder.masked(&key, mask::xml) else { continue };
            if live && let Ok(status) = DomStatus::parse(bytes) {
                wanted.pids.extend(status.pid.number().and_then(|pid| u32::try_from(pid).ok()));
                status.domain.iter().for_each(|domain| wanted.add(domain));
                found.statuses.insert(key, Box::new(status));
            } else if !live && let Ok(domain) = Domain::parse(bytes) {
                wanted.add(&domain);
                found.domains.insert(key, Box::new(domain));
            }
        }
    }
    *parsed.lock().unwrap_or_else(PoisonError::into_inner) = found;
    wanted.probes()
}

#[derive(Default)]
struct Wanted {
    images: BTreeMap<String, Option<String>>,
    devices: BTreeSet<String>,
    emulators: BTreeSet<String>,
    pids: BTreeSet<u32>,
}

impl Wanted {
    fn add(&mut self, domain: &Domain) {
        let Some(devices) = &domain.devices else { return };
        for disk in &devices.disks {
            if let Some(path) = model::evidence::local_path(disk) {
                let format = disk.driver.as_ref().and_then(|driver| driver.kind.said());
                self.images.entry(path.to_owned()).or_insert(format.map(str::to_owned));
            }
        }
        self.devices.extend(devices.hostdevs.iter().filter_map(|hostdev| hostdev.pci()));
        self.emulators.extend(devices.emulator.said().map(str::to_owned));
    }

    fn probes(self) -> Vec<Probe> {
        let mut probes = vec![];
        let parents: BTreeSet<String> = self.images.keys().flat_map(|path| images::parents(path)).collect();
        probes.push(Probe::new("image-directories", move |recorder: &mut Recorder| {
            for directory in parents {
                recorder.inode(&directory);
            }
        }));
        for (path, format) in self.images {
            probes.push(Probe::new(format!("image{path}"), move |recorder: &mut Recorder| {
                images::chain(recorder, &path, format.as_deref());
            }));
        }
        for address in self.devices {
            probes.push(Probe::new(format!("device/{address}"), move |recorder: &mut Recorder| {
                devices::pci(recorder, &address);
            }));
        }
        for pid in self.pids {
            probes.push(Probe::new(format!("domain-process/{pid}"), move |recorder: &mut Recorder| {
                // An emulator that is known as one has a probe already; to look at it costs milliseconds.
                if !processes::is_known(recorder, pid) {
                    processes::emulator(recorder, pid);
                }
            }));
        }
        let emulators = self.emulators;
        probes.push(Probe::new("emulators", move |recorder: &mut Recorder| {
            for path in emulators {
                recorder.inode(path.trim_start_matches('/'));
            }
        }));
        probes
    }
}
