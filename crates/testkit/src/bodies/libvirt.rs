//! libvirt's XML, and the masking of secrets in it.

use formats::libvirt::{
    binding::Binding,
    devices,
    domain::{DomStatus, Domain},
    network::Network,
    nwfilter::{self, Filter},
    secrets, xml,
};

use super::understood;

fn of_domain(domain: &Domain) {
    let _ = devices::predict(domain);
    for disk in domain.devices.iter().flat_map(|devices| &devices.disks) {
        let _ = model::evidence::local_path(disk);
    }
    for hostdev in domain.devices.iter().flat_map(|devices| &devices.hostdevs) {
        let _ = hostdev.pci();
    }
}

pub(super) fn domain(bytes: &[u8]) {
    understood(bytes, Domain::parse(bytes)).iter().for_each(of_domain);
}

pub(super) fn domstatus(bytes: &[u8]) {
    let status = understood(bytes, DomStatus::parse(bytes));
    status.iter().filter_map(|status| status.domain.as_ref()).for_each(of_domain);
}

pub(super) fn network(bytes: &[u8]) {
    if let Some(network) = understood(bytes, Network::parse(bytes)) {
        let _ = network.forward_mode();
    }
}

pub(super) fn nwfilter(bytes: &[u8]) {
    if let Some(filter) = understood(bytes, Filter::parse(bytes)) {
        let _ = (filter.chain_name(), filter.chain_priority());
        // Every reference is one to itself.
        let _ = nwfilter::expand(&filter, |_| Some(&filter));
    }
}

pub(super) fn binding(bytes: &[u8]) {
    understood(bytes, Binding::parse(bytes));
}

/// Masking keeps the length and every line, and what was masked is masked.
pub(super) fn secrets(bytes: &[u8]) {
    let mut masked = bytes.to_vec();
    secrets::mask(&mut masked);
    assert_eq!(masked.len(), bytes.len());
    let kept = bytes.iter().zip(&masked).all(|(before, after)| before == after || *after == b'x');
    assert!(kept, "something else than an x was written");
    // Of what is no document, masking loses so much that the rest may look otherwise.
    if xml::parse(bytes).is_err() {
        return;
    }
    let mut again = masked.clone();
    secrets::mask(&mut again);
    assert_eq!(again, masked, "masking what is masked changed something");
    // A document that could be parsed still can.
    if Domain::parse(bytes).is_ok() && !bytes.contains(&0) {
        assert!(Domain::parse(&masked).is_ok(), "masking broke the document");
    }
}

pub(super) fn xpath(bytes: &[u8]) {
    for offset in [0, bytes.len() / 3, bytes.len() / 2, bytes.len(), usize::MAX] {
        let path = xml::xpaths_at(bytes, [offset].into_iter()).pop().flatten();
        assert!(path.is_none_or(|path| path.starts_with('/')));
    }
    understood(bytes, xml::parse(bytes).map(|_| ()));
}
