//! Walls of confinement: SELinux, AppArmor, and what libvirt does by itself.
mod wall;
use wall::walls;

walls! {
    selinux_off_now Selinux "confinement.selinux-enforcing": "setenforce 0";
    selinux_off_at_boot Selinux "confinement.selinux-enforcing": "sed -i s/=enforcing/=permissive/ /etc/selinux/config";
    driver_none_selinux Selinux "confinement.mac-driver-active": "key $Q security_driver '\"none\"'";
    driver_none_apparmor Apparmor "confinement.mac-driver-active": "key $Q security_driver '\"none\"'";
    #[ignore = "slow: restarts libvirtd"]
    process_without_label Selinux "confinement.svirt-process-label" + "confinement.image-label-at-rest" + "confinement.mcs-unique" + "confinement.require-confined" + "confinement.seclabel-none": "
        key $Q security_require_confined 0; xml spare \"s|</domain>|<seclabel type='none'/></domain>|\"
        systemctl restart libvirtd; virsh start spare";
    #[ignore = "slow: restarts libvirtd"]
    process_without_profile Apparmor "confinement.apparmor-vm-profile" + "confinement.require-confined" + "confinement.seclabel-none": "
        key $Q security_require_confined 0; xml spare \"s|</domain>|<seclabel type='none'/></domain>|\"
        systemctl restart libvirtd; virsh start spare";
    vm_profile_complains Apparmor "confinement.apparmor-vm-profile": "apparmor_parser -r -C /etc/apparmor.d/libvirt/libvirt-7d41c6f0-3a52-4a0e-9d65-2f1b8c0e5a01";
    service_profile_complains Apparmor "confinement.apparmor-service-profiles": "apparmor_parser -r -C /etc/apparmor.d/usr.sbin.libvirtd";
    helper_profile_gone Apparmor "confinement.apparmor-service-profiles": "apparmor_parser -R /etc/apparmor.d/usr.lib.libvirt.virt-aa-helper";
    template_opens_all Apparmor "confinement.apparmor-template-tight": "sed -i 's|^{|{\\n  /** rwk,|' /etc/apparmor.d/libvirt/TEMPLATE.qemu; mkdir -p /etc/apparmor.d/abstractions/libvirt-qemu.d; echo '/etc/** r,' > /etc/apparmor.d/abstractions/libvirt-qemu.d/site";
    image_open_at_rest Selinux "confinement.image-label-at-rest": "chcon -t svirt_image_t $I/spare.qcow2";
    image_type_at_rest Selinux "confinement.image-label-at-rest": "chcon -t user_home_t $I/spare.qcow2";
    image_label_lost_in_use Selinux "confinement.image-label-at-rest": "chcon -l s0 $I/shop.qcow2";
    image_of_another Selinux "confinement.image-label-foreign" + "confinement.image-label-at-rest": "chcon -t svirt_image_t -l $(level shop) $I/spare.qcow2";
    pair_twice Selinux "confinement.mcs-unique" + "confinement.image-label-foreign": "
        xml spare \"s|</domain>|<seclabel type='static' model='selinux' relabel='yes'><label>system_u:system_r:svirt_t:$(level shop)</label></seclabel></domain>|\"
        virsh define /etc/libvirt/qemu/spare.xml; virsh start spare";
    boolean_comm Selinux "confinement.bool-virt-use-comm": "setsebool virt_use_comm on";
    boolean_fusefs Selinux "confinement.bool-virt-use-fusefs": "setsebool virt_use_fusefs on";
    boolean_nfs Selinux "confinement.bool-virt-use-nfs": "setsebool virt_use_nfs on";
    boolean_samba Selinux "confinement.bool-virt-use-samba": "setsebool virt_use_samba on";
    boolean_sysfs Selinux "confinement.bool-virt-use-sysfs": "setsebool virt_use_sysfs on";
    boolean_usb Selinux "confinement.bool-virt-use-usb": "setsebool virt_use_usb on";
    boolean_xserver Selinux "confinement.bool-virt-use-xserver": "setsebool virt_use_xserver on";
    bridge_helper_setuid Selinux "confinement.bridge-helper": "chmod u+s /usr/lib/qemu/qemu-bridge-helper";
    qemu_as_root Selinux "confinement.qemu-user-nonroot" + "audit.exec-by-qemu-uid" + "audit.qemu-cross-domain": "key $Q user '\"root\"'; key $Q group '\"root\"'";
    #[ignore = "slow: restarts libvirtd"]
    qemu_runs_as_root Apparmor "confinement.qemu-user-nonroot" + "audit.exec-by-qemu-uid" + "audit.qemu-cross-domain" + "confinement.capabilities-empty" + "confinement.seclabel-none": "key $Q user '\"root\"'; key $Q group '\"root\"'; systemctl restart libvirtd; virsh start spare";
    capability_filters Selinux "confinement.capability-filters-unset": "key $Q capability_filters '[ \"sandbox\" ]'";
    devices_not_filtered Selinux "confinement.cgroup-devices": "key $Q cgroup_controllers '[ \"cpu\" ]'";
    devices_too_many Selinux "confinement.cgroup-devices": "key $Q cgroup_device_acl '[ \"/dev/null\", \"/dev/vda\" ]'";
    core_dumps Selinux "confinement.core-dumps": "key $Q max_core '\"unlimited\"'; key $Q dump_guest_core 1";
    no_mount_namespace Selinux "confinement.mount-namespace": "key $Q namespaces '[ ]'";
    host_folder_shared Selinux "confinement.no-host-filesystem-share": "device spare \"<filesystem type='mount' accessmode='passthrough'><source dir='/etc'/><target dir='host'/></filesystem>\"";
    no_seccomp Selinux "confinement.seccomp-on": "key $Q seccomp_sandbox 0";
    #[ignore = "slow: restarts libvirtd"]
    runs_without_seccomp Apparmor "confinement.seccomp-on" + "confinement.no-new-privs": "key $Q seccomp_sandbox 0; systemctl restart libvirtd; virsh start spare";
    confinement_not_required Selinux "confinement.require-confined": "key $Q security_require_confined 0";
    label_none Selinux "confinement.seclabel-none": "xml spare \"s|</domain>|<seclabel type='none'/></domain>|\"";
    shared_memory Selinux "confinement.shmem-vsock" + "emulator.device-allowlist": "device spare \"<shmem name='x'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>\"";
    log_without_limit Selinux "confinement.stdio-logd": "key $Q stdio_handler '\"file\"'";
}
