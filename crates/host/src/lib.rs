//! The only crate that touches a machine: read (live, directory tree, memory), and recordings on disk. Synchronous, no TLS.

pub mod collect;
pub mod memory;
pub mod namespace;
pub mod netlink;
pub mod recorder;
pub mod run;
pub mod selinux;
pub mod source;
pub mod store;
