//! Changes: typed, one place each, invertible. A remedy returns them; `host` alone applies them.

use serde::{Deserialize, Serialize};

use crate::{
    finding::Disposition,
    recording::{Body, Entry, Recording, Stat, Vantage},
};

mod action;
mod effect;

pub use action::Action;

/// One change at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What is done.
    pub action: Action,
    /// What must be there now, or the change is refused; filled in when a plan is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
    /// What it disturbs.
    pub disposition: Disposition,
    /// Keys of places that must have been changed first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Ids of controls whose remedy cannot stand beside this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// How it can lock the operator out; such a change is undone unless it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lockout: Option<Lockout>,
    /// What the operator must answer first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Ask>,
}

/// What must be there before a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expect {
    /// Keyed digest of the content (plain hashes of short secrets are oracles).
    pub digest: String,
    /// Inode number.
    pub inode: u64,
    /// Seconds since 1970 of the inode's last change.
    pub ctime: i64,
    /// Bytes.
    pub size: u64,
}

/// Which way in a change may close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lockout {
    /// sshd.
    Ssh,
    /// The host's firewall or management interface.
    Network,
    /// libvirt's sockets, TLS or SASL.
    Libvirt,
    /// polkit, groups.
    Access,
}

/// A question a semi-automatic change asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Name of the parameter the answer fills.
    pub name: String,
    /// The question.
    pub question: String,
    /// The answer taken with `--yes`; none where a person must answer.
    pub default: Option<String>,
}

impl Change {
    /// A change with nothing but an action and its disposition.
    #[must_use]
    pub fn new(action: Action, disposition: Disposition) -> Self {
        Self {
            action,
            expect: None,
            disposition,
            needs: vec![],
            conflicts: vec![],
            lockout: None,
            asks: vec![],
        }
    }

    /// The same change, marked as one that can lock the operator out.
    #[must_use]
    pub fn may_lock_out(mut self, lockout: Lockout) -> Self {
        self.lockout = Some(lockout);
        self
    }

    /// The recording as it will be once this is done, so that a plan can be judged before anything is touched.
    /// Evidence is derived from a recording, so it is the recording that changes.
    ///
    /// # Errors
    /// [`Refused`] where the place is not there or not as the change needs it; the recording is then as before.
    pub fn apply_to(&self, recording: &mut Recording) -> Result<(), Refused> {
        effect::apply(&self.action, recording)
    }
}

/// Why a change cannot be done to a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The key.
    pub key: String,
    /// Why.
    pub why: &'static str,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/{}: {}", self.key, self.why)
    }
}

impl std::error::Error for Refused {}

/// A plan file: a request, never code. `apply` recomputes the changes and runs only if the digest is equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `baluarte-plan/1`.
    pub schema: String,
    /// The host it was made on.
    pub host_id: String,
    /// Control ids.
    pub controls: Vec<String>,
    /// Answers to the changes' questions.
    pub answers: std::collections::BTreeMap<String, String>,
    /// Keyed digest of the changes.
    pub digest: String,
}

fn file(bytes: Vec<u8>, stat: Stat) -> Entry {
    Entry { stat: Some(Stat { size: bytes.len() as u64, ..stat }), body: Body::of(bytes) }
}

pub(crate) fn is_tree(recording: &Recording) -> bool {
    recording.vantage == Vantage::Tree
}

#[cfg(test)]
mod tests;
