//! Configuration files, parsed without loss: libvirt, sysctl.d, sshd_config, oslo INI, systemd units.
//!
//! Every parser keeps every byte ([`Document`]), never fails as a whole (what it can't read becomes a
//! malformed piece) and answers with the value that the program itself would use: libvirt and sshd take the
//! first of two assignments, sysctl and oslo.config the last, systemd adds lists up until an empty one.

mod document;
pub mod libvirt;
pub mod oslo;
pub mod sshd;
pub mod sysctl;
pub mod unit;

pub use document::{Document, Line, Lines, MAX_SIZE, Setting, apply};
pub(crate) use document::{Part, physical_line, scan};

#[cfg(test)]
pub(crate) mod tests;
