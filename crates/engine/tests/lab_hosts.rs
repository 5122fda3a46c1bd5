//! Recordings of a whole hypervisor, one with SELinux enforcing and one with AppArmor, made in the lab
//! (`cargo xtask lab hosts`): what only it has is judged here, on any machine.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must stop and say so")]

use std::{collections::BTreeSet, path::Path};

use controls::Selection;
use model::{
    evidence::Evidence,
    finding::{Finding, Report, Status},
    profile::Profile,
};

/// What the lab fails and nothing hides: no lockdown, and a guest under software emulation without a filter of libvirt's.
const FAILING: [&str; 3] =
    ["emulator.tcg-not-boundary", "hardware.kernel-lockdown", "network.mac-filter-driver"];

fn report(name: &str) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hosts").join(name);
    let recording = host::store::load(&path).unwrap();
    engine::check(&Evidence::of(recording), &Selection::default(), &Profile::default())
}

fn of<'a>(report: &'a Report, id: &'a str) -> impl Iterator<Item = &'a Finding> {
    report.findings.iter().filter(move |finding| finding.id == id)
}

#[test]
fn the_recordings_of_the_lab_are_judged_as_the_lab_was() {
    for (name, pass, beside) in [
        (
            "lab-selinux.zst",
            &[
                "confinement.selinux-enforcing",
                "confinement.selinux-domain-not-permissive",
                "confinement.mcs-constrained",
                "confinement.svirt-process-label",
                "confinement.mcs-unique",
                "confinement.image-label-at-rest",
                "confinement.bool-virt-use-nfs",
            ][..],
            "confinement.apparmor-vm-profile",
        ),
        (
            "lab-apparmor.zst",
            &[
                "confinement.apparmor-vm-profile",
                "confinement.apparmor-service-profiles",
                "confinement.apparmor-template-tight",
                "audit.guide-rules-translated",
            ][..],
            "confinement.svirt-process-label",
        ),
    ] {
        let report = report(name);
        let status = |status| -> BTreeSet<&str> {
            let of = report.findings.iter().filter(|finding| finding.status == status);
            of.map(|finding| finding.id.as_ref()).collect()
        };
        assert_eq!(status(Status::Fail), BTreeSet::from(FAILING), "{name}");
        assert_eq!(status(Status::Unknown), BTreeSet::new(), "{name}");
        let both = ["hardware.iommu-enabled", "hardware.tpm-present", "network.one-bridge-per-vlan"];
        for id in pass.iter().chain(&both) {
            // The guest that does not run has no process to ask.
            let statuses: BTreeSet<Status> = of(&report, id).map(|finding| finding.status).collect();
            assert!(statuses.contains(&Status::Pass), "{name}: {id}");
            assert!(
                statuses.is_subset(&BTreeSet::from([Status::Pass, Status::NotApplicable])),
                "{name}: {id}"
            );
        }
        assert!(
            of(&report, beside).all(|finding| finding.status == Status::NotApplicable),
            "{name}: {beside}"
        );
    }
}
