//! The kernel was not told to leave processor weaknesses open.
//!
//! ## Why
//! One word on the kernel's command line undoes years of work against guests that read the memory of others. It is
//! often found on hosts that were tuned for a benchmark once.
//!
//! ## Where
//! `/proc/cmdline`: `mitigations=` without `off`, `no_guest_host` and `no_guest_guest`, and no argument that switches a single
//! mitigation off (`nopti`, `spectre_v2=off`, `l1tf=off`, `mds=off` …). What the kernel makes of it is
//! `hardware.cpu-vulnerabilities`.
//!
//! ## Fix
//! Remove the argument from `/etc/default/grub` or `/etc/default/grub.d`, run `update-grub` (`grub2-mkconfig`, or edit
//! `/etc/kernel/cmdline`), and reboot.
//!
//! ## Undo
//! Put the argument back and reboot.
//!
//! ```fails
//! -- proc/cmdline --
//! root=/dev/vda1 mitigations=off
//! ```
//! ```fails
//! -- proc/cmdline --
//! root=/dev/vda1 mitigations=auto,no_guest_host,no_guest_guest
//! ```
//! ```fails
//! -- proc/cmdline --
//! root=/dev/vda1 nopti l1tf=off
//! ```
//! ```passes
//! -- proc/cmdline --
//! root=/dev/vda1 mitigations=auto,nosmt l1tf=flush,nosmt spec_store_bypass_disable=prctl
//! ```
use formats::kernel::cmdline::Argument;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("remove the argument from the kernel's command line and reboot"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No mitigation is switched off at boot",
        pt: "Nenhuma mitigação é desligada no boot",
        id: "Tidak ada mitigasi yang dimatikan saat boot",
    },
    why: "The kernel was told to let guests read memory that is not theirs.",
    references: &[
        "Linux Documentation/admin-guide/kernel-parameters.txt, mitigations",
        "Linux Documentation/admin-guide/hw-vuln/attack_vector_controls.rst",
    ],
};

/// Arguments that switch a mitigation off by being there.
const ALONE: [&str; 6] = [
    "nopti",
    "nospectre_v1",
    "nospectre_v2",
    "nospectre_bhb",
    "nospec_store_bypass_disable",
    "no_stf_barrier",
];
/// Arguments that do so with the value `off`.
const OFF: [&str; 18] = [
    "pti",
    "spectre_v2",
    "spectre_v2_user",
    "spec_store_bypass_disable",
    "l1tf",
    "mds",
    "tsx_async_abort",
    "srbds",
    "mmio_stale_data",
    "retbleed",
    "spec_rstack_overflow",
    "gather_data_sampling",
    "reg_file_data_sampling",
    "spectre_bhi",
    "indirect_target_selection",
    "tsa",
    "vmscape",
    "kvm.nx_huge_pages",
];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let line = evidence.cmdline.required()?;
    let key = evidence.cmdline.key();
    let said = |argument: &Argument| match &argument.value {
        Some(value) => format!("{}={}", argument.name.value, value.value),
        None => argument.name.value.clone(),
    };
    let wrong = line.arguments.iter().filter(|argument| opens(argument));
    let wrong = wrong.map(|argument| Cite::bytes(key, argument.span, said(argument))).collect();
    Ok(Verdict::unless(wrong, vec![Cite::whole(key, "no argument switches a mitigation off")]))
}

fn opens(argument: &Argument) -> bool {
    let (name, value) = (argument.name.value.replace('-', "_"), argument.text());
    match name.as_str() {
        "mitigations" => {
            value.split([',', ';']).any(|word| matches!(word, "off" | "no_guest_host" | "no_guest_guest"))
        }
        "kvm_intel.vmentry_l1d_flush" => value == "never",
        name => ALONE.contains(&name) || (OFF.contains(&name) && value == "off"),
    }
}
