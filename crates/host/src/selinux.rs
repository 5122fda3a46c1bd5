//! What SELinux decides, asked of the kernel itself: the policy's text is not needed, nor a VM.
//!
//! A query is written to `/sys/fs/selinux/access` and its answer read from the same open file (`sel_write_access`,
//! security/selinux/selinuxfs.c). It decides about two labels and touches no process and no file.
use std::{
    fs::File,
    io::{self, Read, Write},
};

/// Domains that VMs run in: libvirt's, and the reference policy's for software emulation. A policy need not have each.
const DOMAINS: [&str; 4] = ["svirt_t", "svirt_tcg_t", "svirt_kvm_net_t", "svirt_prot_exec_t"];
const ACCESS: &str = "/sys/fs/selinux/access";
const FILE_CLASS: &str = "/sys/fs/selinux/class/file/index";

/// For each domain of the policy a line: its type, and the kernel's answer for it and another VM's image (six numbers, as
/// `formats::kernel::label::Decision` reads them).
///
/// # Errors
/// `NotFound` where the kernel runs without SELinux; `PermissionDenied` where the policy does not let us ask.
pub fn access() -> io::Result<Vec<u8>> {
    let class = std::fs::read_to_string(FILE_CLASS)?;
    let mut lines = Vec::new();
    for domain in DOMAINS {
        let question = format!(
            "system_u:system_r:{domain}:s0:c0,c1 system_u:object_r:svirt_image_t:s0:c2,c3 {}",
            class.trim()
        );
        let mut file = File::options().read(true).write(true).open(ACCESS)?;
        match file.write_all(question.as_bytes()) {
            Ok(()) => {}
            // The policy has no such type.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INVAL.raw_os_error()) => continue,
            Err(error) => return Err(error),
        }
        let mut answer = String::new();
        file.take(256).read_to_string(&mut answer)?;
        lines.extend_from_slice(format!("{domain} {}\n", answer.trim_end_matches('\0').trim()).as_bytes());
    }
    Ok(lines)
}
