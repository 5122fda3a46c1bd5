//! A VM keeps its memory out of page merging, should the host ever switch that on.
//!
//! ## Why
//! Merging is one switch for the whole host (`hardware.ksm-off`), and an update or a tuning service can flip it. A VM that opted out keeps
//! its pages to itself all the same.
//!
//! ## Where
//! `memoryBacking/nosharepages` in inactive and live XML, where `/sys/kernel/mm/ksm/run` is 1. Where it is not, nothing is merged.
//!
//! ## Fix
//! `virsh edit VM`: add `<nosharepages/>` to `<memoryBacking>`, and restart the VM.
//!
//! ## Undo
//! Remove the element and restart the VM.
//!
//! ```fails
//! -- sys/kernel/mm/ksm/run --
//! 1
//! ```
//! ```fails vm
//! <memoryBacking><locked/></memoryBacking>
//! -- sys/kernel/mm/ksm/run --
//! 1
//! ```
//! ```fails vm inactive
//! <memoryBacking/>
//! -- sys/kernel/mm/ksm/run --
//! 1
//! ```
//! ```passes vm
//! <memoryBacking><nosharepages/></memoryBacking>
//! -- sys/kernel/mm/ksm/run --
//! 1
//! ```
use formats::{Span, Splice};
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The VM's memory is not merged",
        pt: "A memória da VM não é fundida",
        id: "Memori VM tidak digabungkan",
    },
    why: "Other guests can find out by timing what this one has in memory.",
    references: &[
        "libvirt docs/formatdomain.rst, Memory backing: nosharepages",
        "Linux Documentation/admin-guide/mm/ksm.rst",
    ],
};

fn judge(evidence: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let backing = view.domain.memory_backing.as_ref();
    if let Some(element) = backing.and_then(|backing| backing.nosharepages.as_ref()) {
        return Ok(Verdict::Pass(vec![Cite::bytes(&view.key, element.open, "<nosharepages/>")]));
    }
    let run = evidence.text("sys/kernel/mm/ksm/run");
    match run.known()? {
        Some(&"1") => {
            let open = backing.map_or(view.domain.at.open, |backing| backing.at.open);
            Ok(Verdict::Fail(vec![Cite::bytes(
                &view.key,
                open,
                "no <nosharepages/>, and the host merges pages",
            )]))
        }
        Some(other) => {
            Ok(Verdict::Pass(vec![Cite::whole(run.key(), format!("run = {other}: the host merges nothing"))]))
        }
        None => Ok(Verdict::NotApplicable("the kernel has no KSM")),
    }
}

fn remedy(evidence: &Evidence, vm: &Vm) -> Result<Vec<Change>, Missing> {
    let Some(view) = vm.view(Reading::Configured)? else { return Ok(vec![]) };
    let Verdict::Fail(_) = judge(evidence, vm, Reading::Configured)? else { return Ok(vec![]) };
    let after = |open: Span| Span::new(open.end as usize, open.end as usize);
    let splice = match &view.domain.memory_backing {
        // `<memoryBacking/>` has no inside.
        Some(backing) if backing.at.open == backing.at.span => {
            Splice::new(backing.at.span, "<memoryBacking><nosharepages/></memoryBacking>")
        }
        Some(backing) => Splice::new(after(backing.at.open), "<nosharepages/>"),
        None => Splice::new(after(view.domain.at.open), "<memoryBacking><nosharepages/></memoryBacking>"),
    };
    Ok(ask::edit_domain(&vm.uuid, view, vec![splice]))
}
