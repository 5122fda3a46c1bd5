//! Judges every control for every subject it has.

use std::{cell::OnceCell, sync::Arc};

use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope},
    digest,
    evidence::Evidence,
    exception::glob,
    fact::Missing,
    finding::{Counted, Finding, Place, Seen, Status},
    recording::Vantage,
    subject::{Kind, Subject},
};

use crate::{
    CONTROLS, Entry,
    combine::{self, Combined},
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
    let subjects = Subjects::of(evidence, selection);
    // A drill may have broken a wall that seems to stand, and an exception moves a finding among the others.
    let standing = [evidence.proofs.ok().map(Vec::len), evidence.exceptions.ok().map(Vec::len)];
    let brief = selection.brief && standing.into_iter().flatten().sum::<usize>() == 0;
    let mut found = Assessed::default();
    for entry in selection.controls() {
        let mut shown = 0;
        let mut counts = [Status::Fail, Status::Unknown, Status::Pass, Status::NotApplicable]
            .map(|status| Counted { id: entry.id, status, count: 0 });
        for (index, subject) in subjects.of_kind(entry.control.scope.kind()) {
            let target = Target(index);
            let combined = judge(evidence, entry.control, target);
            if brief && (combined.status != Status::Fail || shown == SHOWN) {
                let same = counts.iter_mut().filter(|counted| counted.status == combined.status);
                same.for_each(|counted| counted.count += 1);
                continue;
            }
            shown += usize::from(combined.status == Status::Fail);
            let finding = finding(evidence, entry, subject(), combined, brief);
            found.judgements.push(Judgement { entry, target, finding });
        }
        found.counted.extend(counts.into_iter().filter(|counted| counted.count > 0));
    }
    found
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

/// The subjects of a kind by their index in the evidence, each made once, when the first finding names it: most of ten
/// thousand VMs are never named.
struct Subjects<'a> {
    evidence: &'a Evidence,
    kinds: [Vec<(usize, OnceCell<Arc<Subject>>)>; 7],
}

/// The kinds in the order of [`Subjects::kinds`].
const KINDS: [Kind; 7] =
    [Kind::Host, Kind::Vm, Kind::Disk, Kind::Image, Kind::Interface, Kind::Device, Kind::Daemon];

impl<'a> Subjects<'a> {
    fn of(evidence: &'a Evidence, selection: &Selection) -> Self {
        let named = selection.vm.as_deref();
        let uuid = named.map(|named| {
            let vm = evidence.vms.iter().find(|vm| vm.uuid == named || vm.name == named);
            vm.map_or(named, |vm| vm.uuid.as_str())
        });
        let kinds = KINDS.map(|kind| {
            let wanted = |index: &usize| {
                uuid.is_none_or(|uuid| {
                    let subject = subject(evidence, kind, *index);
                    subject.is_some_and(|subject| subject.vms.iter().any(|vm| vm == uuid))
                })
            };
            (0..count(evidence, kind)).filter(wanted).map(|index| (index, OnceCell::new())).collect()
        });
        Self { evidence, kinds }
    }

    /// The subjects a control has, each by its index and what makes it.
    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, impl FnOnce() -> Arc<Subject>)> {
        let list = KINDS.iter().position(|one| *one == kind).and_then(|at| self.kinds.get(at));
        list.into_iter().flatten().map(move |(index, made)| {
            let make = move || {
                let fresh = || subject(self.evidence, kind, *index).unwrap_or_else(|| self.evidence.host());
                Arc::clone(made.get_or_init(|| Arc::new(fresh())))
            };
            (*index, make)
        })
    }
}

/// How many subjects of a kind there are.
fn count(evidence: &Evidence, kind: Kind) -> usize {
    match kind {
        Kind::Host => 1,
        Kind::Vm => evidence.vms.len(),
        Kind::Disk => evidence.disks.len(),
        Kind::Image => evidence.images.len(),
        Kind::Interface => evidence.interfaces.len(),
        Kind::Device => evidence.devices.len(),
        Kind::Daemon => evidence.daemons.len(),
    }
}

fn subject(evidence: &Evidence, kind: Kind, index: usize) -> Option<Subject> {
    Some(match kind {
        Kind::Host => evidence.host(),
        Kind::Vm => evidence.vms.get(index)?.subject(),
        Kind::Disk => evidence.disks.get(index)?.subject(evidence),
        Kind::Image => evidence.images.get(index)?.subject(),
        Kind::Interface => evidence.interfaces.get(index)?.subject(evidence),
        Kind::Device => evidence.devices.get(index)?.subject(),
        Kind::Daemon => evidence.daemons.get(index)?.subject(),
    })
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
    detail(evidence, &mut finding, &cites, brief);
    finding
}

/// Says where, and what distinguishes this finding from any other. A brief one says the first places: a control of the host
/// may have seen something at every VM.
fn detail(evidence: &Evidence, finding: &mut Finding, cites: &[Cite], brief: bool) {
    let parts = cites.iter().flat_map(|cite| [cite.key.as_bytes(), cite.seen.as_bytes()]);
    finding.basis_digest = digest::keyed(evidence.recording.digest_key.as_bytes(), parts);
    let kind = finding.subject.kind.word();
    let logical = [finding.id.as_bytes(), kind.as_bytes(), finding.subject.id.as_bytes()];
    finding.fingerprint = digest::fingerprint(logical);
    let xpath = !brief && finding.status == Status::Fail;
    let mut places = cites.iter().map(|cite| (place(evidence, cite, xpath), cite.seen.clone()));
    if let Some((place, seen)) = places.next() {
        finding.place = Some(place);
        finding.found = seen;
    }
    let first = finding.place.as_ref();
    let mut others = 0;
    let also = places.take_while(|(place, _)| {
        let fits = !brief || others < SHOWN;
        others += usize::from(Some(place) != first);
        fits
    });
    finding.also = also.map(|(place, found)| Seen { place, found: found.into_owned() }).collect();
}

/// Turns a recording key and a byte range into a place a person can go to.
fn place(evidence: &Evidence, cite: &Cite, xpath: bool) -> Place {
    let key = &*cite.key;
    let outside =
        key.strip_prefix("netns/").and_then(|rest| rest.split_once('/')).map_or(key, |(_, rest)| rest);
    let mut place = Place::default();
    if outside.starts_with("netlink/") {
        place.frame = Some(key.to_owned());
    } else if outside.starts_with("sys/") {
        place.sysfs = Some(format!("/{key}"));
    } else {
        place.file = Some(format!("/{outside}"));
        place.frame = (outside != key)
            .then(|| key.strip_suffix(outside).unwrap_or(key).trim_end_matches('/').to_owned());
    }
    place.pid = key.strip_prefix("proc/").and_then(|rest| rest.split('/').next()?.parse().ok());
    let Some((span, bytes)) = cite.span.zip(evidence.bytes(key).ok().copied()) else { return place };
    let position = formats::Position::of(bytes, span.start as usize);
    (place.line, place.column) = (Some(position.line), Some(position.column));
    place.bytes = Some([span.start, span.end]);
    if xpath && key.ends_with(".xml") {
        place.xpath = formats::libvirt::xml::xpath_at(bytes, span.start as usize);
    }
    place
}
