//! libvirt's XML: domains, domain status, networks, filters and their bindings.
//!
//! Every document enters through [`xml::parse`], which bounds it; the typed models own their strings and remember the
//! bytes they came from. libvirt reads elements without a namespace (`XPath` without prefix), so a prefixed look-alike
//! is ignored here too, except the `qemu:` extensions of a domain.

pub mod binding;
pub mod devices;
pub mod domain;
mod element;
pub mod network;
pub mod nwfilter;
pub mod pool;
pub mod secret;
pub mod secrets;
pub mod xml;

pub use element::{Leaf, Place, Quantity, Text, TextOption};
