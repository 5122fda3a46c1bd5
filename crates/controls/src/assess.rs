//! Judges every control for every subject it has.

use std::sync::Arc;

use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope},
    evidence::Evidence,
    exception::glob,
    fact::Missing,
    finding::{Counted, Finding, Status},
    recording::Vantage,
    subject::{Kind, Subject},
};

use crate::{
    CONTROLS, Entry,
    combine::{self, Combined},
    place,
    subjects::Subjects,
};

/// Failures of one control that a brief report shows; the others are counted.
const SHOWN: usize = 4;

/// What is to be judged.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Globs of control ids; empty for all.
    pub only: Vec<String>,
    /// Name or UUID of one VM: then it, its disks, images, interfaces and devices alone.
    pub vm: Option<String>,
    /// Only counts the results that a person is not shown: everything but the first failures of each control.
    pub brief: bool,
}

impl Selection {
    /// The controls selected, in the order of their ids.
    pub fn controls(&self) -> impl Iterator<Item = &'static Entry> {
        let wanted =
            |entry: &&Entry| self.only.is_empty() || self.only.iter().any(|pattern| glob(pattern, entry.id));
        CONTROLS.iter().filter(wanted)
    }
}

/// The subject of a judgement, by its index in the evidence; 0 for the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Target(usize);

/// One control judged for one subject.
#[derive(Debug)]
pub struct Judgement {
    /// The control.
    pub entry: &'static Entry,
    target: Target,
    /// The result, without words, marks of exceptions, and fix: those are the engine's.
    pub finding: Finding,
}

/// What came of judging.
#[derive(Debug, Default)]
pub struct Assessed {
    /// The results, in the order of the controls' ids, then of the subjects' names.
    pub judgements: Vec<Judgement>,
    /// The results that a brief selection only counts.
    pub counted: Vec<Counted>,
}

/// Judges every selected control for every subject it has. Pure.
#[must_use]
pub fn assess(evidence: &Evidence, selection: &Selection) -> Assessed {
    let subjects = Subjects::of(evidence, selection.vm.as_deref());
    // A drill may have broken a wall that seems to stand, and an exception moves a finding among the others.
    let standing = [evidence.proofs.ok().map(Vec::len), evidence.exceptions.ok().map(Vec::len)];
    let brief = selection.brief && standing.into_iter().flatten().sum::<usize>() == 0;
    let mut results: Vec<Results> = selection.controls().map(Results::of).collect();
    // Subject by subject, not control by control: what is known of a VM is looked at while it is at hand.
    for kind in Kind::ALL {
        let mut asked: Vec<&mut Results> =
            results.iter_mut().filter(|one| one.entry.control.scope.kind() == kind).collect();
        for (index, subject) in subjects.of_kind(kind) {
            for one in &mut asked {
                one.judge(evidence, Target(index), &subject, brief);
            }
        }
    }
    let mut found = Assessed::default();
    for one in results {
        found.judgements.extend(one.judgements);
        found.counted.extend(one.counts.into_iter().filter(|counted| counted.count > 0));
    }
    if !brief {
        place::xpaths(evidence, found.judgements.iter_mut().map(|judgement| &mut judgement.finding));
    }
    found
}

/// The results of one control so far.
struct Results {
    entry: &'static Entry,
    judgements: Vec<Judgement>,
    counts: [Counted; 4],
}

impl Results {
    fn of(entry: &'static Entry) -> Self {
        let counts = [Status::Fail, Status::Unknown, Status::Pass, Status::NotApplicable]
            .map(|status| Counted { id: entry.id, status, count: 0 });
        Self { entry, judgements: vec![], counts }
    }

    fn judge(
        &mut self,
        evidence: &Evidence,
        target: Target,
        subject: &dyn Fn() -> Arc<Subject>,
        brief: bool,
    ) {
        let combined = judge(evidence, self.entry.control, target);
        // In a brief report nothing but failures is listed.
        if brief && (combined.status != Status::Fail || self.judgements.len() == SHOWN) {
            let same = self.counts.iter_mut().filter(|counted| counted.status == combined.status);
            return same.for_each(|counted| counted.count += 1);
        }
        let finding = finding(evidence, self.entry, subject(), combined, brief);
        self.judgements.push(Judgement { entry: self.entry, target, finding });
    }
}

/// The changes that close the wall of a judgement; `None` where the control has advice instead.
///
/// # Errors
/// [`Missing`] where a fact is missing that the remedy needs.
pub fn remedies(evidence: &Evidence, judgement: &Judgement) -> Result<Option<Vec<Change>>, Missing> {
    fn of<S>(evidence: &Evidence, rule: &Rule<S>, item: Option<&S>) -> Result<Option<Vec<Change>>, Missing> {
        match (&rule.fix, item) {
            (Fix::Remedy(remedy), Some(item)) => remedy(evidence, item).map(Some),
            _ => Ok(None),
        }
    }
    let index = judgement.target.0;
    match &judgement.entry.control.scope {
        Scope::Host(rule) => of(evidence, rule, Some(&())),
        Scope::Vm(rule) => of(evidence, rule, evidence.vms.get(index)),
        Scope::Disk(rule) => of(evidence, rule, evidence.disks.get(index)),
        Scope::Image(rule) => of(evidence, rule, evidence.images.get(index)),
        Scope::Interface(rule) => of(evidence, rule, evidence.interfaces.get(index)),
        Scope::Device(rule) => of(evidence, rule, evidence.devices.get(index)),
        Scope::Daemon(rule) => of(evidence, rule, evidence.daemons.get(index)),
    }
}

fn judge(evidence: &Evidence, control: &Control, target: Target) -> Combined {
    let reading = |reading: Reading| one(evidence, control, target, reading);
    match control.readings {
        Readings::Effective => combine::one(Reading::Effective, reading(Reading::Effective)),
        Readings::Configured => combine::one(Reading::Configured, reading(Reading::Configured)),
        Readings::Both => match reading(Reading::Effective) {
            // A tree has no running state to differ from its files.
            Err(_) if evidence.recording.vantage == Vantage::Tree => {
                combine::one(Reading::Configured, reading(Reading::Configured))
            }
            effective => combine::both(effective, reading(Reading::Configured)),
        },
    }
}

fn one(evidence: &Evidence, control: &Control, target: Target, reading: Reading) -> Judged {
    fn of<S>(evidence: &Evidence, rule: &Rule<S>, item: Option<&S>, reading: Reading) -> Judged {
        let gone = || Missing { key: "".into(), why: "no such subject".into() };
        (rule.judge)(evidence, item.ok_or_else(gone)?, reading)
    }
    match &control.scope {
        Scope::Host(rule) => of(evidence, rule, Some(&()), reading),
        Scope::Vm(rule) => of(evidence, rule, evidence.vms.get(target.0), reading),
        Scope::Disk(rule) => of(evidence, rule, evidence.disks.get(target.0), reading),
        Scope::Image(rule) => of(evidence, rule, evidence.images.get(target.0), reading),
        Scope::Interface(rule) => of(evidence, rule, evidence.interfaces.get(target.0), reading),
        Scope::Device(rule) => of(evidence, rule, evidence.devices.get(target.0), reading),
        Scope::Daemon(rule) => of(evidence, rule, evidence.daemons.get(target.0), reading),
    }
}

fn finding(
    evidence: &Evidence,
    entry: &'static Entry,
    subject: Arc<Subject>,
    combined: Combined,
    brief: bool,
) -> Finding {
    let Combined { status, marks, basis, cites, because } = combined;
    let mut finding = Finding {
        id: entry.id.into(),
        subject,
        status,
        marks,
        basis: basis.into(),
        severity: entry.control.severity,
        found: because.words(),
        place: None,
        also: vec![],
        why: String::new(),
        fix: None,
        fingerprint: String::new(),
        basis_digest: String::new(),
        revision: entry.control.revision,
        proof: None,
    };
    place::detail(evidence, &mut finding, &cites, brief.then_some(SHOWN));
    finding
}
