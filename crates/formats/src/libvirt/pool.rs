//! Storage pools (libvirt `docs/formatstorage.rst`): where volumes come from and where they appear on the host.

use super::element::{Leaf, Read, Text, element, root_named};
use super::xml;
use crate::Malformed;

element! {
    /// A storage pool.
    Pool {
        attributes {
            /// `type`: dir, fs, netfs, logical, disk, iscsi, rbd …
            kind: Text = "type",
        }
        one {
            /// Its name, unique on the host.
            name: Leaf = "name",
            /// Its identity.
            uuid: Leaf = "uuid",
            /// Where the volumes are kept.
            source: PoolSource = "source",
            /// Where they appear on the host.
            target: PoolTarget = "target",
        }
    }

    /// Where a pool's volumes are kept.
    PoolSource {
        one {
            /// A server.
            host: PoolHost = "host",
            /// A directory of the server.
            dir: PoolDirectory = "dir",
            /// `auto`, `nfs`, `glusterfs`, `cifs` … of a `netfs` pool.
            format: PoolFormat = "format",
        }
    }

    /// A server.
    PoolHost {
        attributes {
            /// `name` or address.
            name: Text = "name",
        }
    }

    /// A directory.
    PoolDirectory {
        attributes {
            /// `path`.
            path: Text = "path",
        }
    }

    /// A format.
    PoolFormat {
        attributes {
            /// `type`.
            kind: Text = "type",
        }
    }

    /// Where a pool appears on the host.
    PoolTarget {
        one {
            /// The directory.
            path: Leaf = "path",
        }
    }
}

impl Pool {
    /// Reads a `<pool>`.
    ///
    /// # Errors
    /// What [`xml::parse`] refuses, or another root.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let document = xml::parse(bytes)?;
        Ok(Self::read(root_named(&document, &["pool"])?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::TextOption as _;
    use super::*;

    #[test]
    fn a_pool_has_a_kind_and_a_target() {
        let pool = Pool::parse(
            b"<pool type='netfs'><name>nfs</name><source><host name='nas'/><dir path='/export'/>\
              <format type='nfs'/></source><target><path>/srv/images</path></target></pool>",
        )
        .unwrap();
        assert!(pool.kind.is("netfs") && pool.name.said() == Some("nfs"));
        assert_eq!(pool.target.and_then(|target| target.path).said(), Some("/srv/images"));
        assert!(pool.source.and_then(|source| source.format).is_some_and(|format| format.kind.is("nfs")));
        assert!(Pool::parse(b"<volume/>").is_err());
    }
}
