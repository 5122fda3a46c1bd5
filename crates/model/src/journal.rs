//! The entries of the journals under `/var/lib/baluarte`: hash-chained, fsynced, one JSON object a line.

use serde::{Deserialize, Serialize};

/// The journals. The first three are rare and preallocated; the log rotates and has its head anchored in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Journal {
    /// Changes applied and undone.
    Changes,
    /// Decisions of the gate at each VM start.
    Guard,
    /// The life of passed-through devices.
    Devices,
    /// Alerts and proofs.
    Log,
}

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// About to be done; its inverse is already stored.
    Intent,
    /// Written.
    Done,
    /// Read back, and as wanted.
    Verified,
    /// Taken back.
    Undone,
    /// It did not work.
    Failed,
}

/// Who caused an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A person at this host, by audit login uid (`/proc/self/loginuid`).
    Login(u32),
    /// A signed order of the fleet, by its id.
    Order(String),
    /// A process without a login: a service, or the hook.
    Service(String),
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in this journal, from 1, without gaps.
    pub seq: u64,
    /// Seconds since 1970 UTC.
    pub time: i64,
    /// The kernel's boot id.
    pub boot_id: String,
    /// What belongs together: an apply, a VM start, a drill.
    pub transaction: String,
    /// Who.
    pub actor: Actor,
    /// How far.
    pub phase: Phase,
    /// What: a typed event of the journal, as JSON.
    pub event: serde_json::Value,
    /// Keyed digest (HMAC under the host key) of what was there before; its bytes are a 0600 blob that never leaves the host.
    pub before: Option<String>,
    /// Keyed digest of what is there after.
    pub after: Option<String>,
    /// Digest of the entry before this one, 64 hex digits; zeros for the first.
    pub previous: String,
}

impl Entry {
    /// The digest the next entry carries as `previous`: HMAC-SHA-256 under `key` of this entry's JSON.
    ///
    /// # Errors
    /// What serialisation said; it cannot happen for an entry read from JSON.
    pub fn digest(&self, key: &[u8]) -> Result<String, serde_json::Error> {
        Ok(crate::digest::keyed(key, [serde_json::to_vec(self)?.as_slice()]))
    }
}
