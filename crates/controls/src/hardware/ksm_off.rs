//! The kernel does not merge equal memory pages of different VMs.
//!
//! ## Why
//! Writing to a merged page takes measurably longer than writing to a private one. A guest can so learn which pages
//! another guest, or the host, has in memory, and with Rowhammer change them. Memory saved by merging is memory shared
//! between tenants.
//!
//! ## Where
//! `/sys/kernel/mm/ksm/run` (0 is off; 2 unmerges and stops) and `/sys/kernel/mm/ksm/pages_sharing`, which tells that
//! pages are still merged after it was switched off with 0.
//!
//! ## Fix
//! `echo 2 > /sys/kernel/mm/ksm/run`: this unmerges everything, so make sure that memory suffices. Disable the services
//! that switch it on again: `systemctl disable --now ksm ksmtuned`.
//!
//! ## Undo
//! `echo 1 > /sys/kernel/mm/ksm/run`.
//!
//! ```fails
//! -- sys/kernel/mm/ksm/run --
//! 1
//! ```
//! ```fails
//! -- sys/kernel/mm/ksm/pages_sharing --
//! 5120
//! ```
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Memory pages are not merged between VMs",
        pt: "Páginas de memória não são fundidas entre VMs",
        id: "Halaman memori tidak digabung antar-VM",
    },
    why: "A guest can find out, by timing alone, what other guests have in memory.",
    references: &[
        "guide 1, hypervisor selection: KSM",
        "Linux Documentation/admin-guide/mm/ksm.rst",
        "CIS OpenShift Virtual Machine Extension 1.0.0, KSM disabled",
    ],
};

const RUN: &str = "sys/kernel/mm/ksm/run";
const SHARING: &str = "sys/kernel/mm/ksm/pages_sharing";

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let run = evidence.text(RUN);
    let Some(value) = run.known()? else { return Ok(Verdict::NotApplicable("the kernel has no KSM")) };
    let sharing = evidence.text(SHARING);
    let shared = sharing.known()?.copied().unwrap_or("0");
    let (mut wrong, mut right) = (vec![], vec![]);
    let list = if *value == "1" { &mut wrong } else { &mut right };
    list.push(Cite::whole(run.key(), format!("run = {value}")));
    if shared != "0" {
        wrong.push(Cite::whole(sharing.key(), format!("{shared} pages are merged")));
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Effective)? else { return Ok(vec![]) };
    let action = Action::Sysfs { path: format!("/{RUN}"), value: "2".to_owned() };
    Ok(vec![Change::new(action, Disposition::Live)])
}
