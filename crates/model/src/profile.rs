//! The profile: how strict a host is judged. `/etc/baluarte/profile.toml`.

use serde::{Deserialize, Serialize};

use crate::control::Severity;

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Its name, as the report gives it.
    pub name: String,
    /// Failures from this severity on make `check` exit with 1.
    pub fail_on: Severity,
    /// Below this coverage, in percent, `check` exits with 3.
    pub minimum_coverage: usize,
}

impl Default for Profile {
    fn default() -> Self {
        Self { name: "default".to_owned(), fail_on: Severity::Low, minimum_coverage: 0 }
    }
}
