//! Which of QEMU's devices are of another age, and how to point at a device.

use formats::libvirt::devices::Device;
use model::{control::Cite, evidence::View};

/// How QEMU's names of them start.
#[rustfmt::skip]
const LEGACY: [&str; 25] = [
    "AC97", "ES1370", "am53c974", "cirrus", "dc390", "e1000", "floppy", "i825", "ich9-usb-uhci", "ide-", "isa-cirrus",
    "isa-fdc", "isa-parallel", "lsi", "megasas", "mptsas", "ne2k_", "pci-ohci", "pcnet", "piix3-usb-uhci",
    "piix4-usb-uhci", "rtl8139", "sb16", "tulip", "vt82c686b-usb",
];

/// True for a device of another age; `ide-` is QEMU's name for disks on SATA too.
pub(crate) fn is_legacy(driver: &str) -> bool {
    LEGACY.iter().any(|start| driver.starts_with(start))
}

/// The device at the element that causes it.
pub(crate) fn cite(view: &View, device: &Device) -> Cite {
    let devices = view.domain.devices.as_ref().map_or(view.domain.at, |devices| devices.at);
    match device.cause {
        Some(place) => Cite::bytes(&view.key, place.open, device.driver.clone()),
        None => {
            Cite::bytes(&view.key, devices.open, format!("{}, which libvirt adds unasked", device.driver))
        }
    }
}

/// Off x86 what an element without a model becomes depends on the machine.
pub(crate) fn is_said(view: &View, device: &Device) -> bool {
    let Some(devices) = &view.domain.devices else { return false };
    let at = |place| device.cause == Some(place);
    let unsaid = devices.interfaces.iter().any(|one| one.model.is_none() && at(one.at))
        || devices.controllers.iter().any(|one| one.model.is_none() && at(one.at))
        || devices.videos.iter().any(|one| one.model.is_none() && at(one.at));
    device.cause.is_some() && !unsaid
}
