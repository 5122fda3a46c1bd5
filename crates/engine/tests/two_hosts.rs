//! The two built hosts, judged against lists made by hand: from the description of the neglected host and the pages of the
//! controls, by somebody who had not seen a report of it.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must stop and say so")]

use std::collections::BTreeSet;

use controls::Selection;
use host::source::Memory;
use model::{
    finding::{Finding, Report, Status},
    profile::Profile,
    subject::Kind,
};
use testkit::memory;

/// The neglected host: differences from the base host.
const NEGLECTED: &str = include_str!("../../../hosts/neglected.txtar");

/// What must fail there: subject, then control ids. An interface is `VM nic`.
const EXPECTED: &[(&str, &[&str])] = &[
    (
        "host",
        &[
            "audit.admin-trace",
            "audit.boot-param",
            "audit.config-watch-libvirt",
            "audit.daemon-enabled",
            "audit.exec-by-qemu-uid",
            "audit.identity-watch",
            "audit.image-modification",
            "audit.kernel-module-watch",
            "audit.qemu-cross-domain",
            "audit.unusual-interactions",
            "confinement.require-confined",
            "console.port-range-filtered",
            "console.vnc-tls",
            "console.vnc-unix-socket",
            "hardware.cpu-vulnerabilities",
            "hardware.host-swap-encrypted",
            "hardware.smt-policy",
            "management.host-firewall-default-drop",
            "management.libvirt-group-members",
            "management.no-root-ssh",
            "management.ssh-tunnel-hardening",
            "network.bridge-nf-arptables-off",
            "network.bridge-nf-ip6tables-off",
            "network.bridge-nf-iptables-off",
            "network.bridge-nf-persist",
            "network.conntrack-bridge-isolation",
            "network.forward-default-drop",
            "network.ip-forward-need",
            "network.mac-filter-driver",
            "network.mac-flood-bounded",
            "network.migration-net-separated",
            "storage.lock-manager",
        ],
    ),
    (
        "libvirtd",
        &[
            "audit.virt-events-on",
            "management.migration-tls",
            "management.no-plain-tcp",
            "management.tcp-auth-sasl",
            "management.unix-socket-perms",
        ],
    ),
    (
        "shop",
        &[
            "confinement.apparmor-vm-profile",
            "confinement.seclabel-none",
            "console.vnc-auth-present",
            "console.vnc-listen-local",
            "emulator.device-allowlist",
            "emulator.legacy-devices",
            "emulator.no-cmdline-passthrough",
        ],
    ),
    (
        "shop nic",
        &[
            "network.arp-spoof-blocked",
            "network.dhcp-server-guard",
            "network.ip-spoof-blocked",
            "network.ipv6-ra-guard",
            "network.nwfilter-attached",
            "network.port-mac-allowlist",
            "network.vlan-hopping",
        ],
    ),
    ("ledger", &["console.vnc-password-hygiene"]),
    ("ledger nic", &["network.nwfilter-attached", "network.static-mac"]),
    ("/srv/old/ledger.qcow2", &["storage.backing-chain-trusted", "storage.image-perms"]),
    ("/var/lib/libvirt/images/drivers.img", &["storage.image-perms"]),
    ("/var/lib/libvirt/images/shop.qcow2", &["storage.image-perms"]),
];

fn report(machine: &Memory) -> Report {
    engine::check(&memory::evidence(machine), &Selection::default(), &Profile::default())
}

fn subject(finding: &Finding) -> String {
    let name = &finding.subject.name;
    match finding.subject.kind {
        Kind::Host => "host".to_owned(),
        Kind::Interface => format!("{} nic", name.split(' ').next().unwrap_or(name)),
        _ => name.clone(),
    }
}

fn of_status(report: &Report, status: Status) -> BTreeSet<(String, String)> {
    let findings = report.findings.iter().filter(|finding| finding.status == status);
    findings.map(|finding| (subject(finding), finding.id.to_string())).collect()
}

#[test]
fn nothing_is_missed_on_the_neglected_host_and_nothing_made_up() {
    let mut machine = memory::base().unwrap();
    memory::lay_over(&mut machine, NEGLECTED).unwrap();
    let report = report(&machine);
    let expected: BTreeSet<(String, String)> = EXPECTED
        .iter()
        .flat_map(|(subject, ids)| ids.iter().map(|id| ((*subject).to_owned(), (*id).to_owned())))
        .collect();
    let found = of_status(&report, Status::Fail);
    assert_eq!(expected.difference(&found).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "missed");
    assert_eq!(found.difference(&expected).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "made up");
    assert!(of_status(&report, Status::Unknown).is_empty());
}

#[test]
fn nothing_is_found_on_the_host_that_is_kept_well() {
    let report = report(&memory::base().unwrap());
    for status in [Status::Fail, Status::Unknown] {
        assert_eq!(of_status(&report, status), BTreeSet::new());
    }
    assert!(report.coverage.pass > 100, "{:?}", report.coverage);
}
