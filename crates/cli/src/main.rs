//! The `baluarte` command.
fn main() {}
