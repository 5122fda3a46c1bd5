//! Walls of the audit trail: the kernel's rules, auditd, libvirt's own records.
mod wall;
use wall::walls;

walls! {
    audit_off Selinux "audit.daemon-enabled" + "audit.virt-events-on": "auditctl -e 0";
    audit_off_apparmor Apparmor "audit.daemon-enabled" + "audit.virt-events-on": "auditctl -e 0";
    daemon_killed Selinux "audit.daemon-enabled": "kill $(pidof auditd); sleep 0.5";
    all_rules_gone Apparmor "audit.rules-loaded-equals-disk" + "audit.admin-trace" + "audit.config-watch-libvirt" + "audit.exec-by-qemu-uid" + "audit.identity-watch" + "audit.image-modification" + "audit.kernel-module-watch" + "audit.qemu-cross-domain" + "audit.tls-key-access" + "audit.unusual-interactions": "auditctl -D";
    no_admin_trace Selinux "audit.admin-trace" + "audit.rules-loaded-equals-disk": "auditctl -d always,exit -F arch=b64 -S execve -F 'auid>=1000' -F 'auid!=unset' -F euid=0 -k admin";
    no_config_watch Selinux "audit.config-watch-libvirt" + "audit.rules-loaded-equals-disk": "auditctl -W /etc/libvirt -p wa -k libvirt-config";
    no_exec_by_qemu Selinux "audit.exec-by-qemu-uid" + "audit.rules-loaded-equals-disk": "auditctl -d always,exit -F arch=b64 -S execve,execveat -F uid=64055 -k qemu-exec";
    no_image_watch Selinux "audit.image-modification" + "audit.rules-loaded-equals-disk": "auditctl -W /var/lib/libvirt/images -p wa -k vm-image";
    no_identity_watch Selinux "audit.identity-watch" + "audit.rules-loaded-equals-disk": "auditctl -W /etc/passwd -p wa -k identity";
    no_module_watch Selinux "audit.kernel-module-watch" + "audit.rules-loaded-equals-disk": "auditctl -d always,exit -F arch=b64 -S init_module,delete_module,finit_module -k modules";
    no_denied_opens Selinux "audit.qemu-cross-domain" + "audit.rules-loaded-equals-disk": "auditctl -d always,exit -F arch=b64 -S open,openat,openat2 -F uid=64055 -F exit=-EACCES -k qemu-denied";
    no_memory_watch Selinux "audit.unusual-interactions" + "audit.rules-loaded-equals-disk": "auditctl -d always,exit -F arch=b64 -S ptrace,process_vm_readv,process_vm_writev,pidfd_getfd -k vm-memory";
    no_key_watch Selinux "audit.tls-key-access" + "audit.rules-loaded-equals-disk": "auditctl -D -k vm-tls-key";
    never_first Selinux "audit.rule-order-effective" + "audit.rules-loaded-equals-disk" + "audit.admin-trace" + "audit.config-watch-libvirt" + "audit.exec-by-qemu-uid" + "audit.identity-watch" + "audit.image-modification" + "audit.kernel-module-watch" + "audit.qemu-cross-domain" + "audit.tls-key-access" + "audit.unusual-interactions": "auditctl -a never,task";
    records_excluded Selinux "audit.rule-order-effective" + "audit.rules-loaded-equals-disk": "auditctl -a never,exclude -F msgtype=AVC";
    by_hand Selinux "audit.rules-loaded-equals-disk": "auditctl -w /etc/hosts -p wa -k by-hand";
    label_rule_without_selinux Apparmor "audit.guide-rules-translated" + "audit.rules-loaded-equals-disk": "auditctl -a always,exit -S all -F perm=wax -F subj_type=qemu_t -F obj_type!=qemu_t -k guide";
    full_disk_ignored Selinux "audit.auditd-conf": "sed -i 's/^disk_full_action.*/disk_full_action = ignore/' /etc/audit/auditd.conf";
    never_flushed Selinux "audit.auditd-conf": "sed -i 's/^flush.*/flush = none/' /etc/audit/auditd.conf";
    log_readable Selinux "audit.log-perms": "chmod 755 /var/log/audit; chmod 644 /var/log/audit/audit.log";
    libvirts_log_readable Selinux "audit.log-perms": "chmod 755 /var/log/libvirt/qemu";
    debug_log Selinux "audit.libvirt-log-level": "key $L log_level 1";
    no_virt_events Selinux "audit.virt-events-on": "key $L audit_level 0";
    records_lost Selinux "audit.backlog-lost": "
        kill -STOP $(pidof auditd); auditctl -b 4 --backlog_wait_time 0 >/dev/null
        for i in $(seq 60); do touch /etc/libvirt/$i; rm /etc/libvirt/$i; done; auditctl -b 8192 >/dev/null; kill -CONT $(pidof auditd)";
}

#[test]
fn rules_locked() {
    wall::raised("audit.rules-immutable", "auditctl -e 2 >/dev/null");
}
