//! Walls of the network: bridges, VLANs, filters of libvirt's and of our own.
mod wall;
use wall::walls;

walls! {
    macvtap_passthrough Selinux "network.macvtap-mode" given "
        device spare \"<interface type='direct'><mac address='52:54:00:3a:91:08'/><source dev='enp1s0' mode='bridge'/><model type='virtio'/></interface>\"":
        "xml spare s/mode=\\'bridge\\'/mode=\\'passthrough\\'/";
    management_on_guests_bridge Selinux "network.mgmt-separated-from-guest" given "
        ip addr add 198.51.100.1/24 dev enp1s0; ip link set enp1s0 up; ip route add default via 198.51.100.254 dev enp1s0":
        "ip addr add 192.0.2.1/24 dev br10; ip route replace default via 192.0.2.254 dev br10";
    two_vlans_on_a_bridge Selinux "network.one-bridge-per-vlan": "ip link set uplink0.20 master br10";
    vlan_beside_its_parent Selinux "network.one-bridge-per-vlan": "ip link set uplink0 master br10";
    bridge_to_iptables Selinux "network.bridge-nf-iptables-off" + "network.conntrack-bridge-isolation": "echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables";
    bridge_to_ip6tables Selinux "network.bridge-nf-ip6tables-off" + "network.conntrack-bridge-isolation": "echo 1 >/proc/sys/net/bridge/bridge-nf-call-ip6tables";
    bridge_to_arptables Selinux "network.bridge-nf-arptables-off": "echo 1 >/proc/sys/net/bridge/bridge-nf-call-arptables";
    one_bridge_to_iptables Selinux "network.bridge-nf-iptables-off" + "network.conntrack-bridge-isolation": "ip link set br20 type bridge nf_call_iptables 1";
    bridge_filter_at_boot Selinux "network.bridge-nf-persist" + "network.bridge-nf-iptables-off": "sed -i '/call-iptables/d' /etc/sysctl.d/60-baluarte.conf";
    hairpin Selinux "network.brport-hardening": "bridge link set dev vnet0 hairpin on";
    spanning_tree_open Selinux "network.brport-hardening": "ip link set br10 type bridge stp_state 1";
    learns_without_bound Selinux "network.mac-flood-bounded": "ip link set br20 type bridge no_linklocal_learn 0";
    fence_gone Selinux "network.port-mac-allowlist" + "network.arp-spoof-blocked" + "network.dhcp-server-guard" + "network.ip-spoof-blocked" + "network.ipv6-ra-guard" + "network.mac-flood-bounded" + "network.nwfilter-attached" + "network.vlan-hopping": "nft flush chain bridge guests prerouting";
    one_fence_rule_gone Selinux "network.vlan-hopping": "
        nft delete rule bridge guests prerouting handle $(nft -a list chain bridge guests prerouting | sed -n 's/.*8021ad.*handle //p')";
    dhcp_rule_gone Selinux "network.dhcp-server-guard": "
        nft delete rule bridge guests prerouting handle $(nft -a list chain bridge guests prerouting | sed -n 's/.*sport { 67, 547 }.*handle //p')";
    source_rule_gone Selinux "network.port-mac-allowlist" + "network.mac-flood-bounded" + "network.nwfilter-attached": "
        nft delete rule bridge guests prerouting handle $(nft -a list chain bridge guests prerouting | sed -n 's/.*bank0\" ether saddr !=.*handle //p')";
    address_rule_gone Selinux "network.ip-spoof-blocked": "
        nft delete rule bridge guests prerouting handle $(nft -a list chain bridge guests prerouting | sed -n 's/.*ip saddr !=.*handle //p')";
    arp_rule_gone Selinux "network.arp-spoof-blocked": "
        nft delete rule bridge guests prerouting handle $(nft -a list chain bridge guests prerouting | sed -n 's/.*arp saddr ip !=.*handle //p')";
    libvirts_filter_gone Selinux "network.port-mac-allowlist" + "network.arp-spoof-blocked" + "network.ip-spoof-blocked" + "network.mac-flood-bounded" + "network.nwfilter-attached" + "network.vlan-hopping": "nft flush chain bridge nat libvirt-I-vnet0";
    libvirts_filter_gone_apparmor Apparmor "network.port-mac-allowlist" + "network.arp-spoof-blocked" + "network.ip-spoof-blocked" + "network.mac-flood-bounded" + "network.nwfilter-attached" + "network.vlan-hopping": "nft flush chain bridge nat libvirt-I-vnet0";
    address_not_pinned Selinux "network.filter-ip-pinned": "xml shop '/<parameter/d'";
    forwards Selinux "network.ip-forward-need" given "rm /etc/libvirt/qemu/networks/default.xml": "echo 1 >/proc/sys/net/ipv4/ip_forward";
    forwards_everything Selinux "network.forward-default-drop" + "network.ip-forward-need" + "management.host-firewall-default-drop" given "rm /etc/libvirt/qemu/networks/default.xml": "
        echo 1 >/proc/sys/net/ipv4/ip_forward; nft delete chain inet host forward";
    no_source_check Selinux "network.rp-filter": "echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter";
    redirects Selinux "network.rp-filter": "echo 1 >/proc/sys/net/ipv4/conf/all/accept_redirects";
    sends_redirects Selinux "network.rp-filter": "echo 1 >/proc/sys/net/ipv4/conf/all/send_redirects";
    foreign_vendor Selinux "network.mac-prefix-known": "xml shop 's/52:54:00:10/00:25:90:10/'";
    group_address Selinux "network.static-mac": "xml shop 's/52:54:00:10/53:54:00:10/'";
    guest_chooses_filter Selinux "network.trust-guest-rx-off": "xml shop \"s/<interface type='bridge'>/<interface type='bridge' trustGuestRxFilters='yes'>/\"";
    tap_hears_all Selinux "network.promisc-none": "ip link set vnet0 promisc on";
    migration_everywhere Selinux "network.migration-net-separated": "key $Q migration_address '\"0.0.0.0\"'";
}
