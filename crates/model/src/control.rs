//! Controls: what one file under `controls/src/TOPIC/` declares.

use std::borrow::Cow;

use formats::Span;
use serde::{Deserialize, Serialize};

use crate::{
    change::Change,
    evidence::{Daemon, Device, Disk, Evidence, Image, Interface, Vm},
    fact::{Key, Missing},
    subject::Kind,
};

/// How bad it is when the wall is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A fact worth knowing; never a threshold by default.
    Info,
    /// Depth of defence.
    Low,
    /// One step of an attack.
    Medium,
    /// A wall around VMs is down.
    High,
    /// Whoever reaches it has the host, or another tenant's VM.
    Critical,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word used in reports and for `--fail-on`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Which state a judgement looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// Process, socket, sysfs, kernel, live XML: what is.
    Effective,
    /// Files, inactive XML: what will be after the next start.
    Configured,
}

/// Which readings a control gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readings {
    /// What is, alone.
    Effective,
    /// What is configured, alone.
    Configured,
    /// Both; where they differ the finding is drift or a pending restart.
    Both,
}

/// What a judgement saw, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cite {
    /// Recording key.
    pub key: Key,
    /// The bytes of it that matter.
    pub span: Option<Span>,
    /// What is there, one short line.
    pub seen: Cow<'static, str>,
}

impl Cite {
    /// Cites bytes of a file.
    pub fn bytes(key: &Key, span: Span, seen: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.clone(), span: Some(span), seen: seen.into() }
    }

    /// Cites a thing as a whole.
    pub fn whole(key: &Key, seen: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.clone(), span: None, seen: seen.into() }
    }
}

/// A judgement of one reading of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The wall stands: what shows it.
    Pass(Vec<Cite>),
    /// The wall is down: what shows it, worst first.
    Fail(Vec<Cite>),
    /// The question does not arise here: why.
    NotApplicable(&'static str),
}

impl Verdict {
    /// Fails if anything `wrong` was found, else passes on what was `right`.
    #[must_use]
    pub fn unless(wrong: Vec<Cite>, right: Vec<Cite>) -> Self {
        if wrong.is_empty() { Self::Pass(right) } else { Self::Fail(wrong) }
    }
}

/// What judging a reading gives; [`Missing`] makes it `unknown`.
pub type Judged = Result<Verdict, Missing>;

/// The judgement and the way out, for subjects of one kind.
#[derive(Debug)]
pub struct Rule<S: 'static> {
    /// Judges one reading of one subject. Pure: no clock, no I/O, no randomness.
    pub judge: fn(&Evidence, &S, Reading) -> Judged,
    /// What to do when it fails.
    pub fix: Fix<S>,
}

/// What to do when a control fails.
#[derive(Debug)]
pub enum Fix<S: 'static> {
    /// Changes that make it pass; empty where nothing is to be done, so that a second run changes nothing.
    Remedy(fn(&Evidence, &S) -> Result<Vec<Change>, Missing>),
    /// What a person must do, one line in the imperative.
    Advice(&'static str),
}

/// What a control judges.
#[derive(Debug)]
pub enum Scope {
    /// The host, once.
    Host(Rule<()>),
    /// Every VM.
    Vm(Rule<Vm>),
    /// Every disk of every VM.
    Disk(Rule<Disk>),
    /// Every image reached.
    Image(Rule<Image>),
    /// Every network interface of every VM.
    Interface(Rule<Interface>),
    /// Every host device given to a VM.
    Device(Rule<Device>),
    /// Every libvirt daemon.
    Daemon(Rule<Daemon>),
}

impl Scope {
    /// The kind of its subjects.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Host(_) => Kind::Host,
            Self::Vm(_) => Kind::Vm,
            Self::Disk(_) => Kind::Disk,
            Self::Image(_) => Kind::Image,
            Self::Interface(_) => Kind::Interface,
            Self::Device(_) => Kind::Device,
            Self::Daemon(_) => Kind::Daemon,
        }
    }

    /// The advice, for a control without a remedy.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        fn of<S>(rule: &Rule<S>) -> Option<&'static str> {
            match rule.fix {
                Fix::Advice(text) => Some(text),
                Fix::Remedy(_) => None,
            }
        }
        match self {
            Self::Host(rule) => of(rule),
            Self::Vm(rule) => of(rule),
            Self::Disk(rule) => of(rule),
            Self::Image(rule) => of(rule),
            Self::Interface(rule) => of(rule),
            Self::Device(rule) => of(rule),
            Self::Daemon(rule) => of(rule),
        }
    }
}

/// A control, without its words: what a hook at a VM's start links.
#[derive(Debug)]
pub struct Control {
    /// How bad a failure is.
    pub severity: Severity,
    /// Raised when the judgement changes, so that old proofs and waivers are seen as such.
    pub revision: u32,
    /// Which readings it gives.
    pub readings: Readings,
    /// What it judges and how.
    pub scope: Scope,
}

/// What is said about a control.
#[derive(Debug)]
pub struct Words {
    /// Titles: English, Portuguese, Indonesian (the languages of the two guides).
    pub title: Titles,
    /// What a failure means, one line, English.
    pub why: &'static str,
    /// Where the rule comes from: documents with sections, kernel files, RFCs. "guide 1" and "guide 2" are the two source guides.
    pub references: &'static [&'static str],
}

/// A control's title in the three languages.
#[derive(Debug)]
pub struct Titles {
    /// English.
    pub en: &'static str,
    /// Portuguese.
    pub pt: &'static str,
    /// Indonesian.
    pub id: &'static str,
}
