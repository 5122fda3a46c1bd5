//! Disk images: format probing, header facts, masking, and the backing-chain walker.
//!
//! An image is written by its guest, so nothing here trusts it: every number is checked against the bytes at hand
//! before use, and no name found in a header is ever opened by this crate. What is read is a *head*: the first bytes
//! of the file ([`FIRST_READ`], then [`head_needed`]), and never guest content.

mod bytes;
pub mod chain;
mod facts;
mod format;
pub mod luks;
pub mod mask;
pub mod name;
pub mod plain;
mod probe;
pub mod qcow2;
pub mod vmdk;

pub use facts::{FIRST_READ, Facts, HEAD_MAX, Reference, Role, facts, head_needed};
pub use format::Format;
pub use mask::mask_head;
pub use probe::{BootSector, boot_sector, probe};
