//! Who may do what: passwd and group files, polkit rules, SASL configuration.

pub mod group;
pub mod passwd;
pub mod polkit;
pub mod sasl;

#[cfg(test)]
mod tests;
