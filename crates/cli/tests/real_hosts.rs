//! Two whole hosts, real: a neglected libvirtd with two neglected VMs, and a hardened one with a VM that was put right. What
//! each must fail is listed by hand.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that can't go on must stop and say so"
)]

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt as _, path::PathBuf};

use model::finding::{Report, Status};
use testkit::{
    domains,
    libvirt::{self, Options, PrivateLibvirt},
    scratch::Scratch,
};

const BALUARTE: &str = env!("CARGO_BIN_EXE_baluarte");

/// Everything that a key of these files can open.
const NEGLECTED_LIBVIRTD: &str = r#"
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
unix_sock_ro_perms = "0777"
unix_sock_rw_perms = "0777"
auth_unix_ro = "none"
auth_unix_rw = "none"
tls_no_verify_certificate = 1
tls_priority = "NORMAL"
"#;
const NEGLECTED_QEMU: &str = r#"
vnc_listen = "0.0.0.0"
vnc_sasl = 0
vnc_password = "console1"
security_driver = "none"
security_require_confined = 0
user = "root"
group = "root"
seccomp_sandbox = 0
namespaces = [ ]
max_core = "unlimited"
dump_guest_core = 1
mac_filter = 0
relaxed_acs_check = 1
stdio_handler = "file"
default_tls_x509_verify = 0
migration_address = "0.0.0.0"
remote_display_port_max = 65535
"#;

/// The same keys as they should be. Without D-Bus there is no polkit, so that the socket's owner alone may command; and no
/// certificates are made, so that nothing listens.
const HARDENED_LIBVIRTD: &str = r#"
listen_tls = 0
listen_tcp = 0
unix_sock_ro_perms = "0700"
unix_sock_rw_perms = "0700"
unix_sock_admin_perms = "0700"
auth_unix_ro = "none"
auth_unix_rw = "none"
tls_priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
"#;
const HARDENED_QEMU: &str = r#"
vnc_listen = "127.0.0.1"
vnc_auto_unix_socket = 1
vnc_sasl = 1
user = "libvirt-qemu"
group = "kvm"
dynamic_ownership = 1
seccomp_sandbox = 1
namespaces = [ "mount" ]
max_core = 0
dump_guest_core = 0
stdio_handler = "logd"
default_tls_x509_verify = 1
migrate_tls_force = 1
migration_address = "192.0.2.1"
remote_display_port_max = 5999
lock_manager = "lockd"
"#;

/// What the neglected daemon and its files fail: control ids, of the host's and the daemon's own findings.
const OF_THE_DAEMON: &[&str] = &[
    "confinement.mac-driver-active",
    "confinement.qemu-user-nonroot",
    "confinement.require-confined",
    "confinement.stdio-logd",
    "console.port-range-filtered",
    "console.vnc-tls",
    "hardware.passthrough-acs",
    "management.migration-tls",
    "management.no-plain-tcp",
    "management.tcp-auth-sasl",
    "management.unix-socket-perms",
    "network.mac-filter-driver",
    "network.migration-net-separated",
    "storage.lock-manager",
];

/// What the VM that runs as it was found fails, by its own XML or by what its daemon makes of it.
const OF_LEGACY: &[&str] = &[
    "confinement.core-dumps",
    "confinement.mount-namespace",
    "confinement.seccomp-on",
    "confinement.seclabel-none",
    "console.vnc-auth-present",
    "console.vnc-listen-local",
    "console.vnc-password-hygiene",
    "emulator.legacy-devices",
    "emulator.no-cmdline-passthrough",
    "emulator.tcg-not-boundary",
    "network.nwfilter-attached",
    "storage.image-perms",
];

/// What the VM fails whose image has qcow2's old AES encryption.
const OF_OLD: &[&str] = &["emulator.tcg-not-boundary", "storage.qcow2-legacy-aes-off"];

/// What the VM that is only defined fails.
const OF_WORSE: &[&str] = &[
    "confinement.core-dumps",
    "confinement.mount-namespace",
    "confinement.no-host-filesystem-share",
    "confinement.seccomp-on",
    "confinement.shmem-vsock",
    "console.serial-unix-only",
    "console.vnc-auth-present",
    "console.vnc-listen-local",
    "console.vnc-password-hygiene",
    "console.vnc-share-policy",
    "console.vnc-websocket-off",
    "emulator.crash-policy",
    "emulator.no-cmdline-passthrough",
    "emulator.no-debug-surface",
    "emulator.no-hidden-hypervisor",
    "emulator.tcg-not-boundary",
    "hardware.device-rom-off",
    "hardware.pci-passthrough-default-off",
    "hardware.usb-passthrough-off",
    "network.nwfilter-attached",
    "network.trust-guest-rx-off",
    "storage.backing-chain-trusted",
    "storage.cache-mode",
    "storage.disk-error-policy",
    "storage.image-perms",
    "storage.network-disk-tls",
    "storage.shared-disk-controlled",
];

struct Host {
    libvirt: PrivateLibvirt,
    scratch: Scratch,
}

fn host(options: &Options) -> Option<Host> {
    if let Err(why) = libvirt::need() {
        println!("skipped: {why}");
        return None;
    }
    let libvirt = PrivateLibvirt::start(options).unwrap();
    libvirt.add_bridge(domains::BRIDGE).unwrap();
    Some(Host { libvirt, scratch: Scratch::new().unwrap() })
}

fn neglected() -> Option<Host> {
    let host = host(&Options {
        libvirtd_conf: Some(NEGLECTED_LIBVIRTD.into()),
        qemu_conf: Some(NEGLECTED_QEMU.into()),
        listen: true,
        ..Options::default()
    })?;
    let open = host.scratch.image("open.img", "raw", 16, 0o666).unwrap();
    let shared = host.scratch.image("shared.img", "raw", 16, 0o666).unwrap();
    let foreign = host.scratch.path().join("foreign.qcow2");
    let create =
        ["qemu-img", "create", "-q", "-f", "qcow2", "-u", "-F", "raw", "-b", "/etc/shadow", "FOREIGN", "16M"];
    let create = create.map(|word| if word == "FOREIGN" { foreign.to_str().unwrap() } else { word });
    host.libvirt.run(&create).unwrap();
    host.libvirt.define(&domains::neglected("legacy", &open)).unwrap();
    host.libvirt.define(&domains::worse("worse", &shared, &foreign)).unwrap();
    host.libvirt.define(&domains::put_right("old", &old(&host))).unwrap();
    host.libvirt.start_domain("legacy").unwrap();
    Some(host)
}

/// An image as QEMU encrypted them before LUKS; qemu-img still makes them.
fn old(host: &Host) -> PathBuf {
    let image = host.scratch.path().join("old.qcow2");
    let secret =
        ["--object", "secret,id=s,data=no-secret-at-all", "-o", "encrypt.format=aes,encrypt.key-secret=s"];
    let create = ["qemu-img", "create", "-q", "-f", "qcow2"].into_iter().chain(secret);
    let create: Vec<&str> = create.chain([image.to_str().unwrap(), "16M"]).collect();
    host.libvirt.run(&create).unwrap();
    std::fs::set_permissions(&image, std::fs::Permissions::from_mode(0o600)).unwrap();
    image
}

impl Host {
    fn report(&self) -> Report {
        let output = self.libvirt.exec(&[BALUARTE, "check", "--format", "json"]).unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// Ids of what fails for a VM, its disks, images, interfaces and devices; for `None` of the host and its daemons.
fn failing<'a>(report: &'a Report, vm: Option<&str>) -> BTreeSet<&'a str> {
    let uuid = vm.map(|vm| {
        let own = report.findings.iter().find(|finding| finding.subject.name == vm);
        own.unwrap_or_else(|| panic!("{vm} is not in the report")).subject.id.clone()
    });
    let about = |vms: &[String]| match &uuid {
        Some(uuid) => vms.contains(uuid),
        None => vms.is_empty(),
    };
    let failing = report.findings.iter().filter(|finding| finding.status == Status::Fail);
    failing.filter(|finding| about(&finding.subject.vms)).map(|finding| &*finding.id).collect()
}

fn missed<'a>(expected: &[&'a str], found: &BTreeSet<&str>) -> Vec<&'a str> {
    expected.iter().copied().filter(|id| !found.contains(id)).collect()
}

#[test]
fn nothing_is_missed_on_the_neglected_host() {
    let Some(host) = neglected() else { return };
    let report = host.report();
    for (subject, expected) in
        [(None, OF_THE_DAEMON), (Some("legacy"), OF_LEGACY), (Some("worse"), OF_WORSE), (Some("old"), OF_OLD)]
    {
        let found = failing(&report, subject);
        assert_eq!(missed(expected, &found), Vec::<&str>::new(), "{subject:?} has {found:#?}");
    }
}

/// `clean-traffic` pins addresses, and still lets a guest answer others' DHCP requests.
const FILTER: &str = "<filter name='kept' chain='root'>
  <filterref filter='clean-traffic'/>
  <rule action='drop' direction='out' priority='-700'>
    <ip protocol='udp' srcportstart='67' srcportend='67'/>
  </rule>
</filter>
";

/// What no VM on this machine can pass: it runs under emulation.
const OF_KEPT: &[&str] = &["emulator.tcg-not-boundary"];

#[test]
fn nothing_is_found_on_the_host_that_is_kept_well() {
    let hardened = Options {
        libvirtd_conf: Some(HARDENED_LIBVIRTD.into()),
        qemu_conf: Some(HARDENED_QEMU.into()),
        ..Options::default()
    };
    // Debian's unit would open the socket at the next boot.
    let unit = "/etc/systemd/system/libvirtd.socket.d/60-owner.conf";
    let hardened = hardened.with_file(unit, "[Socket]\nSocketMode=0600\n", 0o644);
    let Some(host) = host(&hardened) else { return };
    let image = host.scratch.image("kept.qcow2", "qcow2", 16, 0o600).unwrap();
    host.libvirt.run(&["virtlockd", "--daemon"]).unwrap();
    let filter = host.scratch.path().join("filter.xml");
    std::fs::write(&filter, FILTER).unwrap();
    host.libvirt.virsh(&["nwfilter-define", filter.to_str().unwrap()]).unwrap();
    let xml = domains::put_right("kept", &image).replace("filter='clean-traffic'", "filter='kept'");
    host.libvirt.define(&xml).unwrap();
    host.libvirt.start_domain("kept").unwrap();
    let report = host.report();
    let found = failing(&report, Some("kept"));
    assert_eq!(found, OF_KEPT.iter().copied().collect());
    // What the machine's kernel and its other files are like is not this host's doing: it labels nothing, and without a
    // driver that does libvirt refuses to require it.
    let found = failing(&report, None);
    let wrong = OF_THE_DAEMON.iter().copied().filter(|id| found.contains(id));
    assert_eq!(wrong.collect::<Vec<_>>(), ["confinement.require-confined"]);
}
