//! Certificates of libvirt, VNC, SPICE, migration, NBD and backup; of private keys the inode alone. And the system's
//! policy for TLS: `/etc/crypto-policies/state/current`, `/etc/gnutls/config`.

use crate::recorder::Recorder;

/// Where certificates lie (libvirt `docs/kbase/tlscerts.rst`, `qemu.conf`).
const DIRECTORIES: [&str; 11] = [
    "etc/pki/CA",
    "etc/pki/CA/private",
    "etc/pki/libvirt",
    "etc/pki/libvirt/private",
    "etc/pki/qemu",
    "etc/pki/libvirt-vnc",
    "etc/pki/libvirt-spice",
    "etc/pki/libvirt-chardev",
    "etc/pki/libvirt-migrate",
    "etc/pki/libvirt-backup",
    "etc/pki/libvirt-nbd",
];

pub(super) fn certificates(recorder: &mut Recorder) {
    for key in ["etc/crypto-policies/state/current", "etc/gnutls/config"] {
        recorder.file(key);
    }
    for directory in DIRECTORIES {
        for key in recorder.files(directory, ".pem") {
            let private = recorder
                .source
                .read(&key, crate::recorder::LIMIT)
                .is_ok_and(|content| formats::x509::contains_private_key(&content.bytes));
            if private || key.ends_with("key.pem") {
                recorder.inode(&key);
            } else {
                recorder.file(&key);
            }
        }
    }
}
