//! Names of capabilities, from `include/uapi/linux/capability.h` of the kernel.

/// Names by bit number, without `CAP_`, in lower case.
#[rustfmt::skip]
pub const NAMES: [&str; 41] = [
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock",
    "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin",
    "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write",
    "audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend",
    "audit_read", "perfmon", "bpf", "checkpoint_restore",
];

/// The names in a set, lowest bit first; `capability-NUMBER` for a bit not known.
#[must_use]
pub fn names(set: u64) -> Vec<String> {
    (0..64_usize)
        .filter(|bit| set >> bit & 1 == 1)
        .map(|bit| NAMES.get(bit).map_or_else(|| format!("capability-{bit}"), |name| (*name).to_owned()))
        .collect()
}

/// The set with this one capability: `net_admin`, `CAP_NET_ADMIN`.
#[must_use]
pub fn bit(name: &str) -> Option<u64> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("cap_").unwrap_or(&name);
    NAMES.iter().position(|known| *known == name).map(|bit| 1 << bit)
}
