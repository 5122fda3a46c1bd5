//! Bytes in, types out, and back without loss: every foreign format Baluarte reads, over bytes, with no I/O.
//!
//! Every parser here is bounded in time and memory, never panics, and says where it stopped ([`Malformed`]).
//! Values keep the byte range they came from ([`Spanned`]), so that a finding can point at the byte that is wrong.

pub mod access;
pub mod conf;
pub mod image;
pub mod kernel;
pub mod libvirt;
pub mod netlink;
mod text;
pub mod x509;

pub use text::{Malformed, Position, Span, Spanned, Splice};
