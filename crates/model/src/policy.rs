//! The policy: what only the operator can know. `/etc/baluarte/policy.toml`.

use serde::{Deserialize, Serialize};

/// A policy. What it does not name is not allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Accounts that may be root on the host by way of libvirt.
    pub administrators: Vec<String>,
}
