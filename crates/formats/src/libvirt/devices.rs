//! The QEMU devices a domain will get: `-device` drivers, machine and accelerator, each with the element that causes it.
//!
//! The rules are libvirt's (`src/qemu/qemu_command.c` for what becomes which driver, `qemu_domain.c` and
//! `qemu_domain_address.c` for what it adds unasked), for x86 guests on a QEMU of today, where every device is built
//! in. A running domain's own command line is better evidence; this is for domains that don't run yet.

use std::{borrow::Cow, collections::BTreeSet};

use super::domain::{Devices, Domain};
use super::{Place, TextOption as _};

mod controllers;
mod peripherals;
#[cfg(test)]
mod tests;
mod topology;

/// One device of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// QEMU's name of the driver.
    pub driver: Cow<'static, str>,
    /// The element that asks for it; `None` when libvirt adds it unasked.
    pub cause: Option<Place>,
}

/// What a domain will get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prediction {
    /// The machine type as said, `pc` when unsaid.
    pub machine: String,
    /// `kvm` or `tcg`; `None` for other hypervisors.
    pub accelerator: Option<&'static str>,
    /// True for x86, whose rules are complete; for others what libvirt adds unasked isn't known here, and PCI names are
    /// given though the bus may be another.
    pub complete: bool,
    /// The devices, one entry an element.
    pub devices: Vec<Device>,
}

impl Prediction {
    /// The driver names, each once.
    #[must_use]
    pub fn drivers(&self) -> BTreeSet<&str> {
        self.devices.iter().map(|d| &*d.driver).collect()
    }
}

/// Families of x86 machines that differ in what libvirt adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Board {
    I440fx,
    Q35,
    /// No PCI: isapc, microvm, none.
    Bare,
    /// Not x86.
    Other,
}

/// Predicts the devices of a domain of type kvm or qemu.
#[must_use]
pub fn predict(domain: &Domain) -> Prediction {
    let kind = domain.os.as_ref().and_then(|os| os.kind.as_ref());
    let arch = kind.and_then(|k| k.arch.said());
    let machine = kind.and_then(|k| k.machine.said()).unwrap_or("pc");
    let board = board(arch, machine);
    let accelerator = match domain.kind.said() {
        Some("kvm") => Some("kvm"),
        Some("qemu") => Some("tcg"),
        _ => None,
    };
    let empty = Devices::default();
    let mut builder = Builder {
        board,
        domain,
        devices: domain.devices.as_ref().unwrap_or(&empty),
        found: Vec::new(),
        express: 0,
        conventional: 0,
    };
    builder.controllers();
    builder.peripherals();
    builder.topology();
    builder.passthrough();
    Prediction {
        machine: machine.to_owned(),
        accelerator,
        complete: board != Board::Other,
        devices: builder.found,
    }
}

fn board(arch: Option<&str>, machine: &str) -> Board {
    if !matches!(arch, None | Some("x86_64" | "i686" | "i386")) {
        return Board::Other;
    }
    if machine == "q35" || machine.starts_with("pc-q35") {
        Board::Q35
    } else if matches!(machine, "isapc" | "microvm" | "none") {
        Board::Bare
    } else {
        Board::I440fx
    }
}

/// Collects devices, and counts those that still need a place on the PCI bus.
struct Builder<'a> {
    board: Board,
    domain: &'a Domain,
    devices: &'a Devices,
    found: Vec<Device>,
    /// PCI Express devices without an address.
    express: usize,
    /// Conventional PCI devices without an address.
    conventional: usize,
}

/// Which kind of PCI slot libvirt looks for (`qemuDomainDeviceCalculatePCIConnectFlags`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Not on PCI, or on a fixed place.
    None,
    Express,
    Conventional,
}

impl Builder<'_> {
    fn add(&mut self, driver: impl Into<Cow<'static, str>>, cause: Option<Place>) {
        self.found.push(Device { driver: driver.into(), cause });
    }

    /// Adds a PCI device; one with an address of its own needs no slot.
    fn add_pci(
        &mut self,
        driver: impl Into<Cow<'static, str>>,
        cause: Option<Place>,
        slot: Slot,
        address: Option<&super::domain::Address>,
    ) {
        let placed = address.is_some_and(|a| a.slot.is_some() || !a.kind.is("pci"));
        match slot {
            Slot::Express if !placed => self.express += 1,
            Slot::Conventional if !placed => self.conventional += 1,
            _ => {}
        }
        self.add(driver, cause);
    }

    /// Adds a virtio device by its base name and libvirt's `model`.
    fn add_virtio(
        &mut self,
        base: &str,
        model: Option<&str>,
        cause: Option<Place>,
        address: Option<&super::domain::Address>,
    ) {
        let (suffix, slot) = match model {
            Some("virtio-transitional") => ("-transitional", Slot::Conventional),
            Some("virtio-non-transitional") => ("-non-transitional", Slot::Express),
            _ => ("", Slot::Express),
        };
        if address.is_some_and(|a| a.kind.is("virtio-mmio")) {
            return self.add(format!("{base}-device"), cause);
        }
        self.add_pci(format!("{base}-pci{suffix}"), cause, slot, address);
    }

    /// `-device` among the arguments of `qemu:commandline`.
    fn passthrough(&mut self) {
        for arguments in self.domain.qemu_commandline.iter().map(|c| &c.args) {
            for pair in arguments.windows(2) {
                let [key, value] = pair else { continue };
                if !key.value.is_any(&["-device", "--device"]) {
                    continue;
                }
                if let Some(driver) = value.value.said().and_then(driver_of) {
                    self.add(driver, Some(value.at));
                }
            }
        }
    }
}

/// The driver of a `-device` argument, in either of QEMU's syntaxes.
#[must_use]
pub fn driver_of(argument: &str) -> Option<String> {
    if argument.trim_start().starts_with('{') {
        let value: serde_json::Value = serde_json::from_str(argument).ok()?;
        return value.get("driver")?.as_str().map(str::to_owned);
    }
    let first = argument.split(',').next()?;
    let name = first.strip_prefix("driver=").unwrap_or(first);
    (!name.is_empty()).then(|| name.to_owned())
}
