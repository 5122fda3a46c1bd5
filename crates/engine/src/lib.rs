//! `check`: judges evidence, applies exceptions and proofs, says how each wall is closed, and makes the report.

pub mod check;
pub mod exit;
mod fix;
mod order;
pub mod sarif;
mod standing;
mod unread;

pub use check::check;
