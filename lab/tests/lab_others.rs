//! Where other tools, and guides, are wrong: one regression test each.
mod wall;
use lab::wall::verdict;
use lab::{Iommu, Mac, Request};

/// What the script printed, and the verdict of a control after it.
fn see(request: Request, control: &str) -> Option<(String, String)> {
    let script = format!("{}\ncheck report", request.script);
    let (said, verdicts) = wall::see(Request { script, ..request })?;
    Some((said, verdict(&verdicts, control)))
}

#[test]
fn virt_host_validate_looks_for_the_table_of_the_other_vendor() {
    // An AMD processor with VT-d: it wants AMD's table, and warns of an IOMMU that works.
    let script = "virt-host-validate qemu || true";
    let Some((said, ours)) = see(Request::script(script), "hardware.iommu-enabled") else { return };
    let line = said.lines().find(|l| l.contains("IOMMU")).unwrap_or_default();
    assert!(line.contains("WARN"), "{said}");
    assert_eq!(ours, "pass");
}

#[test]
fn amd_iommu_on_is_no_option() {
    let request = Request {
        iommu: Iommu::Amd,
        cold: true,
        append: "amd_iommu=on".into(),
        ..Request::script("dmesg | grep -i 'AMD-Vi'")
    };
    let Some((said, ours)) = see(request, "hardware.iommu-enabled") else { return };
    assert!(said.contains("Unknown option - 'on'"), "{said}");
    assert_eq!(ours, "pass");
}

#[test]
#[ignore = "slow: boots"]
fn selinux_0_switches_nothing_off() {
    // Debian's kernel is built without CONFIG_SECURITY_SELINUX_BOOTPARAM.
    let request = Request {
        append: "selinux=0".into(),
        cold: true,
        ..Request::script("getenforce; grep -o selinux=0 /proc/cmdline")
    };
    let Some((said, ours)) = see(request, "confinement.selinux-enforcing") else { return };
    assert_eq!(said, "Enforcing\nselinux=0\n");
    assert_eq!(ours, "pass");
}

#[test]
fn relaxed_acs_check_is_dead_with_vfio() {
    // A switch's port without ACS. The key is 0, and libvirt starts the guest all the same: ours looks at the group.
    let script = "setsebool virt_use_sysfs on; grep -c relaxed_acs_check $Q || true; granted 0000:05:00.0; passed spare 05 00 0; virsh -q define /etc/libvirt/qemu/spare.xml
        virsh -q start spare; virsh -q domstate spare";
    let Some((said, ours)) = see(Request::script(script), "hardware.passthrough-acs") else { return };
    assert_eq!(said.trim(), "0\nrunning");
    assert_eq!(ours, "pass");
}

#[test]
fn a_vfio_node_is_no_proof_of_a_whole_group() {
    // One of three members is bound to VFIO: the node appears, and a sibling is still driven by the host.
    let script = "modprobe vfio-pci; cd /sys/bus/pci; echo vfio-pci >devices/0000:00:1f.3/driver_override; echo 0000:00:1f.3 >drivers_probe
        test -e /dev/vfio/$(basename $(readlink devices/0000:00:1f.3/iommu_group)) && echo node
        basename $(readlink devices/0000:00:1f.0/driver); cd /root/in; passed spare 00 1f 3";
    let Some((said, ours)) = see(Request::script(script), "hardware.passthrough-group-whole") else { return };
    assert_eq!(said, "node\nlpc_ich\n");
    assert_eq!(ours, "fail");
}

#[test]
fn a_guides_rule_on_labels_is_loaded_and_never_matches() {
    let script = "auditctl -a always,exit -S all -F perm=wax -F subj_type=qemu_t -F obj_type!=qemu_t -k guide && auditctl -l | grep -c guide";
    let Some((said, ours)) = see(Request::script(script).on(Mac::Apparmor), "audit.guide-rules-translated")
    else {
        return;
    };
    assert_eq!(said.trim(), "1");
    assert_eq!(ours, "fail");
}
