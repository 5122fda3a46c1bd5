//! The policy: what only the operator can know. `/etc/baluarte/policy.toml`.

use serde::{Deserialize, Serialize};

/// A policy. What it does not name is not allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Accounts that may be root on the host by way of libvirt.
    pub administrators: Vec<String>,
    /// PCI devices of the host that VMs may be given, as `0000:41:00.0`.
    pub passthrough: Vec<String>,
    /// Images that must be encrypted: globs of paths.
    pub encrypted: Vec<String>,
}
