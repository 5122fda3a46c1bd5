//! Walls of management and of the console: libvirt's sockets and certificates, SSH, VNC.
mod wall;
use wall::walls;

walls! {
    acl_off Selinux "management.api-acl" given "mkdir -p /etc/baluarte; echo 'administrators = [\"ana\", \"budi\"]' >/etc/baluarte/policy.toml":
        "key $L access_drivers '[ ]'";
    every_certificate Selinux "management.tls-dn-allowlist" given "key $L listen_tls 1; ln -s /lib/systemd/system/libvirtd-tls.socket /etc/systemd/system/sockets.target.wants/": "key $L tls_allowed_dn_list '[ \"*\" ]'";
    old_tls Selinux "management.tls-priority" given "key $L listen_tls 1; ln -s /lib/systemd/system/libvirtd-tls.socket /etc/systemd/system/sockets.target.wants/": "key $L tls_priority '\"NORMAL:+VERS-TLS1.0\"'";
    passwords_for_all Selinux "management.sasl-db-perms" given "echo x >/etc/libvirt/passwd.db; chmod 600 /etc/libvirt/passwd.db": "chmod 644 /etc/libvirt/passwd.db";
    all_ports Selinux "console.port-range-filtered" + "management.host-firewall-default-drop" given "xml spare \"s|<listen type='socket'/>|<listen type='address' address='192.0.2.1'/>|\"":
        "key $Q remote_display_port_max 65535; nft chain inet host input '{ policy accept; }'";
    spice_clipboard Selinux "console.spice-features-off" given "device spare \"<graphics type='spice' defaultMode='secure'><listen type='socket'/><clipboard copypaste='no'/><filetransfer enable='no'/></graphics>\"": "xml spare \"s|<clipboard copypaste='no'/>||\"";
    spice_in_clear Selinux "console.spice-secure" given "device spare \"<graphics type='spice' defaultMode='secure'><listen type='socket'/><clipboard copypaste='no'/><filetransfer enable='no'/></graphics>\"": "
        key $Q spice_tls 0; xml spare \"s|defaultMode='secure'><listen type='socket'/>|autoport='yes'><listen type='address' address='0.0.0.0'/>|\"";
    conf_newer_than_daemon Selinux "management.conf-drift-running": "touch $Q";
    conf_for_all Selinux "management.conf-perms": "chmod 666 $Q";
    definition_for_all Selinux "management.conf-perms": "chmod 644 /etc/libvirt/qemu/shop.xml; chmod 755 /etc/libvirt/qemu; chmod 777 /etc/libvirt/libvirtd.conf";
    unknown_key Selinux "management.conf-unknown-keys": "key $Q vnc_lisen '\"127.0.0.1\"'";
    input_accepted Selinux "management.host-firewall-default-drop": "nft chain inet host input '{ policy accept; }'";
    user_in_libvirt_group Selinux "management.libvirt-group-members": "useradd -m eve; usermod -aG libvirt eve";
    migration_in_clear Selinux "management.migration-tls": "key $Q migrate_tls_force 0";
    tcp_at_next_start Selinux "management.no-plain-tcp": "ln -s /lib/systemd/system/libvirtd-tcp.socket /etc/systemd/system/sockets.target.wants/";
    tcp_listens Selinux "management.no-plain-tcp": "systemctl stop libvirtd; systemctl start libvirtd-tcp.socket; systemctl start libvirtd; sleep 1";
    tcp_without_sasl Selinux "management.tcp-auth-sasl" + "management.no-plain-tcp": "key $L auth_tcp '\"none\"'; key $L listen_tcp 1";
    root_by_ssh Selinux "management.no-root-ssh": "sed -i 's/^PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config.d/60-baluarte.conf";
    sockets_forwarded Selinux "management.ssh-tunnel-hardening": "sed -i '/AllowStreamLocalForwarding/d' /etc/ssh/sshd_config.d/60-baluarte.conf";
    certificate_expired Selinux "management.pki-cert-health": "date -s '+20 years' >/dev/null";
    key_for_all Selinux "management.pki-key-perms": "chmod 644 /etc/pki/libvirt/private/serverkey.pem";
    polkit_says_yes Selinux "management.polkit-rules": "
        echo 'polkit.addRule(function(action, subject) { if (action.id == \"org.libvirt.unix.manage\") { return polkit.Result.YES; } });' >/etc/polkit-1/rules.d/10-open.rules";
    clients_without_end Selinux "management.resource-queues": "key $L max_anonymous_clients 0";
    weak_mechanism Selinux "management.sasl-mech-strong": "sed -i 's/^mech_list.*/mech_list: digest-md5/' /etc/sasl2/libvirt.conf";
    everyone_by_sasl Selinux "management.sasl-users-list": "key $L sasl_allowed_username_list '[ \"*\" ]'";
    clients_not_verified Selinux "management.tls-verify-clients": "key $L tls_no_verify_certificate 1";
    socket_for_all_at_boot Selinux "management.unix-socket-perms": "rm -r /etc/systemd/system/libvirtd.socket.d; key $L auth_unix_rw '\"none\"'";
    clear_uri Selinux "management.uri-no-unsafe": "echo 'uri_default = \"qemu+tcp://kvm2/system\"' >>/etc/libvirt/libvirt.conf";
    #[ignore = "slow: restarts libvirtd"]
    vnc_runs_everywhere Apparmor "console.vnc-listen-local" + "console.vnc-auth-present" + "console.vnc-tls": "
        key $Q vnc_sasl 0; key $Q vnc_tls 0; systemctl restart libvirtd
        xml spare \"s|<listen type='socket'/>|<listen type='address' address='0.0.0.0'/>|\"; virsh define /etc/libvirt/qemu/spare.xml; virsh start spare";
    vnc_password Selinux "console.vnc-password-hygiene": "key $Q vnc_password '\"console1\"'";
    vnc_shared Selinux "console.vnc-share-policy": "xml spare \"s/<graphics type='vnc'>/<graphics type='vnc' sharePolicy='ignore'>/\"";
    vnc_web_socket Selinux "console.vnc-websocket-off": "key $Q vnc_tls 0; xml spare \"s/<graphics type='vnc'>/<graphics type='vnc' websocket='5700'>/\"";
    host_hears Selinux "console.audio-off": "key $Q vnc_allow_host_audio 1";
    console_on_a_screen Selinux "console.rdp-dbus-egl": "device spare \"<graphics type='sdl'/>\"";
    serial_over_tcp Selinux "console.serial-unix-only": "device spare \"<serial type='tcp'><source mode='connect' host='192.0.2.9' service='4555'/><protocol type='raw'/></serial>\"";
    weak_vnc_mechanism Selinux "console.vnc-sasl": "sed -i 's/^mech_list.*/mech_list: plain/' /etc/sasl2/qemu.conf";
    vnc_nobody_asked Selinux "console.vnc-auth-present" + "console.vnc-listen-local" + "console.vnc-tls" given "xml spare \"s|<listen type='socket'/>|<listen type='address' address='127.0.0.1'/>|\"": "
        key $Q vnc_sasl 0; key $Q vnc_tls 0; xml spare s/127.0.0.1/0.0.0.0/";
    vnc_in_clear Selinux "console.vnc-tls" given "xml spare \"s|<listen type='socket'/>|<listen type='address' address='127.0.0.1'/>|\"": "key $Q vnc_tls 0";
    vnc_every_client Selinux "console.vnc-tls-verify" given "xml spare \"s|<listen type='socket'/>|<listen type='address' address='127.0.0.1'/>|\"": "key $Q vnc_tls_x509_verify 0";
    vnc_on_loopback Selinux "console.vnc-unix-socket" + "console.vnc-tls-verify" given "xml spare \"s|<listen type='socket'/>|<listen type='address' address='127.0.0.1'/>|\"": "key $Q vnc_sasl 0; key $Q vnc_tls_x509_verify 0";
    session_daemon_listens Selinux "management.session-mode-off": "
        cp /usr/bin/perl /tmp/libvirtd; chmod 755 /tmp/libvirtd; chcon -t bin_t /tmp/libvirtd
        runuser -u nobody -- /tmp/libvirtd -e 'use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(17000, INADDR_ANY)); listen(S, 5); sleep 60' >/dev/null 2>&1 & sleep 1";
}

#[test]
fn readonly_for_the_group() {
    wall::raised("management.readonly-socket", "chmod 770 /run/libvirt/libvirt-sock-ro");
}
