//! The definition of a libvirt secret (`docs/formatsecret.rst`): what it is for and who may read it, never its value.

use super::element::{Leaf, Read, Text, element, root_named};
use super::xml;
use crate::Malformed;

element! {
    /// A secret.
    Secret {
        attributes {
            /// `ephemeral`: yes keeps it in memory alone; no when unsaid.
            ephemeral: Text = "ephemeral",
            /// `private`: yes gives its value to no client; no when unsaid.
            private: Text = "private",
        }
        one {
            /// Its identity.
            uuid: Leaf = "uuid",
            /// What it is for.
            usage: SecretUsage = "usage",
        }
    }

    /// What a secret is for.
    SecretUsage {
        attributes {
            /// `type`: volume, ceph, iscsi, tls, vtpm.
            kind: Text = "type",
        }
    }
}

impl Secret {
    /// Reads a `<secret>`.
    ///
    /// # Errors
    /// What [`xml::parse`] refuses, or another root.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let document = xml::parse(bytes)?;
        Ok(Self::read(root_named(&document, &["secret"])?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::TextOption as _;
    use super::*;

    #[test]
    fn a_secret_says_who_may_read_it() {
        let secret = Secret::parse(
            b"<secret ephemeral='no' private='yes'><uuid>x</uuid><usage type='volume'/></secret>",
        )
        .unwrap();
        assert_eq!((secret.ephemeral.flag(), secret.private.flag()), (Some(false), Some(true)));
        assert!(secret.usage.is_some_and(|usage| usage.kind.is("volume")));
        assert!(Secret::parse(b"<pool/>").is_err());
    }
}
