//! A network, its pool, its status, and every real one.

use super::*;
use crate::libvirt::domain::corpus::documents;

#[test]
fn a_nat_network_reads() {
    let text = "<network><name>default</name><uuid>u</uuid><forward mode='nat'><nat ipv6='yes'/></forward>\
        <bridge name='virbr0' stp='off' macTableManager='libvirt'/><port isolated='yes'/>\
        <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='a' end='b'/>\
        <host mac='m' ip='i'/></dhcp></ip></network>";
    let network = Network::parse(text.as_bytes()).unwrap();
    assert_eq!(network.forward_mode(), Some("nat"));
    let bridge = network.bridge.as_ref().unwrap();
    assert!(bridge.stp.is("off") && bridge.mac_table_manager.is("libvirt"));
    assert_eq!(network.port.as_ref().unwrap().isolated.flag(), Some(true));
    let dhcp = network.ips[0].dhcp.as_ref().unwrap();
    assert!(dhcp.ranges[0].start.is("a") && dhcp.hosts[0].mac.is("m"));
    let status = Network::parse(format!("<networkstatus>{text}</networkstatus>").as_bytes()).unwrap();
    assert!(status.name.is("default"));
}

#[test]
fn a_pool_of_virtual_functions_reads() {
    let text = "<network><name>vf</name><forward mode='hostdev' managed='yes'><pf dev='eth2'/>\
        <address type='pci' domain='0' bus='3' slot='0' function='1'/></forward></network>";
    let network = Network::parse(text.as_bytes()).unwrap();
    let forward = network.forward.unwrap();
    assert!(forward.pf.unwrap().dev.is("eth2"));
    assert_eq!(forward.addresses[0].pci().as_deref(), Some("0000:03:00.1"));
    assert_eq!(Network::parse(b"<network><forward/></network>").unwrap().forward_mode(), Some("nat"));
    assert_eq!(Network::parse(b"<network/>").unwrap().forward_mode(), None);
}

#[test]
fn every_real_network_reads() {
    let mut read = 0;
    for (path, bytes) in documents() {
        if path.components().any(|c| c.as_os_str() == "network") {
            let network = Network::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert!(network.name.is_some(), "{}", path.display());
            read += 1;
        }
    }
    println!("{read} networks");
}
