//! host.
pub mod namespace;
pub mod netlink;
