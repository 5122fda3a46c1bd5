//! Character devices: serial ports, consoles, parallel ports, channels, redirected USB, smartcards, and their host ends.

use super::{Address, Alias, AudioRef, Boot, Clipboard, FileTransfer, MouseMode, Seclabel};
use crate::libvirt::element::{Leaf, Text, element};

element! {
    /// A character device.
    Chardev {
        attributes {
            /// `type` of its host end: pty, unix, tcp, udp, file, pipe, dev, spicevmc, null, vc, stdio, qemu-vdagent, dbus.
            kind: Text = "type",
            /// `tty`: old form of a pty's path.
            tty: Text = "tty",
            /// `bus` of a redirected USB device.
            bus: Text = "bus",
            /// `mode` of a smartcard: host, host-certificates, passthrough.
            mode: Text = "mode",
        }
        one {
            /// raw, telnet, telnets, tls.
            protocol: Protocol = "protocol",
            /// What the guest sees.
            target: ChardevTarget = "target",
            /// A file all output is copied to.
            log: Log = "log",
            /// Certificate database of a smartcard.
            database: Leaf = "database",
            /// Boot order.
            boot: Boot = "boot",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
        many {
            /// Its host end; two for udp: bind and connect.
            sources: ChardevSource = "source",
            /// Certificates of a smartcard.
            certificates: Leaf = "certificate",
        }
    }

    /// The host end of a character device.
    ChardevSource {
        attributes {
            /// `mode`: bind listens, connect connects.
            mode: Text = "mode",
            /// `host` of tcp and udp.
            host: Text = "host",
            /// `service`: the port.
            service: Text = "service",
            /// `path` of unix, file, dev, pipe.
            path: Text = "path",
            /// `channel` name of spiceport and D-Bus.
            channel: Text = "channel",
            /// `append` to the file.
            append: Text = "append",
            /// `tls`: yes, no; unsaid means chardev_tls of qemu.conf.
            tls: Text = "tls",
            /// `tlsFromConfig`: where `tls` came from, in a status file.
            tls_from_config: Text = "tlsFromConfig",
        }
        one {
            /// Clipboard of a qemu-vdagent.
            clipboard: Clipboard = "clipboard",
            /// File transfer of a qemu-vdagent.
            filetransfer: FileTransfer = "filetransfer",
            /// Mouse of a qemu-vdagent.
            mouse: MouseMode = "mouse",
        }
        many {
            /// Labels of this source alone.
            seclabels: Seclabel = "seclabel",
        }
    }

    /// The protocol of a tcp source.
    Protocol {
        attributes {
            /// `type`: raw, telnet, telnets, tls.
            kind: Text = "type",
        }
    }

    /// What the guest sees of a character device.
    ChardevTarget {
        attributes {
            /// `type`: virtio, guestfwd, isa-serial, serial …
            kind: Text = "type",
            /// `name`: org.qemu.guest_agent.0 …
            name: Text = "name",
            /// `port`.
            port: Text = "port",
            /// `state`: connected, disconnected.
            state: Text = "state",
            /// `address` of guestfwd.
            address: Text = "address",
        }
        one {
            /// The device model.
            model: TargetModel = "model",
        }
    }

    /// The model of a serial device.
    TargetModel {
        attributes {
            /// `name`: isa-serial, pci-serial, isa-debugcon …
            name: Text = "name",
        }
    }

    /// Where output is copied.
    Log {
        attributes {
            /// `file`.
            file: Text = "file",
            /// `append`.
            append: Text = "append",
        }
    }

    /// Which USB devices may be redirected; the first match decides.
    Redirfilter {
        many {
            /// The rules.
            usbdevs: UsbFilter = "usbdev",
        }
    }

    /// A rule for redirected USB devices.
    UsbFilter {
        attributes {
            /// `class`; unsaid matches all.
            class: Text = "class",
            /// `vendor`.
            vendor: Text = "vendor",
            /// `product`.
            product: Text = "product",
            /// `version`.
            version: Text = "version",
            /// `allow`: yes, no.
            allow: Text = "allow",
        }
    }

    /// A sound card.
    Sound {
        attributes {
            /// `model`: ich9, ac97, hda, usb, virtio …
            model: Text = "model",
        }
        one {
            /// Its backend.
            audio: AudioRef = "audio",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
        many {
            /// HDA codecs.
            codecs: Codec = "codec",
        }
    }

    /// An HDA codec.
    Codec {
        attributes {
            /// `type`: duplex, micro, output.
            kind: Text = "type",
        }
    }

    /// A host audio backend.
    Audio {
        attributes {
            /// `id`.
            id: Text = "id",
            /// `type`: none, alsa, pulseaudio, spice, file, dbus …
            kind: Text = "type",
            /// `path` of a file backend.
            path: Text = "path",
            /// `serverName` of pulseaudio or jack.
            server_name: Text = "serverName",
        }
    }
}
