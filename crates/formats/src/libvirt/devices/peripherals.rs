//! Everything that isn't a controller, element by element.

use super::{Board, Builder, Slot, controllers::disk_bus};
use crate::libvirt::TextOption as _;
use crate::libvirt::domain::{Chardev, Hostdev, Interface, Sound, Video};

mod small;

impl Builder<'_> {
    pub(super) fn peripherals(&mut self) {
        self.disks();
        self.devices.interfaces.iter().for_each(|i| self.interface(i));
        self.devices.hostdevs.iter().for_each(|h| self.hostdev(h));
        self.videos();
        self.devices.sounds.iter().for_each(|s| self.sound(s));
        self.inputs();
        self.character_devices();
        self.sharing();
        self.small();
        self.memory_balloon();
    }

    fn disks(&mut self) {
        for disk in &self.devices.disks {
            let (at, address) = (Some(disk.at), disk.address.as_deref());
            let cdrom = disk.device.is("cdrom");
            match disk_bus(disk) {
                "virtio" if disk.kind.is("vhostuser") => {
                    self.add_virtio("vhost-user-blk", disk.model.said(), at, address);
                }
                "virtio" => self.add_virtio("virtio-blk", disk.model.said(), at, address),
                "ide" | "sata" => self.add(if cdrom { "ide-cd" } else { "ide-hd" }, at),
                "scsi" if disk.device.is("lun") => self.add("scsi-block", at),
                "scsi" => self.add(if cdrom { "scsi-cd" } else { "scsi-hd" }, at),
                "usb" => self.add("usb-storage", at),
                "fdc" => self.add("floppy", at),
                _ => {}
            }
        }
    }

    fn interface(&mut self, interface: &Interface) {
        let (at, address) = (Some(interface.at), interface.address.as_deref());
        if interface.kind.is("hostdev") {
            return self.add_pci("vfio-pci", at, Slot::Express, address);
        }
        let model = interface.model.as_ref().and_then(|m| m.kind.said());
        let passt = interface.backend.as_ref().is_some_and(|b| b.kind.is("passt"));
        match model {
            // libvirt compares models of interfaces without case, and gives vhost-user through passt virtio.
            Some(virtio) if virtio.get(..6).is_some_and(|v| v.eq_ignore_ascii_case("virtio")) => {
                self.add_virtio("virtio-net", model, at, address);
            }
            None if passt && interface.kind.is("vhostuser") => {
                self.add_virtio("virtio-net", None, at, address)
            }
            Some("usb-net") => self.add("usb-net", at),
            Some(express @ ("e1000e" | "igb" | "vmxnet3")) => {
                self.add_pci(express.to_owned(), at, Slot::Express, address);
            }
            Some(other) => self.add_pci(other.to_owned(), at, Slot::Conventional, address),
            None => self.add_pci("rtl8139", at, Slot::Conventional, address),
        }
    }

    fn hostdev(&mut self, hostdev: &Hostdev) {
        let (at, address) = (Some(hostdev.at), hostdev.address.as_deref());
        match hostdev.kind.said().unwrap_or_default() {
            "pci" if hostdev.ramfb.flag() == Some(true) => {
                self.add_pci("vfio-pci-nohotplug", at, Slot::Express, address);
            }
            "pci" => self.add_pci("vfio-pci", at, Slot::Express, address),
            "usb" => self.add("usb-host", at),
            "scsi" => self.add("scsi-generic", at),
            "scsi_host" => self.add_virtio("vhost-scsi", hostdev.model.said(), at, address),
            "mdev" => match hostdev.model.said() {
                Some("vfio-ccw") => self.add("vfio-ccw", at),
                Some("vfio-ap") => self.add("vfio-ap", at),
                _ if hostdev.ramfb.flag() == Some(true) => {
                    self.add_pci("vfio-pci-nohotplug", at, Slot::Express, address);
                }
                _ => self.add_pci("vfio-pci", at, Slot::Express, address),
            },
            _ => {}
        }
    }

    /// Video cards; a graphical console without one gets Cirrus (`qemuDomainDefaultVideoDevice`).
    fn videos(&mut self) {
        if self.devices.videos.is_empty() && !self.devices.graphics.is_empty() && self.board != Board::Other {
            self.add("cirrus-vga", None);
        }
        let marked =
            self.devices.videos.iter().position(|v| v.model.as_ref().is_some_and(|m| m.primary.is("yes")));
        for (index, video) in self.devices.videos.iter().enumerate() {
            self.video(video, index == marked.unwrap_or(0));
        }
    }

    fn video(&mut self, video: &Video, primary: bool) {
        let model = video.model.as_ref();
        let vhost_user = video.driver.as_ref().is_some_and(|d| d.name.is("vhostuser"));
        let acceleration = model.and_then(|m| m.acceleration.as_ref());
        let gl = acceleration.is_some_and(|a| a.accel3d.flag() == Some(true));
        let driver = match (model.and_then(|m| m.kind.said()).unwrap_or("cirrus"), primary) {
            ("virtio", true) if vhost_user => "vhost-user-vga",
            ("virtio", false) if vhost_user => "vhost-user-gpu-pci",
            ("virtio", true) if gl => "virtio-vga-gl",
            ("virtio", false) if gl => "virtio-gpu-gl-pci",
            ("virtio", true) => "virtio-vga",
            ("virtio", false) => "virtio-gpu-pci",
            ("qxl", true) => "qxl-vga",
            ("qxl", false) => "qxl",
            ("vga", _) => "VGA",
            ("cirrus", _) => "cirrus-vga",
            ("vmvga", _) => "vmware-svga",
            ("bochs", _) => "bochs-display",
            ("ramfb", _) => return self.add("ramfb", Some(video.at)),
            _ => return,
        };
        // libvirt keeps slot 1 (q35) or 2 (pc) of the root bus for the primary card.
        let slot = match (primary, driver) {
            (true, _) => Slot::None,
            (false, "vhost-user-gpu-pci" | "virtio-gpu-gl-pci" | "virtio-gpu-pci" | "bochs-display") => {
                Slot::Express
            }
            (false, _) => Slot::Conventional,
        };
        self.add_pci(driver, Some(video.at), slot, video.address.as_deref());
    }

    fn sound(&mut self, sound: &Sound) {
        let (at, address) = (Some(sound.at), sound.address.as_deref());
        let hda = match sound.model.said().unwrap_or_default() {
            "ich6" => "intel-hda",
            "ich9" => "ich9-intel-hda",
            "ac97" => return self.add_pci("AC97", at, Slot::Conventional, address),
            "es1370" => return self.add_pci("ES1370", at, Slot::Conventional, address),
            "sb16" => return self.add("sb16", at),
            "usb" => return self.add("usb-audio", at),
            "virtio" => return self.add_pci("virtio-sound-pci", at, Slot::Express, address),
            _ => return,
        };
        // ich9 goes to its own place on q35's root bus.
        let fixed = hda == "ich9-intel-hda" && self.board == Board::Q35;
        self.add_pci(hda, at, if fixed { Slot::None } else { Slot::Conventional }, address);
        if sound.codecs.is_empty() {
            self.add("hda-duplex", at);
        }
        for codec in &sound.codecs {
            let kind = codec.kind.said().unwrap_or("duplex");
            self.add(format!("hda-{kind}"), Some(codec.at));
        }
    }

    fn inputs(&mut self) {
        for input in &self.devices.inputs {
            let kind = input.kind.said().unwrap_or_default();
            let default = if kind == "tablet" { "usb" } else { "ps2" };
            let driver = match (input.bus.said().unwrap_or(default), kind) {
                ("usb", "tablet") => "usb-tablet",
                ("usb", "mouse") => "usb-mouse",
                ("usb", "keyboard") => "usb-kbd",
                ("virtio", "tablet" | "mouse" | "keyboard") => {
                    let base = format!("virtio-{kind}");
                    self.add_virtio(&base, input.model.said(), Some(input.at), input.address.as_deref());
                    continue;
                }
                (_, "passthrough") => {
                    self.add_virtio(
                        "virtio-input-host",
                        input.model.said(),
                        Some(input.at),
                        input.address.as_deref(),
                    );
                    continue;
                }
                _ => continue,
            };
            self.add(driver, Some(input.at));
        }
    }

    fn character_devices(&mut self) {
        for serial in &self.devices.serials {
            self.serial(serial);
        }
        for console in &self.devices.consoles {
            let target = console.target.as_ref().and_then(|t| t.kind.said());
            match target {
                Some("virtio") => self.add("virtconsole", Some(console.at)),
                // The first console is the first serial port, which libvirt adds if there is none.
                None | Some("serial") if self.devices.serials.is_empty() && self.is_pc() => {
                    self.add("isa-serial", Some(console.at));
                }
                _ => {}
            }
        }
        for channel in &self.devices.channels {
            if channel.target.as_ref().is_some_and(|t| t.kind.is("virtio")) {
                self.add("virtserialport", Some(channel.at));
            }
        }
        for parallel in &self.devices.parallels {
            self.add("isa-parallel", Some(parallel.at));
        }
        for redirected in &self.devices.redirdevs {
            self.add("usb-redir", Some(redirected.at));
        }
        for card in &self.devices.smartcards {
            let through = card.mode.is("passthrough");
            self.add(if through { "ccid-card-passthru" } else { "ccid-card-emulated" }, Some(card.at));
        }
    }

    fn serial(&mut self, serial: &Chardev) {
        let target = serial.target.as_ref();
        let model = target.and_then(|t| t.model.as_ref()).and_then(|m| m.name.said());
        let driver = match (model, target.and_then(|t| t.kind.said())) {
            (Some(model), _) => model.to_owned(),
            (None, Some("usb-serial" | "usb")) => "usb-serial".to_owned(),
            (None, Some("pci-serial" | "pci")) => "pci-serial".to_owned(),
            (None, Some("isa-debug")) => "isa-debugcon".to_owned(),
            _ if self.is_pc() => "isa-serial".to_owned(),
            _ => return,
        };
        let slot = if driver == "pci-serial" { Slot::Conventional } else { Slot::None };
        self.add_pci(driver, Some(serial.at), slot, serial.address.as_deref());
    }

    fn is_pc(&self) -> bool {
        self.board != Board::Other
    }

    fn memory_balloon(&mut self) {
        match &self.devices.memballoon {
            Some(balloon) if balloon.model.is_any(&["none", "xen"]) => {}
            Some(balloon) => {
                let model = balloon.model.said();
                self.add_virtio("virtio-balloon", model, Some(balloon.at), balloon.address.as_deref());
            }
            None if matches!(self.board, Board::I440fx | Board::Q35) => {
                self.add_virtio("virtio-balloon", None, None, None);
            }
            None => {}
        }
    }
}
