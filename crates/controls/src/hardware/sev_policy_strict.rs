//! An encrypted guest's policy leaves the host no way in.
//!
//! ## Why
//! SEV encrypts a guest's memory against the host, and the policy the guest starts with says what the host may do all the
//! same. Without `NODBG` the host reads the memory by a debug command; without `NOKS` another guest shares the key; without `ES`
//! the registers are in clear at each exit.
//!
//! ## Where
//! `launchSecurity/policy` in inactive and live XML. SEV: bits 0 (`NODBG`), 1 (`NOKS`) and 2 (`ES`) are 1, as in `0x0007`. SEV-SNP:
//! bits 18 (`MIGRATE_MA`) and 19 (`DEBUG`) are 0, as in `0x30000`, which is also the default.
//!
//! ## Fix
//! `virsh edit VM`: `<policy>0x0007</policy>` (the CPU and `kvm_amd.sev_es` must offer SEV-ES), or `0x30000` for SEV-SNP, and
//! restart the VM. The policy is part of the measurement: tell the guest's owner.
//!
//! ## Undo
//! Put the former policy back and restart.
//!
//! ## Guides
//! libvirt's own example, `0x0003`, leaves the registers in clear.
//!
//! ```fails vm
//! <launchSecurity type='sev'><policy>0x0003</policy><cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits></launchSecurity>
//! ```
//! ```fails vm inactive
//! <launchSecurity type='sev-snp'><policy>0xb0000</policy></launchSecurity>
//! ```
//! ```fails vm
//! <launchSecurity type='sev'><policy>strict</policy></launchSecurity>
//! ```
//! ```passes vm
//! <launchSecurity type='sev'><policy>0x0007</policy><cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits></launchSecurity>
//! ```
//! ```passes vm
//! <launchSecurity type='sev-snp'/>
//! ```
use formats::libvirt::{TextOption as _, domain::LaunchSecurity};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice(
            "set <policy> to 0x0007 (SEV) or 0x30000 (SEV-SNP) with `virsh edit`, and tell the guest's owner",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "The policy of an encrypted guest is strict",
        pt: "A política de uma VM criptografada é estrita",
        id: "Kebijakan VM terenkripsi bersifat ketat",
    },
    why: "The host reads an encrypted guest's memory or registers all the same.",
    references: &[
        "guide 1, AMD SEV",
        "AMD SEV API 0.24 (55766), table 2, guest policy",
        "AMD SEV-SNP firmware ABI (56860), table 9, guest policy",
        "libvirt docs/formatdomain.rst, Launch Security",
    ],
};

/// `NODBG`, `NOKS`, `ES`: must be 1 (AMD 55766, table 2).
const SEV: [(u32, &str); 3] = [(0, "NODBG"), (1, "NOKS"), (2, "ES")];
/// `MIGRATE_MA`, `DEBUG`: must be 0 (AMD 56860, table 9).
const SNP: [(u32, &str); 2] = [(18, "MIGRATE_MA"), (19, "DEBUG")];
/// What libvirt starts an SNP guest with that says none: bit 17, which is reserved, and SMT.
const SNP_DEFAULT: u64 = 0x30000;

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let Some(security) = view.domain.sev() else {
        return Ok(Verdict::NotApplicable("the VM is not encrypted by SEV"));
    };
    let span = security.policy.as_ref().map_or(security.at.open, |policy| policy.at.span);
    let said = security.policy.said().unwrap_or("not said");
    let open = open(security);
    let seen = if open.is_empty() { said.to_owned() } else { format!("{said}: {}", open.join(", ")) };
    let cite = vec![Cite::bytes(&view.key, span, format!("policy {seen}"))];
    Ok(if open.is_empty() { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}

/// What the policy leaves open.
fn open(security: &LaunchSecurity) -> Vec<String> {
    let snp = security.kind.is("sev-snp");
    let default = (snp && security.policy.is_none()).then_some(SNP_DEFAULT);
    let Some(bits) = security.policy_bits().or(default) else { return vec!["it is no number".to_owned()] };
    let set = |bit: u32| bits >> bit & 1 == 1;
    if snp {
        return SNP
            .iter()
            .filter(|(bit, _)| set(*bit))
            .map(|(_, name)| format!("{name} is allowed"))
            .collect();
    }
    SEV.iter().filter(|(bit, _)| !set(*bit)).map(|(_, name)| format!("{name} is not set")).collect()
}
