//! Storage pools, as `/etc/libvirt/storage` defines them.

use formats::libvirt::{TextOption as _, pool};

use super::Reader;
use crate::fact::Fact;

/// A storage pool that libvirt knows.
#[derive(Debug)]
pub struct Pool {
    /// Its file.
    pub file: Fact<pool::Pool>,
}

impl Pool {
    /// The directory where its volumes appear on the host.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.file.ok()?.target.as_ref()?.path.said()
    }
}

pub(super) fn derive(reader: &Reader) -> Vec<Pool> {
    let keys = reader.below("etc/libvirt/storage", ".xml");
    keys.iter().map(|key| Pool { file: reader.bytes(key).and_then(pool::Pool::parse) }).collect()
}
