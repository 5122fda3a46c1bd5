//! Walls of the hardware and of the emulator: the IOMMU, devices passed through, the kernel, QEMU's devices.
mod wall;
use lab::Mac;
use lab::wall::Wall;
use wall::{raised, test, walls};

walls! {
    unsafe_interrupts Selinux "hardware.iommu-interrupt-remapping": "modprobe vfio_iommu_type1; echo Y >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
    unsafe_interrupts_at_boot Selinux "hardware.iommu-interrupt-remapping": "echo 'options vfio_iommu_type1 allow_unsafe_interrupts=1' >/etc/modprobe.d/vfio.conf";
    no_iommu_vfio_at_boot Selinux "hardware.vfio-noiommu-off": "echo 'options vfio enable_unsafe_noiommu_mode=1' >/etc/modprobe.d/vfio.conf";
    memory_merged Selinux "hardware.ksm-off" + "hardware.ksm-vm-optout": "echo 1 >/sys/kernel/mm/ksm/run";
    unknown_registers_ignored Selinux "hardware.kvm-module-params": "echo 1 >/sys/module/kvm/parameters/ignore_msrs";
    swap_in_clear Selinux "hardware.host-swap-encrypted": "truncate -s 8M /swap; chmod 600 /swap; dd if=/dev/zero of=/swap bs=1M count=8 status=none; mkswap -q /swap; swapon /swap";
    device_not_granted Selinux "hardware.pci-passthrough-default-off" given "granted 0000:01:00.0; passed spare 01 00 0": "rm /etc/baluarte/policy.toml";
    device_of_the_host Selinux "hardware.device-host-reachability" given "granted 0000:01:00.0; passed spare 01 00 0": "ip link set enp1s0 up";
    device_rom Selinux "hardware.device-rom-off" given "granted 0000:01:00.0; passed spare 01 00 0": "xml spare \"s|<rom enabled='no'/>||\"";
    device_of_two Selinux "hardware.device-single-claim" given "granted 0000:01:00.0; passed spare 01 00 0": "passed bank 01 00 0";
    device_without_reset Selinux "hardware.device-reset-capable" given "granted 0000:01:00.0; passed spare 01 00 0": "
        xml spare 's|<hostdev.*</hostdev>||'; granted 0000:07:02.0; passed spare 07 02 0";
    half_a_group Selinux "hardware.passthrough-group-whole" + "hardware.device-reset-capable" given "granted 0000:01:00.0; passed spare 01 00 0": "
        xml spare 's|<hostdev.*</hostdev>||'; granted 0000:00:1f.3; passed spare 00 1f 3";
    acs_relaxed Selinux "hardware.passthrough-acs": "key $Q relaxed_acs_check 1";
    usb_passed Selinux "hardware.usb-passthrough-off" + "emulator.device-allowlist": "device spare \"<hostdev mode='subsystem' type='usb'><source><vendor id='0x1d6b'/><product id='0x0002'/></source></hostdev>\"";
    mediated_device Selinux "hardware.mdev-grants": "device spare \"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>\"";
    raw_scsi Selinux "hardware.scsi-generic-off": "xml spare \"s/<disk type='file' device='disk'>/<disk type='file' device='disk' rawio='yes'>/\"";
    weak_sev_policy Selinux "hardware.sev-policy-strict" given "
        xml spare \"s|</domain>|<launchSecurity type='sev'><cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits><policy>0x0007</policy></launchSecurity></domain>|\"":
        "xml spare 's|<policy>0x0007|<policy>0x0000|'";
    kernel_not_measured Selinux "hardware.sev-kernel-hashes" given "
        xml spare -e \"s|<os>|<os><kernel>/boot/vmlinuz</kernel>|\" -e \"s|</domain>|<launchSecurity type='sev' kernelHashes='yes'><cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits><policy>0x0007</policy></launchSecurity></domain>|\"":
        "xml spare \"s/ kernelHashes='yes'//\"";
    nested Selinux "hardware.nested-off": "virsh destroy shop; rmmod kvm_amd; modprobe kvm_amd nested=1; xml spare \"s|<devices>|<cpu mode='host-passthrough'/><devices>|\"";
    no_random_addresses Selinux "emulator.aslr-host": "echo 1 >/proc/sys/kernel/randomize_va_space";
    crash_dumped Selinux "emulator.crash-policy": "xml spare 's|<on_crash>destroy|<on_crash>coredump-destroy|'";
    old_card Selinux "emulator.legacy-devices": "device spare \"<interface type='user'><mac address='52:54:00:11:11:11'/><model type='rtl8139'/></interface>\"";
    unusual_device Selinux "emulator.device-allowlist": "device spare \"<sound model='ich9'/>\"";
    own_arguments Selinux "emulator.no-cmdline-passthrough": "xml spare -e \"s|<domain type='kvm'>|<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>|\" -e \"s|</domain>|<qemu:commandline><qemu:arg value='-no-hpet'/></qemu:commandline></domain>|\"";
    debugger Selinux "emulator.no-debug-surface" + "console.serial-unix-only": "device spare \"<serial type='tcp'><source mode='bind' host='127.0.0.1' service='4555'/><protocol type='raw'/></serial>\"";
    hidden Selinux "emulator.no-hidden-hypervisor": "xml spare \"s|<acpi/>|<acpi/><kvm><hidden state='on'/></kvm>|\"";
    binary_replaced Selinux "emulator.running-binary-current": "cp -a /usr/bin/qemu-system-x86_64 /usr/bin/new; mv /usr/bin/new /usr/bin/qemu-system-x86_64";
    agent_open Selinux "emulator.guest-agent-restricted": "device spare \"<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>\"";
}

fn boot(control: &str, append: &str, also: &[&str]) {
    // bank does not run there, and has no filter but our own.
    let also = [also, &["network.nwfilter-attached"]].concat();
    let wall = Wall { control, mac: Mac::Selinux, given: "", script: "", also: &also, boot: Some(append) };
    test(&wall, Wall::removed);
}

#[test]
fn iommu_lets_all_pass() {
    boot("hardware.iommu-not-passthrough", "iommu.passthrough=1", &[]);
}

#[test]
#[ignore = "slow: boots"]
fn iommu_off() {
    boot("hardware.iommu-enabled", "intel_iommu=off", &[]);
}

#[test]
#[ignore = "slow: boots"]
fn no_mitigations() {
    boot("hardware.cpu-mitigation-vectors", "mitigations=off", &["hardware.cpu-vulnerabilities"]);
}

#[test]
#[ignore = "slow: boots"]
fn no_audit_at_boot() {
    // The kernel does not answer: nobody can tell what else is so.
    let also = [
        "admin-trace",
        "backlog-lost",
        "config-watch-libvirt",
        "daemon-enabled",
        "exec-by-qemu-uid",
        "guide-rules-translated",
        "identity-watch",
        "image-modification",
        "kernel-module-watch",
        "qemu-cross-domain",
        "rule-order-effective",
        "rules-immutable",
        "rules-loaded-equals-disk",
        "tls-key-access",
        "unusual-interactions",
        "virt-events-on",
    ]
    .map(|name| format!("audit.{name}"));
    boot("audit.boot-param", "audit=0", &also.each_ref().map(String::as_str));
}

#[test]
#[ignore = "slow: boots"]
fn lockdown() {
    let wall = Wall {
        control: "hardware.kernel-lockdown",
        mac: Mac::Selinux,
        given: "",
        script: "",
        also: &[],
        boot: Some("lockdown=integrity"),
    };
    test(&wall, Wall::raised);
}

#[test]
fn software_emulation() {
    raised(
        "emulator.tcg-not-boundary",
        "virsh -q destroy bank; xml bank \"s/<domain type='qemu'>/<domain type='kvm'>/\"",
    );
}
