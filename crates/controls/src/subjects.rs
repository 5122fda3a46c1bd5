//! What there is to judge, and its names.

use std::{cell::OnceCell, sync::Arc};

use model::{
    evidence::Evidence,
    subject::{Kind, Subject},
};

/// The subjects of a kind by their index in the evidence, each made once, when the first finding names it: most of ten
/// thousand VMs are never named.
pub(crate) struct Subjects<'a> {
    evidence: &'a Evidence,
    /// In the order of [`Kind::ALL`].
    kinds: [Vec<(usize, OnceCell<Arc<Subject>>)>; 7],
}

impl<'a> Subjects<'a> {
    /// All of them, or those of the VM that is `named`, by name or UUID.
    pub(crate) fn of(evidence: &'a Evidence, named: Option<&str>) -> Self {
        let uuid = named.map(|named| {
            let vm = evidence.vms.iter().find(|vm| vm.uuid == named || vm.name == named);
            vm.map_or(named, |vm| vm.uuid.as_str())
        });
        let kinds = Kind::ALL.map(|kind| {
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
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, impl Fn() -> Arc<Subject>)> {
        let list = Kind::ALL.iter().position(|one| *one == kind).and_then(|at| self.kinds.get(at));
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
