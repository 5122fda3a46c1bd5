//! Files that hold private keys of libvirt and QEMU.

use model::{evidence::Evidence, recording::Body};

/// Keys below `/etc/pki` of which the collector kept the inode alone, or that it could not look into, as it does for
/// private keys.
pub(crate) fn keys(evidence: &Evidence) -> impl Iterator<Item = &str> {
    let below = evidence.recording.entries.range("etc/pki/".to_owned().."etc/pki0".to_owned());
    let hidden = |body: &Body| matches!(body, Body::StatOnly | Body::Unreadable(_));
    below.filter(move |(key, entry)| key.ends_with(".pem") && hidden(&entry.body)).map(|(key, _)| key.as_str())
}
