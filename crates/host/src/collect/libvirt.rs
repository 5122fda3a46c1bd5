//! libvirt's configuration files (`/etc/libvirt/*.conf`, SASL, hooks) and its objects other than domains: networks,
//! filters, filter bindings, storage pools, secrets.

use super::mask;
use crate::recorder::Recorder;

pub(super) fn configuration(recorder: &mut Recorder) {
    for key in recorder.files("etc/libvirt", ".conf") {
        recorder.masked(&key, mask::settings);
    }
    for key in
        ["etc/default/libvirtd", "etc/sysconfig/libvirtd", "etc/sasl2/libvirt.conf", "etc/sasl2/qemu.conf"]
    {
        recorder.masked(key, mask::settings);
    }
    // SASL's user databases hold passwords in clear: their inodes alone.
    for key in ["etc/libvirt/passwd.db", "etc/libvirt/qemu_passwd.db", "etc/sasldb2", "etc/libvirt/krb5.tab"]
    {
        recorder.inode(key);
    }
    recorder.file("etc/qemu/bridge.conf");
    for directory in ["etc/libvirt/hooks", "etc/libvirt/hooks/qemu.d"] {
        for name in recorder.names(directory) {
            recorder.inode(&format!("{directory}/{name}"));
        }
    }
}

/// AppArmor's template of every VM's profile, what it includes, and what an administrator added to that.
pub(super) fn profiles(recorder: &mut Recorder) {
    for name in ["libvirt/TEMPLATE.qemu", "abstractions/libvirt-qemu", "local/abstractions/libvirt-qemu"] {
        recorder.file(&format!("etc/apparmor.d/{name}"));
    }
    for name in recorder.names("etc/apparmor.d/abstractions/libvirt-qemu.d") {
        recorder.file(&format!("etc/apparmor.d/abstractions/libvirt-qemu.d/{name}"));
    }
}

/// Block devices the host made out of files: loop devices and kernel NBD clients.
pub(super) fn mapped(recorder: &mut Recorder) {
    for name in recorder.names("sys/block") {
        if name.starts_with("loop") {
            recorder.file(&format!("sys/block/{name}/loop/backing_file"));
        } else if name.starts_with("nbd") {
            recorder.file(&format!("sys/block/{name}/pid"));
        }
    }
}

/// Directories of XML that holds no secret.
const OBJECTS: [&str; 7] = [
    "etc/libvirt/qemu/networks",
    "etc/libvirt/qemu/networks/autostart",
    "etc/libvirt/nwfilter",
    "etc/libvirt/storage",
    "run/libvirt/network",
    "run/libvirt/nwfilter-binding",
    "run/libvirt/storage",
];

pub(super) fn objects(recorder: &mut Recorder) {
    for directory in OBJECTS {
        for key in recorder.files(directory, ".xml") {
            recorder.masked(&key, mask::xml);
        }
    }
    recorder.inode("etc/libvirt/secrets");
    for name in recorder.names("etc/libvirt/secrets") {
        let key = format!("etc/libvirt/secrets/{name}");
        if name.ends_with(".xml") {
            recorder.masked(&key, mask::xml);
        } else {
            recorder.inode(&key);
        }
    }
    for directory in [
        "var/lib/libvirt",
        "var/lib/libvirt/images",
        "var/lib/libvirt/qemu",
        "var/log/libvirt",
        "var/log/libvirt/qemu",
    ] {
        recorder.inode(directory);
    }
    for state in ["save", "dump", "snapshot", "ram", "nvram"] {
        recorder.inode(&format!("var/lib/libvirt/qemu/{state}"));
    }
}
