//! Proofs: what a drill showed of a wall, on which basis, and whether it still holds.

use serde::{Deserialize, Serialize};

/// The result of one drill against one control and subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The control it is about.
    pub control: String,
    /// The subject's stable id.
    pub subject: String,
    /// The drill's id.
    pub drill: String,
    /// The drill's revision: another one makes the proof stale.
    pub drill_revision: u32,
    /// The finding's `basis_digest` when it ran: another one makes the proof stale.
    pub basis_digest: String,
    /// Boot id when it ran.
    pub boot_id: String,
    /// Kernel release, as `uname -r`.
    pub kernel: String,
    /// QEMU version, as it reports itself.
    pub qemu: String,
    /// When it ran, seconds since 1970 UTC.
    pub at: i64,
    /// What happened.
    pub outcome: Outcome,
    /// What happened with the wall taken away: a drill counts only if it then succeeded.
    pub ablation: Ablation,
}

/// What a drill saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The attack failed.
    Held,
    /// The attack succeeded: a pass becomes a fail.
    Breached,
    /// It did not run: why.
    NotRun(String),
}

/// What a drill saw with the wall taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ablation {
    /// The attack succeeded, so the wall is what stopped it.
    Succeeded,
    /// The attack failed all the same: the drill proves nothing.
    Failed,
    /// It was not tried: why.
    NotTried(String),
}
