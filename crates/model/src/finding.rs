//! Findings, and the report they stand in. Every output format is made from [`Report`].

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    control::Severity,
    recording::{Privilege, Vantage},
    subject::Subject,
};

/// The schema of [`Report`]; the JSON Schema is `schemas/report.schema.json`.
pub const SCHEMA: &str = "baluarte-report/1";

/// The result of one control for one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The wall is down.
    Fail,
    /// Nobody can tell: a fact is missing.
    Unknown,
    /// The wall stands.
    Pass,
    /// The question does not arise.
    #[serde(rename = "n/a")]
    NotApplicable,
}

/// What else is to be said of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It fails, and an exception says that this is known: uncounted.
    Waived,
    /// It passes because an exception grants it.
    Granted,
    /// A drill showed it, this many seconds before the report.
    Proved(i64),
    /// A drill showed it once, on another basis.
    StaleProof,
    /// A drill broke through: what the files say does not hold.
    Breached,
    /// What is running is right and what is configured is not: the next start opens the wall.
    Drift,
    /// What is configured is right and what is running is not yet.
    PendingRestart,
    /// An exception covered it until it ended.
    ExpiredException,
}

/// Where it is wrong. Only what applies is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Absolute path of a file, as on the host judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// XPath of the element or attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xpath: Option<String>,
    /// First byte and one past the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<[u32; 2]>,
    /// Process id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// A path under /sys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sysfs: Option<String>,
    /// An answer of the kernel over netlink: which (`netlink/nft`), with `netns/INODE/` before it for another network namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
}

/// Something seen, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Where.
    pub place: Place,
    /// What is there.
    pub found: String,
}

/// How much a fix disturbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Disposition {
    /// Takes effect at once.
    #[serde(rename = "live")]
    Live,
    /// A daemon has to be restarted; VMs go on running.
    #[serde(rename = "daemon restart")]
    DaemonRestart,
    /// The VM has to be shut down and started.
    #[serde(rename = "VM restart")]
    VmRestart,
    /// The host has to be rebooted.
    #[serde(rename = "reboot")]
    Reboot,
    /// A person has to do it.
    #[serde(rename = "by hand")]
    ByHand,
}

impl Disposition {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::DaemonRestart => "daemon restart",
            Self::VmRestart => "VM restart",
            Self::Reboot => "reboot",
            Self::ByHand => "by hand",
        }
    }
}

/// The way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// One command or one sentence.
    pub command: String,
    /// What it disturbs.
    pub disposition: Disposition,
}

/// The result of one control for one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Control id.
    pub id: Cow<'static, str>,
    /// What it is about.
    pub subject: Arc<Subject>,
    /// The result.
    pub status: Status,
    /// What else is to be said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// On what it rests: `effective`, `configured`, `effective and configured`.
    pub basis: Cow<'static, str>,
    /// How bad a failure is.
    pub severity: Severity,
    /// Where, for a pass as well; absent where nothing could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What is there; for unknown, what could not be read; for n/a, why not.
    pub found: Cow<'static, str>,
    /// Further places, the other side of a drift among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Seen>,
    /// Why a failure matters, one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The way out of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Names this control for this subject, on every run, 32 hex digits.
    pub fingerprint: String,
    /// Keyed digest of what was seen: when it changes, a proof of it is stale.
    pub basis_digest: String,
    /// The control's revision.
    pub revision: u32,
    /// The drill that proved or broke it, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

impl Finding {
    /// True where it counts as a failure: it fails and no waiver covers it.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.status == Status::Fail && !self.marks.contains(&Mark::Waived)
    }
}

/// How much of what was asked could be answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Controls that were run.
    pub controls: usize,
    /// Results that pass.
    pub pass: usize,
    /// Results that fail, waived ones aside.
    pub fail: usize,
    /// Results that fail and are waived.
    pub waived: usize,
    /// Results that nobody can tell.
    pub unknown: usize,
    /// Questions that did not arise.
    pub not_applicable: usize,
    /// Answered share of the questions that arose, in percent, rounded down; 0 where none arose.
    pub percent: usize,
}

/// The host a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Stable id.
    pub id: String,
    /// Host name.
    pub name: String,
    /// The kernel's boot id, empty for a tree.
    pub boot_id: String,
    /// With what rights it was read.
    pub privilege: Privilege,
    /// From where it was read.
    pub vantage: Vantage,
    /// How many VMs are defined or running.
    pub vms: usize,
}

/// How many more results a control has of one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Control id.
    pub id: &'static str,
    /// Their status.
    pub status: Status,
    /// How many.
    pub count: usize,
}

impl Report {
    /// How many results there are of each control and status: those listed one by one, those counted together.
    pub fn results(&self) -> impl Iterator<Item = (&str, Status, usize)> {
        let listed = self.findings.iter().map(|finding| (&*finding.id, finding.status, 1));
        listed.chain(self.counted.iter().map(|counted| (counted.id, counted.status, counted.count)))
    }
}

/// Something that could not be read or understood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unread {
    /// What: an absolute path, a netlink answer, a probe.
    pub what: String,
    /// Why.
    pub why: String,
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// What was judged.
    pub host: Host,
    /// When it was read, RFC 3339 UTC.
    pub time: String,
    /// The profile's name.
    pub profile: String,
    /// How much could be answered.
    pub coverage: Coverage,
    /// Every result, failures first, worst first; of a brief report the first failures of each control.
    pub findings: Vec<Finding>,
    /// The results that a brief report only counts. Formats that list every result have none.
    #[serde(skip)]
    pub counted: Vec<Counted>,
    /// What could not be read or understood.
    pub unread: Vec<Unread>,
}
