//! Bindings of network filters to ports (libvirt `docs/formatnwfilterbinding.rst`): what libvirt believes it installed.

use super::domain::{Filterref, NameAttribute};
use super::element::{Leaf, Read, Text, child, element, root_named};
use super::xml;
use crate::Malformed;

element! {
    /// A filter bound to a port.
    Binding {
        one {
            /// Whose port it is.
            owner: Owner = "owner",
            /// The port: a tap's name.
            portdev: NameAttribute = "portdev",
            /// The device below a macvtap.
            linkdev: NameAttribute = "linkdev",
            /// The guest's MAC address.
            mac: BindingMac = "mac",
            /// The filter and its variables.
            filterref: Filterref = "filterref",
        }
    }

    /// The domain a port belongs to.
    Owner {
        one {
            /// Its name.
            name: Leaf = "name",
            /// Its identity.
            uuid: Leaf = "uuid",
        }
    }

    /// A MAC address.
    BindingMac {
        attributes {
            /// `address`.
            address: Text = "address",
        }
    }
}
impl Binding {
    /// Reads a `<filterbinding>`, or the one inside the `<filterbindingstatus>` of `/run/libvirt/nwfilter-binding`
    /// (libvirt `src/conf/virnwfilterbindingobj.c`).
    ///
    /// # Errors
    /// What [`xml::parse`] refuses, another root, or a status without a binding.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let document = xml::parse(bytes)?;
        let root = root_named(&document, &["filterbinding", "filterbindingstatus"])?;
        if root.tag_name().name() == "filterbinding" {
            return Ok(Self::read(root));
        }
        let inner = child(root, "filterbinding");
        inner.map(Self::read).ok_or_else(|| {
            Malformed::at(root.range().start, "<filterbindingstatus> holds no <filterbinding>")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::libvirt::TextOption as _;

    #[test]
    fn a_binding_reads_bare_or_in_its_status_file() {
        let bare = "<filterbinding><owner><name>vm</name><uuid>u</uuid></owner><portdev name='vnet0'/>\
            <mac address='52:54:00:00:00:01'/><filterref filter='clean-traffic'>\
            <parameter name='MAC' value='52:54:00:00:00:01'/></filterref></filterbinding>";
        let status = format!("<filterbindingstatus>{bare}</filterbindingstatus>");
        for text in [bare, &status] {
            let binding = Binding::parse(text.as_bytes()).unwrap();
            assert!(binding.owner.unwrap().uuid.is("u"));
            assert!(binding.portdev.unwrap().name.is("vnet0"));
            assert!(binding.mac.unwrap().address.is("52:54:00:00:00:01"));
            let filter = binding.filterref.unwrap();
            assert!(filter.filter.is("clean-traffic") && filter.parameters[0].name.is("MAC"));
        }
        assert!(Binding::parse(b"<filterbindingstatus/>").is_err());
        assert!(Binding::parse(b"<filter/>").is_err());
    }
}
