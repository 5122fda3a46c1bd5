//! A whole recording: JSON, and the evidence derived from it.

use model::{evidence::Evidence, recording::Recording};

/// The recording these bytes are: its JSON, or, so that mutations reach what is behind the JSON, one entry in the base
/// host's place: a byte for which, then its bytes.
#[must_use]
pub fn of(bytes: &[u8]) -> Option<Recording> {
    if bytes.first() == Some(&b'{') {
        return serde_json::from_slice(bytes).ok();
    }
    let (which, rest) = bytes.split_first()?;
    let mut machine = crate::memory::base().ok()?;
    let files: Vec<String> = machine
        .entries
        .iter()
        .filter(|(_, entry)| entry.body.bytes().is_some())
        .map(|(key, _)| key.clone())
        .collect();
    let key = files.get(usize::from(*which) % files.len())?;
    machine.entries.get_mut(key)?.body = model::recording::Body::of(rest.to_vec());
    Some(crate::memory::record(&machine))
}

/// What is read of a recording is written as the same again, and evidence is derived without harm.
pub(super) fn body(bytes: &[u8]) {
    let Some(recording) = of(bytes) else { return };
    let json = serde_json::to_vec(&recording).unwrap_or_default();
    assert_eq!(serde_json::from_slice::<Recording>(&json).ok().as_ref(), Some(&recording));
    let evidence = Evidence::of(recording);
    for vm in &evidence.vms {
        let _ = (vm.subject(), vm.process(&evidence));
    }
}
