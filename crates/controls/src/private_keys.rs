//! Files that hold private keys of libvirt and QEMU.

use model::{evidence::Evidence, fact::Missing, recording::Body};

/// Where keys lie (libvirt `docs/kbase/tlscerts.rst`, `qemu.conf.in`).
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

/// Keys below `/etc/pki` of which the collector kept the inode alone, or that it could not look into, as it does for
/// private keys.
///
/// # Errors
/// [`Missing`] where a directory is there and could not be listed: a key in it would not be seen.
pub(crate) fn keys(evidence: &Evidence) -> Result<Vec<&str>, Missing> {
    for directory in DIRECTORIES {
        evidence.names(directory).known()?;
    }
    let below = evidence.recording.entries.range("etc/pki/".to_owned().."etc/pki0".to_owned());
    let hidden = |body: &Body| matches!(body, Body::StatOnly | Body::Unreadable(_));
    Ok(below
        .filter(|(key, entry)| key.ends_with(".pem") && hidden(&entry.body))
        .map(|(key, _)| key.as_str())
        .collect())
}
