//! The kernel mitigates every weakness it knows of this processor.
//!
//! ## Why
//! Guests share cores, caches and predictors with the host and with each other. Each of these weaknesses lets a guest
//! read memory that is not its own; against most of them only the host's kernel and microcode can do anything.
//!
//! ## Where
//! Every file of `/sys/devices/system/cpu/vulnerabilities`: none may say `Vulnerable`, neither as a whole nor in a part
//! (`KVM: Vulnerable`, `VMX: vulnerable`, `BHI: Vulnerable`). `SMT vulnerable` alone is let pass where SMT is off, or
//! `sched_core` of `/etc/libvirt/qemu.conf` keeps two VMs from sharing a core.
//!
//! ## Fix
//! Install the microcode package (`intel-microcode`, `amd64-microcode`) and the current kernel; remove arguments that
//! switch mitigations off from the kernel's command line; reboot. For `SMT vulnerable` set `sched_core = "full"`, or boot
//! with `nosmt`.
//!
//! ## Undo
//! Boot the former kernel.
//!
//! ```fails
//! -- sys/devices/system/cpu/vulnerabilities/mds --
//! Vulnerable: Clear CPU buffers attempted, no microcode; SMT vulnerable
//! ```
//! ```fails
//! -- sys/devices/system/cpu/vulnerabilities/l1tf --
//! Mitigation: PTE Inversion; VMX: vulnerable
//! ```
//! ```fails
//! -- sys/devices/system/cpu/vulnerabilities/itlb_multihit --
//! KVM: Vulnerable
//! ```
//! ```fails
//! -- sys/devices/system/cpu/vulnerabilities/mds --
//! Mitigation: Clear CPU buffers; SMT vulnerable
//! -- sys/devices/system/cpu/smt/control --
//! on
//! -- sys/devices/system/cpu/smt/active --
//! 1
//! ```
//! ```passes
//! -- sys/devices/system/cpu/vulnerabilities/l1tf --
//! Mitigation: PTE Inversion; VMX: conditional cache flushes, SMT vulnerable
//! ```
//! ```passes
//! -- sys/devices/system/cpu/vulnerabilities/itlb_multihit --
//! KVM: Mitigation: VMX disabled
//! ```
//! ```unknown
//! -- sys/devices/system/cpu/vulnerabilities/srbds --
//! Unknown: Dependent on hypervisor status
//! ```
use formats::kernel::vulnerability::{self, State};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::{smt, tally::Tally};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "install current microcode and kernel, remove arguments that switch mitigations off, and reboot",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Processor weaknesses are mitigated",
        pt: "As falhas do processador estão mitigadas",
        id: "Kelemahan prosesor dimitigasi",
    },
    why: "A guest can read memory of the host or of another guest through the processor they share.",
    references: &[
        "Linux Documentation/admin-guide/hw-vuln/index.rst",
        "Linux arch/x86/kernel/cpu/bugs.c, cpu_show_common",
        "CIS OpenShift Virtual Machine Extension 1.0.0, CPU vulnerabilities mitigated",
    ],
};

const DIRECTORY: &str = "sys/devices/system/cpu/vulnerabilities";

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let names = evidence.names(DIRECTORY);
    let mut tally = Tally::default();
    for name in *names.required()? {
        let line = evidence.bytes(&format!("{DIRECTORY}/{name}"));
        let Some(bytes) = tally.see(line.required().copied()) else { continue };
        let missing = |why: String| Missing { key: line.key().clone(), why: why.into() };
        let parsed = vulnerability::parse(bytes).map_err(|malformed| missing(malformed.to_string()));
        let Some(parsed) = tally.see(parsed) else { continue };
        let before = tally.wrong.len();
        for part in parsed.vulnerable_parts() {
            let cite = Cite::bytes(line.key(), part.text.span, format!("{name}: {}", part.text.value));
            if part.name.as_deref() != Some("SMT") {
                tally.wrong.push(cite);
            } else if let Some((false, _)) = tally.see(smt::separated(evidence)) {
                tally.wrong.push(Cite { seen: format!("{name}: SMT vulnerable").into(), ..cite });
            }
        }
        if tally.wrong.len() > before {
            continue;
        }
        let said = String::from_utf8_lossy(bytes).trim().to_owned();
        if parsed.state.value == State::Unknown
            && parsed.parts.iter().all(|part| part.state.is_none_or(|state| state == State::Unknown))
        {
            tally.see::<()>(Err(missing(format!("the kernel says: {said}"))));
        } else {
            tally.right.push(Cite::whole(line.key(), format!("{name}: {said}")));
        }
    }
    tally.verdict("the kernel lists no weaknesses")
}
