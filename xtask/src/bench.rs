//! bench placeholder
use anyhow::{Result, bail};
pub fn run(_: &[&str]) -> Result<bool> {
    bail!("later")
}
