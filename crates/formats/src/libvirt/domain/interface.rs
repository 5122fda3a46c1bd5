//! Network interfaces.

use super::{Address, Alias, Boot};
use crate::libvirt::element::{Leaf, Text, element};

element! {
    /// A network interface.
    Interface {
        attributes {
            /// `type`: network, bridge, direct, hostdev, user, ethernet, vhostuser, vdpa, mcast, server, client, udp …
            kind: Text = "type",
            /// `managed`, of a hostdev interface.
            managed: Text = "managed",
            /// `trustGuestRxFilters`: the guest may change its MAC and receive filters.
            trust_guest_rx_filters: Text = "trustGuestRxFilters",
        }
        one {
            /// Its MAC address.
            mac: Mac = "mac",
            /// What it is connected to.
            source: Box<InterfaceSource> = "source",
            /// The host's end: the tap.
            target: InterfaceTarget = "target",
            /// The card the guest sees.
            model: Model = "model",
            /// Its back end in kernel or QEMU.
            driver: InterfaceDriver = "driver",
            /// What carries a user-mode network.
            backend: InterfaceBackend = "backend",
            /// Its network filter.
            filterref: Filterref = "filterref",
            /// Port options of the bridge.
            port: BridgePort = "port",
            /// Limits.
            bandwidth: Box<Bandwidth> = "bandwidth",
            /// Open vSwitch or 802.1Qbg/h profile.
            virtualport: Box<Virtualport> = "virtualport",
            /// VLAN tags.
            vlan: Vlan = "vlan",
            /// Cable state.
            link: Link = "link",
            /// MTU.
            mtu: Mtu = "mtu",
            /// A script run by QEMU's privilege.
            script: Script = "script",
            /// The same when it goes down.
            downscript: Script = "downscript",
            /// What a network interface became, in a status file.
            actual: Box<Actual> = "actual",
            /// Its boot ROM.
            rom: Box<Rom> = "rom",
            /// Boot order.
            boot: Boot = "boot",
            /// QEMU's id.
            alias: Alias = "alias",
            /// Where it is plugged in.
            address: Box<Address> = "address",
        }
        many {
            /// Addresses configured in the guest's sight.
            ips: Ip = "ip",
            /// Host ports forwarded by passt.
            port_forwards: PortForward = "portForward",
        }
    }

    /// A MAC address.
    Mac {
        attributes {
            /// `address`.
            address: Text = "address",
            /// `type`: generated, static.
            kind: Text = "type",
            /// `check` of VMware.
            check: Text = "check",
        }
    }

    /// What an interface is connected to.
    InterfaceSource {
        attributes {
            /// `bridge`.
            bridge: Text = "bridge",
            /// `network`.
            network: Text = "network",
            /// `dev`: the device below a macvtap, or a vDPA node.
            dev: Text = "dev",
            /// `mode`: vepa, bridge, private, passthrough of a macvtap; server, client of a vhostuser.
            mode: Text = "mode",
            /// `portgroup` of the network.
            portgroup: Text = "portgroup",
            /// `portid`.
            portid: Text = "portid",
            /// `type` of a vhostuser socket.
            kind: Text = "type",
            /// `path` of a vhostuser socket.
            path: Text = "path",
            /// `address` of a socket network.
            address: Text = "address",
            /// `port` of a socket network.
            port: Text = "port",
        }
        one {
            /// PCI address of a hostdev interface.
            host_address: Box<Address> = "address",
            /// Local end of udp.
            local: SocketEnd = "local",
        }
    }

    /// An end of a socket.
    SocketEnd {
        attributes {
            /// `address`.
            address: Text = "address",
            /// `port`.
            port: Text = "port",
        }
    }

    /// The host's end of an interface.
    InterfaceTarget {
        attributes {
            /// `dev`: name of the tap.
            dev: Text = "dev",
            /// `managed`: no means made by somebody else.
            managed: Text = "managed",
        }
    }

    /// A device model by `type`.
    Model {
        attributes {
            /// `type`: virtio, e1000e, rtl8139 …
            kind: Text = "type",
        }
    }

    /// `<driver>` of an interface.
    InterfaceDriver {
        attributes {
            /// `name`: vhost, qemu, vfio.
            name: Text = "name",
            /// `queues`.
            queues: Text = "queues",
            /// `iommu`: DMA through the guest's IOMMU.
            iommu: Text = "iommu",
            /// `txmode`.
            txmode: Text = "txmode",
        }
    }

    /// `<backend>` of an interface.
    InterfaceBackend {
        attributes {
            /// `type`: passt; unsaid means slirp for a user interface.
            kind: Text = "type",
            /// `tap`: path of the tun device.
            tap: Text = "tap",
            /// `vhost`: path of the vhost device.
            vhost: Text = "vhost",
            /// `logFile` of passt.
            log_file: Text = "logFile",
        }
    }

    /// A reference to a network filter.
    Filterref {
        attributes {
            /// `filter`: its name.
            filter: Text = "filter",
        }
        many {
            /// Its variables.
            parameters: Parameter = "parameter",
        }
    }

    /// A variable of a network filter.
    Parameter {
        attributes {
            /// `name`: IP, MAC, CTRL_IP_LEARNING …
            name: Text = "name",
            /// `value`.
            value: Text = "value",
        }
    }

    /// Options of a bridge port.
    BridgePort {
        attributes {
            /// `isolated`: yes keeps it from other isolated ports.
            isolated: Text = "isolated",
        }
    }

    /// Bandwidth limits.
    Bandwidth {
        one {
            /// Towards the guest.
            inbound: Rate = "inbound",
            /// From the guest.
            outbound: Rate = "outbound",
        }
    }

    /// A limit.
    Rate {
        attributes {
            /// `average`, KiB a second.
            average: Text = "average",
            /// `peak`, KiB a second.
            peak: Text = "peak",
            /// `burst`, KiB.
            burst: Text = "burst",
            /// `floor`, KiB a second guaranteed.
            floor: Text = "floor",
        }
    }

    /// A switch port profile.
    Virtualport {
        attributes {
            /// `type`: openvswitch, 802.1Qbg, 802.1Qbh, midonet.
            kind: Text = "type",
        }
        one {
            /// Its parameters.
            parameters: VirtualportParameters = "parameters",
        }
    }

    /// Parameters of a switch port profile.
    VirtualportParameters {
        attributes {
            /// `interfaceid`.
            interfaceid: Text = "interfaceid",
            /// `profileid`.
            profileid: Text = "profileid",
            /// `instanceid`.
            instanceid: Text = "instanceid",
            /// `managerid`.
            managerid: Text = "managerid",
            /// `typeid`.
            typeid: Text = "typeid",
        }
    }

    /// VLAN tags.
    Vlan {
        attributes {
            /// `trunk`: yes lets the guest tag.
            trunk: Text = "trunk",
        }
        many {
            /// The tags.
            tags: Tag = "tag",
        }
    }

    /// A VLAN tag.
    Tag {
        attributes {
            /// `id`.
            id: Text = "id",
            /// `nativeMode`: tagged, untagged.
            native_mode: Text = "nativeMode",
        }
    }

    /// The cable.
    Link {
        attributes {
            /// `state`: up, down.
            state: Text = "state",
        }
    }

    /// The MTU.
    Mtu {
        attributes {
            /// `size` in bytes.
            size: Text = "size",
        }
    }

    /// A script.
    Script {
        attributes {
            /// `path`.
            path: Text = "path",
        }
    }

    /// What a `network` interface became when the domain started.
    Actual {
        attributes {
            /// `type`: bridge, direct, hostdev, network.
            kind: Text = "type",
            /// `managed`.
            managed: Text = "managed",
            /// `trustGuestRxFilters`.
            trust_guest_rx_filters: Text = "trustGuestRxFilters",
        }
        one {
            /// What it is connected to.
            source: Box<InterfaceSource> = "source",
            /// Port options.
            port: BridgePort = "port",
            /// Switch port profile.
            virtualport: Box<Virtualport> = "virtualport",
            /// VLAN tags.
            vlan: Vlan = "vlan",
            /// Limits.
            bandwidth: Box<Bandwidth> = "bandwidth",
            /// Driver of a hostdev.
            hostdev_driver: InterfaceDriver = "driver",
            /// Traffic class.
            class: Leaf = "class",
        }
    }

    /// The boot ROM of a device.
    Rom {
        attributes {
            /// `bar`: off hides it.
            bar: Text = "bar",
            /// `enabled`: no disables it.
            enabled: Text = "enabled",
            /// `file`: a replacement.
            file: Text = "file",
        }
    }

    /// An address.
    Ip {
        attributes {
            /// `family`: ipv4, ipv6.
            family: Text = "family",
            /// `address`.
            address: Text = "address",
            /// `prefix`.
            prefix: Text = "prefix",
            /// `peer`.
            peer: Text = "peer",
        }
    }

    /// Host ports forwarded to the guest.
    PortForward {
        attributes {
            /// `proto`: tcp, udp.
            proto: Text = "proto",
            /// `address` on the host; unsaid means all.
            address: Text = "address",
            /// `dev` on the host.
            dev: Text = "dev",
        }
        many {
            /// The ports.
            ranges: PortRange = "range",
        }
    }

    /// Ports.
    PortRange {
        attributes {
            /// `start`.
            start: Text = "start",
            /// `end`.
            end: Text = "end",
            /// `to`: first port in the guest.
            to: Text = "to",
            /// `exclude`: yes takes them out.
            exclude: Text = "exclude",
        }
    }
}
