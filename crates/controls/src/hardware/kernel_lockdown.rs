//! Even root can't change the running kernel.
//!
//! ## Why
//! A guest that got out and became root on the host is stopped once more: under lockdown it can't load an unsigned module, write to
//! kernel memory or to I/O ports, or start another kernel.
//!
//! ## Where
//! `/sys/kernel/security/lockdown` is at `integrity` or `confidentiality`.
//!
//! ## Fix
//! Add `lockdown=integrity` to the kernel's command line and reboot. Modules that are not signed (DKMS, vendor drivers) no longer load.
//!
//! ## Undo
//! Remove the argument and reboot.
//!
//! ```fails
//! -- sys/kernel/security/lockdown --
//! [none] integrity confidentiality
//! ```
use formats::kernel::choice;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Advice("boot with `lockdown=integrity`") }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The kernel is locked down",
        pt: "O kernel está em modo lockdown",
        id: "Kernel dalam mode lockdown",
    },
    why: "Who becomes root on the host can rewrite its kernel.",
    references: &["kernel_lockdown(7)", "Linux security/lockdown/lockdown.c"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let state = evidence.bytes("sys/kernel/security/lockdown").and_then(choice::choice);
    let Some(choice) = state.known()? else {
        return Ok(Verdict::NotApplicable("the kernel has no lockdown"));
    };
    let chosen = &choice.chosen;
    let cite = vec![Cite::bytes(state.key(), chosen.span, format!("lockdown = {}", chosen.value))];
    Ok(if chosen.value == "none" { Verdict::Fail(cite) } else { Verdict::Pass(cite) })
}
