//! Network interfaces of VMs.

use std::collections::BTreeMap;

use formats::libvirt::{TextOption as _, domain};

use super::{Evidence, View, Vm};
use crate::{
    control::Reading,
    fact::Missing,
    subject::{Kind, Subject},
};

/// A network interface of a VM. Inactive and live XML are matched by the MAC address.
#[derive(Debug)]
pub struct Interface {
    /// Index of the VM.
    pub vm: usize,
    /// UUID of the VM and MAC address.
    pub id: String,
    /// `VM MAC`.
    pub name: String,
    /// Index in the inactive XML; none here and below where the VM's XML could not be read.
    pub configured: Option<usize>,
    /// Index in the live XML.
    pub live: Option<usize>,
}

impl Interface {
    /// The interface as a reading sees it.
    ///
    /// # Errors
    /// [`Missing`] where the XML could not be read or parsed.
    pub fn view<'a>(
        &self,
        evidence: &'a Evidence,
        reading: Reading,
    ) -> Result<Option<(&'a View, &'a domain::Interface)>, Missing> {
        let Some(vm) = evidence.vms.get(self.vm) else { return Ok(None) };
        let index = match reading {
            Reading::Effective => self.live,
            Reading::Configured => self.configured,
        };
        let Some(view) = vm.view(reading)? else { return Ok(None) };
        let interfaces = view.domain.devices.as_ref().map(|devices| &devices.interfaces);
        Ok(index.and_then(|index| interfaces?.get(index)).map(|interface| (view, interface)))
    }

    /// The host side of it: the name of the tap device of a running VM.
    #[must_use]
    pub fn tap<'a>(&self, evidence: &'a Evidence) -> Option<&'a str> {
        let (_, interface) = self.view(evidence, Reading::Effective).ok()??;
        interface.target.as_ref()?.dev.said()
    }

    /// The interface as a subject.
    #[must_use]
    pub fn subject(&self, evidence: &Evidence) -> Subject {
        let vms = evidence.vms.get(self.vm).map(|vm| vm.uuid.clone()).into_iter().collect();
        Subject { kind: Kind::Interface, name: self.name.clone(), id: self.id.clone(), vms }
    }
}

pub(super) fn derive(vms: &[Vm]) -> Vec<Interface> {
    let mut found = vec![];
    for (index, vm) in vms.iter().enumerate() {
        let mut macs: BTreeMap<String, (Option<usize>, Option<usize>)> = BTreeMap::new();
        if vm.any_view().is_none() {
            // Nobody knows which it has: one stands for them all, so that what can't be judged is seen to be so.
            macs.insert("?".to_owned(), (None, None));
        }
        for (view, live) in [(vm.configured.ok(), false), (vm.live.ok(), true)] {
            let devices = view.and_then(|view| view.domain.devices.as_ref());
            for (number, interface) in
                devices.iter().flat_map(|devices| devices.interfaces.iter().enumerate())
            {
                let mac =
                    interface.mac.as_ref().and_then(|mac| mac.address.said()).map(str::to_ascii_lowercase);
                let slot = macs.entry(mac.unwrap_or_else(|| format!("#{number}"))).or_default();
                *(if live { &mut slot.1 } else { &mut slot.0 }) = Some(number);
            }
        }
        found.extend(macs.into_iter().map(|(mac, (configured, live))| Interface {
            vm: index,
            id: format!("{}/{mac}", vm.uuid),
            name: format!("{} {mac}", vm.name),
            configured,
            live,
        }));
    }
    found
}
