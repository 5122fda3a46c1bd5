//! libvirt's virtual networks (libvirt `docs/formatnetwork.rst`), configured or live.

use super::domain::{Address, Bandwidth, BridgePort, Ip, Virtualport, Vlan};
use super::element::{Leaf, Read, Text, TextOption as _, child, element, root_named};
use super::xml;
use crate::Malformed;

#[cfg(test)]
mod tests;

element! {
    /// A virtual network.
    Network {
        attributes {
            /// `ipv6`: yes lets guests talk IPv6 without an address of the host.
            ipv6: Text = "ipv6",
            /// `trustGuestRxFilters`.
            trust_guest_rx_filters: Text = "trustGuestRxFilters",
        }
        one {
            /// Its name.
            name: Leaf = "name",
            /// Its identity.
            uuid: Leaf = "uuid",
            /// How it leaves the host; none is isolated.
            forward: Forward = "forward",
            /// Its bridge.
            bridge: Bridge = "bridge",
            /// MAC of the bridge.
            mac: NetworkMac = "mac",
            /// Its MTU.
            mtu: NetworkMtu = "mtu",
            /// Its DNS domain.
            domain: DnsDomain = "domain",
            /// Its DNS server.
            dns: Dns = "dns",
            /// Port options of every guest.
            port: BridgePort = "port",
            /// Switch port profile of every guest.
            virtualport: Box<Virtualport> = "virtualport",
            /// VLAN tags of every guest.
            vlan: Vlan = "vlan",
            /// Limits of the bridge.
            bandwidth: Box<Bandwidth> = "bandwidth",
        }
        many {
            /// Addresses of the host on it.
            ips: NetworkIp = "ip",
            /// Static routes.
            routes: Ip = "route",
            /// Classes of guests.
            portgroups: Portgroup = "portgroup",
        }
    }

    /// How a network leaves the host.
    Forward {
        attributes {
            /// `mode`: nat, route, open, bridge, private, vepa, passthrough, hostdev; unsaid means nat.
            mode: Text = "mode",
            /// `dev`: only through this.
            dev: Text = "dev",
            /// `managed` of hostdev.
            managed: Text = "managed",
        }
        one {
            /// Address translation.
            nat: Nat = "nat",
            /// Physical function whose virtual functions are the pool.
            pf: NetworkDevice = "pf",
            /// Driver of the virtual functions.
            driver: ForwardDriver = "driver",
        }
        many {
            /// Devices of the pool.
            interfaces: NetworkDevice = "interface",
            /// PCI addresses of the pool.
            addresses: Address = "address",
        }
    }

    /// Address translation.
    Nat {
        attributes {
            /// `ipv6`: yes translates IPv6 too.
            ipv6: Text = "ipv6",
        }
        one {
            /// Source addresses.
            address: AddressRange = "address",
        }
    }

    /// A range of addresses.
    AddressRange {
        attributes {
            /// `start`.
            start: Text = "start",
            /// `end`.
            end: Text = "end",
        }
    }

    /// A host device.
    NetworkDevice {
        attributes {
            /// `dev`.
            dev: Text = "dev",
        }
    }

    /// Driver of virtual functions.
    ForwardDriver {
        attributes {
            /// `name`: vfio.
            name: Text = "name",
        }
    }

    /// A bridge.
    Bridge {
        attributes {
            /// `name`.
            name: Text = "name",
            /// `stp`: unsaid means on.
            stp: Text = "stp",
            /// `delay` of forwarding, seconds.
            delay: Text = "delay",
            /// `macTableManager`: kernel learns, libvirt pins.
            mac_table_manager: Text = "macTableManager",
            /// `zone` of firewalld.
            zone: Text = "zone",
        }
    }

    /// A MAC address.
    NetworkMac {
        attributes {
            /// `address`.
            address: Text = "address",
        }
    }

    /// An MTU.
    NetworkMtu {
        attributes {
            /// `size` in bytes.
            size: Text = "size",
        }
    }

    /// A DNS domain.
    DnsDomain {
        attributes {
            /// `name`.
            name: Text = "name",
            /// `localOnly`: never asked upstream.
            local_only: Text = "localOnly",
        }
    }

    /// A DNS server.
    Dns {
        attributes {
            /// `enable`.
            enable: Text = "enable",
            /// `forwardPlainNames`.
            forward_plain_names: Text = "forwardPlainNames",
        }
        many {
            /// Upstream servers.
            forwarders: DnsForwarder = "forwarder",
        }
    }

    /// An upstream DNS server.
    DnsForwarder {
        attributes {
            /// `addr`.
            addr: Text = "addr",
            /// `domain`.
            domain: Text = "domain",
        }
    }

    /// An address of the host.
    NetworkIp {
        attributes {
            /// `family`: ipv4, ipv6.
            family: Text = "family",
            /// `address`.
            address: Text = "address",
            /// `netmask`.
            netmask: Text = "netmask",
            /// `prefix`.
            prefix: Text = "prefix",
        }
        one {
            /// DHCP.
            dhcp: Dhcp = "dhcp",
            /// Files served for booting.
            tftp: Tftp = "tftp",
        }
    }

    /// DHCP.
    Dhcp {
        many {
            /// Addresses given out.
            ranges: AddressRange = "range",
            /// Fixed leases.
            hosts: DhcpHost = "host",
        }
    }

    /// A fixed lease.
    DhcpHost {
        attributes {
            /// `mac`.
            mac: Text = "mac",
            /// `id`: DHCPv6 identifier.
            id: Text = "id",
            /// `name`.
            name: Text = "name",
            /// `ip`.
            ip: Text = "ip",
        }
    }

    /// Files served for booting.
    Tftp {
        attributes {
            /// `root` directory.
            root: Text = "root",
        }
    }

    /// A class of guests.
    Portgroup {
        attributes {
            /// `name`.
            name: Text = "name",
            /// `default`: yes for guests that say none.
            is_default: Text = "default",
            /// `trustGuestRxFilters`.
            trust_guest_rx_filters: Text = "trustGuestRxFilters",
        }
        one {
            /// Port options.
            port: BridgePort = "port",
            /// Switch port profile.
            virtualport: Box<Virtualport> = "virtualport",
            /// VLAN tags.
            vlan: Vlan = "vlan",
            /// Limits.
            bandwidth: Box<Bandwidth> = "bandwidth",
        }
    }
}
impl Network {
    /// Reads a `<network>`, or the one inside the `<networkstatus>` of `/run/libvirt/network`.
    ///
    /// # Errors
    /// What [`xml::parse`] refuses, another root, or a status without a network.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let document = xml::parse(bytes)?;
        let root = root_named(&document, &["network", "networkstatus"])?;
        if root.tag_name().name() == "network" {
            return Ok(Self::read(root));
        }
        let inner = child(root, "network");
        inner
            .map(Self::read)
            .ok_or_else(|| Malformed::at(root.range().start, "<networkstatus> holds no <network>"))
    }

    /// The forward mode in force: none is `None`, an element without `mode` is nat.
    #[must_use]
    pub fn forward_mode(&self) -> Option<&str> {
        self.forward.as_ref().map(|f| f.mode.said().unwrap_or("nat"))
    }
}
