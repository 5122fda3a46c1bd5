//! Support for tests that need a real hypervisor host: a private libvirtd in namespaces of its own,
//! domains and disk images to run on it, and a polite way to skip where the machine can't.
//!
//! Nothing here may reach the machine's own libvirt, network or /etc, and nothing may outlive the test,
//! even one that is killed.

pub mod archive;
pub mod bodies;
pub mod domains;
mod fragment;
pub mod images;
pub mod libvirt;
pub mod memory;
pub mod namespace;
pub mod scratch;
mod tools;

pub use tools::need;
