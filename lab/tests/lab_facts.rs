//! What the VM really has, asked of the kernel and of other tools, against what Baluarte says of it.
#![allow(clippy::panic, reason = "a test that can't go on must stop and say so")]
mod wall;
use lab::wall::Verdicts;
use lab::{Iommu, Mac, Request};
use wall::see;

fn passes(verdicts: &Verdicts, control: &str) {
    assert_eq!(lab::wall::verdict(verdicts, control), "pass", "{control}");
}

#[test]
fn selinux_enforces_and_each_guest_has_a_pair() {
    let script = "check report; getenforce; for g in shop bank; do cat /proc/$(pgrep -f guest=$g,)/attr/current | tr -d '\\0'; echo; stat -c %C $I/$g.qcow2; done";
    let Some((said, verdicts)) = see(Request::script(script)) else { return };
    let lines: Vec<&str> = said.lines().collect();
    let [enforce, shop, shop_image, bank, bank_image] = lines[..] else { panic!("{said}") };
    assert_eq!(enforce, "Enforcing");
    let pair = |label: &str| label.splitn(4, ':').nth(3).map(str::to_owned);
    assert!(shop.contains(":svirt_t:s0:c") && bank.contains(":svirt_t:s0:c"), "{said}");
    assert!(
        pair(shop) != pair(bank) && pair(shop) == pair(shop_image) && pair(bank) == pair(bank_image),
        "{said}"
    );
    for control in [
        "selinux-enforcing",
        "svirt-process-label",
        "mcs-unique",
        "image-label-at-rest",
        "image-label-foreign",
    ] {
        passes(&verdicts, &format!("confinement.{control}"));
    }
}

#[test]
fn the_kernel_keeps_one_pair_from_the_other() {
    // scontext tcontext class: allowed decided auditallow auditdeny seqno flags, in hexadecimal (security/selinux/selinuxfs.c).
    let script = "class=$(cat /sys/fs/selinux/class/file/index)
        ask() { exec 9<>/sys/fs/selinux/access; printf '%s %s %s' \"system_u:system_r:svirt_t:$1\" \"$2\" $class >&9; read -r allowed rest <&9 || true; exec 9>&-; echo $allowed; }
        image=system_u:object_r:svirt_image_t
        ask $(level shop) $image:$(level shop); ask $(level shop) $image:$(level bank); ask $(level shop) $image:s0; ask $(level shop) system_u:object_r:virt_image_t:s0";
    let Some((said, _)) = see(Request::script(script)) else { return };
    let bits: Vec<u64> = said.lines().filter_map(|l| u64::from_str_radix(l, 16).ok()).collect();
    let [own, others, open, at_rest] = bits[..] else { panic!("{said}") };
    // Read, write: bits 1 and 2 of class file (security/selinux/include/classmap.h).
    let data = |allowed: u64| allowed >> 1 & 3;
    assert_eq!((data(own), data(others), data(open), data(at_rest)), (3, 0, 3, 0), "{said}");
}

#[test]
fn apparmor_has_a_profile_for_each_guest() {
    let script = "check report; cat /sys/kernel/security/apparmor/profiles; for g in shop bank; do cat /proc/$(pgrep -f guest=$g,)/attr/apparmor/current; done";
    let Some((said, verdicts)) = see(Request::script(script).on(Mac::Apparmor)) else { return };
    for uuid in ["7d41c6f0-3a52-4a0e-9d65-2f1b8c0e5a01", "1b9e02d4-84c7-4f3b-b6aa-6c02d7f1e902"] {
        // Loaded, and worn.
        assert_eq!(said.matches(&format!("libvirt-{uuid} (enforce)")).count(), 2, "{said}");
    }
    for control in
        ["apparmor-vm-profile", "apparmor-service-profiles", "apparmor-template-tight", "mac-driver-active"]
    {
        passes(&verdicts, &format!("confinement.{control}"));
    }
}

#[test]
fn booleans_are_as_getsebool_says() {
    let Some((said, verdicts)) = see(Request::script("check report; getsebool -a")) else { return };
    let on = |name: &str| said.contains(&format!("{name} --> on"));
    assert!(on("virt_use_execmem") && on("virt_use_vfio") && !on("virt_use_nfs"), "{said}");
    for name in ["comm", "fusefs", "nfs", "samba", "sysfs", "usb", "xserver"] {
        passes(&verdicts, &format!("confinement.bool-virt-use-{name}"));
    }
}

#[test]
fn the_iommu_has_groups_of_one_and_of_many() {
    let script = "check report; ls /sys/class/iommu; dmesg | grep -i 'remapping'; for g in /sys/kernel/iommu_groups/*; do echo group $(cat $g/type) $(ls $g/devices); done
        setpci -s 00:08.0 ECAP_ACS+6.w; setpci -s 04:00.0 ECAP_ACS+6.w 2>&1 || true";
    let Some((said, verdicts)) = see(Request::script(script)) else { return };
    assert!(said.contains("dmar0"), "{said}");
    assert!(said.contains("Enabled IRQ remapping"), "{said}");
    // Alone behind a root port with ACS; with its port behind a switch without; a whole conventional bus.
    assert!(said.contains("DMA 0000:01:00.0\n"), "{said}");
    assert!(said.contains("DMA 0000:04:00.0 0000:05:00.0\n"), "{said}");
    assert!(said.contains("DMA 0000:00:11.0 0000:07:01.0 0000:07:02.0\n"), "{said}");
    for control in ["iommu-enabled", "iommu-not-passthrough", "iommu-interrupt-remapping", "passthrough-acs"]
    {
        passes(&verdicts, &format!("hardware.{control}"));
    }
}

#[test]
#[ignore = "slow: boots"]
fn amds_iommu_is_seen_too() {
    let request = Request {
        iommu: Iommu::Amd,
        cold: true,
        ..Request::script("check report; ls /sys/class/iommu; ls /sys/kernel/iommu_groups | wc -l")
    };
    let Some((said, verdicts)) = see(request) else { return };
    assert!(said.contains("ivhd0"), "{said}");
    passes(&verdicts, "hardware.iommu-enabled");
    passes(&verdicts, "hardware.iommu-not-passthrough");
}

#[test]
#[ignore = "slow: boots"]
fn no_iommu_is_not_asked_of_a_machine_that_has_none() {
    let request = Request {
        iommu: Iommu::None,
        cold: true,
        ..Request::script("check report; ls /sys/class/iommu | wc -l")
    };
    let Some((said, verdicts)) = see(request) else { return };
    assert_eq!(said.trim(), "0");
    assert_eq!(lab::wall::verdict(&verdicts, "hardware.iommu-enabled"), "n/a");
}

#[test]
fn a_device_passed_through_is_the_guests() {
    let script = "setsebool virt_use_sysfs on; granted 0000:01:00.0; passed spare 01 00 0; virsh -q define /etc/libvirt/qemu/spare.xml; virsh -q start spare
        check report; readlink /sys/bus/pci/devices/0000:01:00.0/driver; ls /dev/vfio; ps -eo label,args | grep guest=spare, | grep -v grep | cut -c1-60";
    let Some((said, verdicts)) = see(Request::script(script)) else { return };
    assert!(said.contains("vfio-pci") && said.contains("svirt_t:s0:c"), "{said}");
    for control in [
        "pci-passthrough-default-off",
        "passthrough-group-whole",
        "device-reset-capable",
        "device-single-claim",
        "device-host-reachability",
    ] {
        passes(&verdicts, &format!("hardware.{control}"));
    }
}

#[test]
fn virtual_functions_of_an_nvme_have_groups_of_their_own() {
    let script = "n=0; until [ -e /sys/bus/pci/devices/0000:02:00.0/driver ] || [ $n = 100 ]; do sleep 0.1; n=$((n+1)); done
        cd /sys/bus/pci/devices/0000:02:00.0; cat sriov_totalvfs; echo 0 >sriov_drivers_autoprobe; echo 2 >sriov_numvfs
        for f in 02:00.0 02:00.1 02:00.2; do basename $(readlink /sys/bus/pci/devices/0000:$f/iommu_group); done";
    let Some((said, _)) = see(Request { nvme: true, ..Request::script(script) }) else { return };
    let lines: Vec<&str> = said.lines().collect();
    let [total, one, two, three] = lines[..] else { panic!("{said}") };
    assert_eq!(total, "2");
    assert!(one != two && two != three && one != three, "{said}");
}

#[test]
fn the_tpm_measured_the_boot() {
    let script = "check report; cat /sys/class/tpm/tpm0/tpm_version_major; tpm2_pcrread sha256:0,10; stat -c %s /sys/kernel/security/tpm0/binary_bios_measurements; wc -c </sys/kernel/security/tpm0/binary_bios_measurements";
    let Some((said, verdicts)) = see(Request::script(script)) else { return };
    assert!(said.starts_with('2'), "{said}");
    assert!(
        said.contains("0x")
            && !said.contains("0 : 0x0000000000000000000000000000000000000000000000000000000000000000"),
        "{said}"
    );
    assert!(
        said.lines().last().and_then(|l| l.trim().parse::<u64>().ok()).is_some_and(|n| n > 100),
        "{said}"
    );
    passes(&verdicts, "hardware.tpm-present");
}

#[test]
fn images_lie_on_dm_crypt_with_the_key_in_the_keyring() {
    let script = "check report; findmnt -no SOURCE $I; cat /sys/block/dm-0/dm/uuid; dmsetup table images 2>/dev/null || cryptsetup status images; truncate -s 8M $I/swap; chmod 600 $I/swap; dd if=/dev/zero of=$I/swap bs=1M count=8 status=none; mkswap -q $I/swap; swapon $I/swap; check report";
    let Some((said, verdicts)) = see(Request::script(script)) else { return };
    assert!(said.contains("/dev/mapper/images") && said.contains("CRYPT-LUKS2-"), "{said}");
    assert!(said.contains(":logon:cryptsetup:") || said.contains("keyring"), "{said}");
    // A swap file on it is encrypted too.
    passes(&verdicts, "hardware.host-swap-encrypted");
}

#[test]
fn audit_rules_on_labels_fire() {
    let script = "auditctl -a always,exit -F arch=b64 -S openat -F obj_type=svirt_image_t -F subj_type!=svirt_t -F success=1 -k lab-label
        head -c1 $I/shop.qcow2 >/dev/null; sleep 0.3; ausearch --input /var/log/audit/audit.log -k lab-label --raw | grep -c 'type=SYSCALL'
        grep -c 'type=VIRT_MACHINE_ID.*vm-ctx=.*svirt_t' /var/log/audit/audit.log";
    let Some((said, _)) = see(Request::script(script)) else { return };
    let counts: Vec<u64> = said.lines().filter_map(|l| l.trim().parse().ok()).collect();
    assert!(counts.len() == 2 && counts.iter().all(|n| *n >= 1), "{said}");
}

#[test]
fn each_vlan_has_a_bridge_of_its_own() {
    let script = "check report; for b in br10 br20; do echo $b $(ls /sys/class/net/$b/brif); done; cat /proc/net/vlan/config | tail -2";
    let Some((said, verdicts)) = see(Request::script(script)) else { return };
    assert!(said.contains("br10 uplink0.10 vnet0") && said.contains("br20 bank0 uplink0.20"), "{said}");
    passes(&verdicts, "network.one-bridge-per-vlan");
    passes(&verdicts, "network.vlan-hopping");
}

#[test]
fn the_hypervisor_is_in_order() {
    // What the lab is known to fail; everything else passes or does not apply.
    for (mac, own) in [(Mac::Selinux, &[][..]), (Mac::Apparmor, &[])] {
        let Some((_, verdicts)) = see(Request::script("check report").on(mac)) else { return };
        let mut failing: Vec<&str> = verdicts
            .iter()
            .filter(|(_, s)| *s == "fail" || *s == "unknown")
            .map(|((id, _), _)| id.as_str())
            .collect();
        failing.dedup();
        let known = ["emulator.tcg-not-boundary", "hardware.kernel-lockdown", "network.mac-filter-driver"];
        let mut known: Vec<&str> = known.into_iter().chain(own.iter().copied()).collect();
        known.sort_unstable();
        assert_eq!(failing, known, "{}", mac.name());
    }
}
