//! Graphical consoles and video cards.

use super::{Address, Alias};
use crate::Span;
use crate::libvirt::element::{Text, element};

element! {
    /// A graphical console.
    Graphics {
        attributes {
            /// `type`: vnc, spice, rdp, sdl, desktop, egl-headless, dbus.
            kind: Text = "type",
            /// `port`; -1 means chosen at start.
            port: Text = "port",
            /// `autoport`: yes chooses at start.
            autoport: Text = "autoport",
            /// `tlsPort` of SPICE.
            tls_port: Text = "tlsPort",
            /// `listen`: the old form of a listen address.
            listen: Text = "listen",
            /// `socket`: the old form of a UNIX socket.
            socket: Text = "socket",
            /// `websocket` port; -1 means chosen at start.
            websocket: Text = "websocket",
            /// `keymap`.
            keymap: Text = "keymap",
            /// Place of the password; never the password.
            passwd: Span = "passwd",
            /// `passwdValidTo`: when the password expires, UTC.
            passwd_valid_to: Text = "passwdValidTo",
            /// `connected`: what a password change does to the connected: fail, disconnect, keep.
            connected: Text = "connected",
            /// `sharePolicy`: allow-exclusive, force-shared, ignore.
            share_policy: Text = "sharePolicy",
            /// `powerControl`: VNC clients may shut the guest down.
            power_control: Text = "powerControl",
            /// `defaultMode` of SPICE channels: secure, insecure, any.
            default_mode: Text = "defaultMode",
            /// `multiUser` of RDP.
            multi_user: Text = "multiUser",
            /// `replaceUser` of RDP.
            replace_user: Text = "replaceUser",
            /// `username` of RDP.
            username: Text = "username",
            /// `display` of SDL.
            display: Text = "display",
            /// `xauth` of SDL.
            xauth: Text = "xauth",
            /// `address` of D-Bus.
            address: Text = "address",
            /// `p2p` of D-Bus.
            p2p: Text = "p2p",
        }
        one {
            /// The SPICE clipboard.
            clipboard: Clipboard = "clipboard",
            /// SPICE file transfer.
            filetransfer: FileTransfer = "filetransfer",
            /// OpenGL.
            gl: Gl = "gl",
            /// SPICE mouse mode.
            mouse: MouseMode = "mouse",
            /// Which audio backend it carries.
            audio: AudioRef = "audio",
        }
        many {
            /// Where it listens.
            listens: Listen = "listen",
            /// SPICE channels with a mode of their own.
            channels: GraphicsChannel = "channel",
        }
    }

    /// Where a console listens.
    Listen {
        attributes {
            /// `type`: address, network, socket, none.
            kind: Text = "type",
            /// `address`.
            address: Text = "address",
            /// `network`.
            network: Text = "network",
            /// `socket`: a path.
            socket: Text = "socket",
        }
    }

    /// A SPICE channel.
    GraphicsChannel {
        attributes {
            /// `name`: main, display, inputs …
            name: Text = "name",
            /// `mode`: secure, insecure, any.
            mode: Text = "mode",
        }
    }

    /// The SPICE clipboard.
    Clipboard {
        attributes {
            /// `copypaste`: unsaid means yes.
            copypaste: Text = "copypaste",
        }
    }

    /// SPICE file transfer.
    FileTransfer {
        attributes {
            /// `enable`: unsaid means yes.
            enable: Text = "enable",
        }
    }

    /// OpenGL rendering on the host.
    Gl {
        attributes {
            /// `enable`.
            enable: Text = "enable",
            /// `rendernode`: a host device.
            rendernode: Text = "rendernode",
        }
    }

    /// The SPICE mouse.
    MouseMode {
        attributes {
            /// `mode`: server, client.
            mode: Text = "mode",
        }
    }

    /// A reference to an audio backend.
    AudioRef {
        attributes {
            /// `id`.
            id: Text = "id",
        }
    }

    /// A video card.
    Video {
        one {
            /// What it is.
            model: VideoModel = "model",
            /// Its back end.
            driver: VideoDriver = "driver",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
    }

    /// The model of a video card.
    VideoModel {
        attributes {
            /// `type`: virtio, vga, cirrus, qxl, vmvga, bochs, ramfb, none …
            kind: Text = "type",
            /// `primary`.
            primary: Text = "primary",
            /// `heads`.
            heads: Text = "heads",
            /// `ram`, KiB.
            ram: Text = "ram",
            /// `vram`, KiB.
            vram: Text = "vram",
            /// `vgamem`, KiB.
            vgamem: Text = "vgamem",
            /// `blob`.
            blob: Text = "blob",
        }
        one {
            /// Acceleration on the host.
            acceleration: Acceleration = "acceleration",
        }
    }

    /// Acceleration of a video card on the host.
    Acceleration {
        attributes {
            /// `accel3d`: 3D commands of the guest reach the host's driver.
            accel3d: Text = "accel3d",
            /// `accel2d`.
            accel2d: Text = "accel2d",
            /// `rendernode`.
            rendernode: Text = "rendernode",
        }
    }

    /// `<driver>` of a video card.
    VideoDriver {
        attributes {
            /// `name`: qemu, vhostuser.
            name: Text = "name",
            /// `vgaconf`: io, on, off.
            vgaconf: Text = "vgaconf",
            /// `iommu`: DMA through the guest's IOMMU.
            iommu: Text = "iommu",
        }
    }
}
