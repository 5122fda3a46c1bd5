//! The kernel: `/proc/cmdline`, sysctls, `/sys/kernel/security`, CPU vulnerabilities, module parameters, KSM, SMT; and
//! the files that configure them: sysctl.d, modprobe.d, modules-load.d, `/etc/udev/rules.d`, GRUB's defaults, boot loader
//! entries (`/boot/loader/entries`).

use super::mask;
use crate::{netlink::Query, recorder::Recorder};

/// Single values that controls ask for.
const VALUES: [&str; 32] = [
    "proc/sys/kernel/osrelease",
    "proc/sys/kernel/randomize_va_space",
    "proc/sys/kernel/kptr_restrict",
    "proc/sys/kernel/dmesg_restrict",
    "proc/sys/kernel/unprivileged_bpf_disabled",
    "proc/sys/kernel/unprivileged_userns_clone",
    "proc/sys/kernel/yama/ptrace_scope",
    "proc/sys/kernel/core_pattern",
    "proc/sys/user/max_user_namespaces",
    "proc/sys/vm/overcommit_memory",
    "proc/swaps",
    "proc/1/mountinfo",
    "proc/modules",
    "proc/stat",
    "proc/uptime",
    "sys/kernel/security/lsm",
    "sys/kernel/security/lockdown",
    "sys/kernel/security/apparmor/profiles",
    "sys/fs/selinux/enforce",
    "sys/fs/selinux/policyvers",
    "sys/module/apparmor/parameters/enabled",
    "sys/devices/system/cpu/smt/control",
    "sys/devices/system/cpu/smt/active",
    "sys/kernel/mm/ksm/run",
    "sys/kernel/mm/ksm/pages_sharing",
    "sys/kernel/mm/transparent_hugepage/enabled",
    "sys/class/tpm/tpm0/tpm_version_major",
    "sys/hypervisor/type",
    "sys/class/dmi/id/sys_vendor",
    "sys/class/dmi/id/product_name",
    "etc/os-release",
    "etc/selinux/config",
];

/// Modules whose parameters controls ask for.
const MODULES: [&str; 5] = ["kvm", "kvm_intel", "kvm_amd", "vfio", "vfio_iommu_type1"];

pub(super) fn facts(recorder: &mut Recorder) {
    recorder.masked("proc/cmdline", mask::command_line);
    for key in VALUES {
        recorder.file(key);
    }
    boot_time(recorder);
    first_processor(recorder);
    directory(recorder, "sys/devices/system/cpu/vulnerabilities");
    directory(recorder, "sys/fs/selinux/booleans");
    recorder.netlink(Query::SelinuxAccess);
    for module in MODULES {
        directory(recorder, &format!("sys/module/{module}/parameters"));
    }
    recorder.names("sys/firmware/acpi/tables");
    recorder.names("sys/firmware/efi");
    for variable in ["SecureBoot", "SetupMode"] {
        recorder.file(&format!("sys/firmware/efi/efivars/{variable}-8be4df61-93ca-11d2-aa0d-00e098032b8c"));
    }
    recorder.inode("dev/kvm");
    recorder.inode("dev/sev");
}

/// Of `/proc/stat` the line `btime` alone: process start times count from it.
fn boot_time(recorder: &mut Recorder) {
    recorder.masked("proc/stat", |bytes| keep_lines(bytes, |line| line.starts_with("btime ")));
}

/// Of `/proc/cpuinfo` the first processor alone: the rest repeats it.
fn first_processor(recorder: &mut Recorder) {
    recorder.masked("proc/cpuinfo", |bytes| {
        if let Some(end) = bytes.windows(2).position(|pair| pair == b"\n\n") {
            bytes.truncate(end + 1);
        }
    });
}

/// Keeps the lines of a text that `wanted` names.
pub(super) fn keep_lines(bytes: &mut Vec<u8>, wanted: impl Fn(&str) -> bool) {
    let text = String::from_utf8_lossy(bytes);
    *bytes = text.split_inclusive('\n').filter(|line| wanted(line)).collect::<String>().into_bytes();
}

/// What is mounted, and where swap areas lie: device-mapper devices (`/sys/block/dm-*`) and what is below them, and the inodes of swap files.
pub(super) fn swap(recorder: &mut Recorder) {
    recorder.file("proc/mounts");
    for name in recorder.names("sys/block").into_iter().filter(|name| name.starts_with("dm-")) {
        recorder.file(&format!("sys/block/{name}/dm/uuid"));
        recorder.file(&format!("sys/block/{name}/dev"));
        recorder.names(&format!("sys/block/{name}/slaves"));
    }
    let areas = recorder.file("proc/swaps").and_then(|bytes| formats::kernel::mount::swaps(bytes).ok());
    for area in areas.unwrap_or_default().iter().filter(|area| area.kind == "file") {
        recorder.inode(area.path.value.trim_start_matches('/'));
    }
}

/// Every file of a flat directory.
pub(super) fn directory(recorder: &mut Recorder, key: &str) {
    for name in recorder.names(key) {
        recorder.file(&format!("{key}/{name}"));
    }
}

/// Directories of sysctl.d(5), strongest first.
pub(super) const SYSCTL: [&str; 4] =
    ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d"];

pub(super) fn configuration(recorder: &mut Recorder) {
    for directory in SYSCTL {
        for key in recorder.files(directory, ".conf") {
            recorder.file(&key);
        }
    }
    recorder.file("etc/sysctl.conf");
    for directory in [
        "etc/modprobe.d",
        "etc/modules-load.d",
        "usr/lib/modules-load.d",
        "etc/udev/rules.d",
        "etc/default/grub.d",
    ] {
        for name in recorder.names(directory) {
            recorder.masked(&format!("{directory}/{name}"), mask::command_line);
        }
    }
    for directory in ["run/modprobe.d", "usr/lib/modprobe.d"] {
        for key in recorder.files(directory, ".conf") {
            recorder.file(&key);
        }
    }
    recorder.masked("etc/default/grub", |bytes| {
        keep_lines(bytes, |line| line.contains("CMDLINE"));
        mask::command_line(bytes);
    });
    recorder.file("etc/modules");
    recorder.masked("etc/kernel/cmdline", mask::command_line);
    for key in recorder.files("boot/loader/entries", ".conf") {
        recorder.masked(&key, mask::command_line);
    }
}
