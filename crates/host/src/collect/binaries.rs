//! The virtualization binaries: inodes, and the versions the package manager knows.

use super::{daemons, kernel};
use crate::recorder::Recorder;

/// Programs on the path of a VM, beside libvirt's daemons.
const PROGRAMS: [&str; 9] = [
    "usr/bin/qemu-img",
    "usr/bin/qemu-nbd",
    "usr/bin/swtpm",
    "usr/lib/qemu/qemu-bridge-helper",
    "usr/libexec/qemu-bridge-helper",
    "usr/lib/qemu/virtiofsd",
    "usr/libexec/virtiofsd",
    "usr/bin/qemu-pr-helper",
    "usr/lib/libvirt/virt-aa-helper",
];

/// Packages whose version decides defaults.
const PACKAGES: [&str; 6] = [
    "libvirt-daemon",
    "libvirt-daemon-system",
    "libvirt0",
    "qemu-system-x86",
    "qemu-system-common",
    "qemu-utils",
];

pub(super) fn installed(recorder: &mut Recorder) {
    for name in recorder.source.names("usr/bin").unwrap_or_default() {
        if name.starts_with("qemu-system-") || name == "qemu-kvm" {
            recorder.inode(&format!("usr/bin/{name}"));
        }
    }
    recorder.inode("usr/libexec/qemu-kvm");
    for daemon in daemons::DAEMONS {
        recorder.inode(&format!("usr/sbin/{daemon}"));
    }
    for program in PROGRAMS {
        recorder.inode(program);
    }
    versions(recorder);
}

/// Of dpkg's status the names, states and versions of [`PACKAGES`] alone.
fn versions(recorder: &mut Recorder) {
    recorder.masked("var/lib/dpkg/status", |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let wanted = |stanza: &&str| {
            stanza
                .lines()
                .any(|line| line.strip_prefix("Package: ").is_some_and(|name| PACKAGES.contains(&name)))
        };
        let kept: Vec<&str> = text.split("\n\n").filter(wanted).collect();
        *bytes = format!("{}\n", kept.join("\n\n")).into_bytes();
        kernel::keep_lines(bytes, |line| {
            ["Package: ", "Version: ", "Status: ", "\n"].iter().any(|field| line.starts_with(field))
        });
    });
}
