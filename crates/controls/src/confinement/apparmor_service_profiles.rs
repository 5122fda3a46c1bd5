//! On an AppArmor host libvirt's daemon and its label helper run under enforced profiles.
//!
//! ## Why
//! libvirt's daemon is root and reads what guests and users write. Its own profile does not hold it tightly, but it
//! keeps it from what no VM needs, and without `virt-aa-helper`'s profile whatever a VM's XML names is read as root.
//!
//! ## Where
//! `/sys/kernel/security/apparmor/profiles`: `libvirtd` or `virtqemud`, whichever runs, and `virt-aa-helper`, each
//! `(enforce)`; older releases call them by their paths. Not applicable without AppArmor, or where no daemon of libvirt
//! runs.
//!
//! ## Fix
//! `aa-enforce` the profiles in `/etc/apparmor.d` (package `libvirt-daemon-system` on Debian and Ubuntu), and restart
//! the daemon.
//!
//! ## Undo
//! `aa-complain` the profiles.
//!
//! ```fails
//! -- sys/kernel/security/apparmor/profiles --
//! libvirtd (complain)
//! virt-aa-helper (enforce)
//! ```
//! ```fails
//! -- sys/kernel/security/apparmor/profiles --
//! libvirtd (enforce)
//! ```
//! ```passes
//! -- sys/kernel/security/apparmor/profiles --
//! /usr/sbin/libvirtd (enforce)
//! /usr/lib/libvirt/virt-aa-helper (enforce)
//! ```
use formats::kernel::label::AppArmorLabel;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::mac::{self, Module};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "Enforce the profiles of libvirt's daemon and of virt-aa-helper with aa-enforce, and restart the daemon.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt runs under AppArmor profiles",
        pt: "O libvirt roda sob perfis do AppArmor",
        id: "libvirt berjalan di bawah profil AppArmor",
    },
    why: "Without its profile, the helper reads as root whatever a VM's XML names.",
    references: &[
        "guide 1, mandatory access controls: AppArmor",
        "libvirt src/security/apparmor/usr.sbin.libvirtd.in",
    ],
};

/// Recording key of the list of loaded profiles.
const PROFILES: &str = "sys/kernel/security/apparmor/profiles";

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if mac::module(evidence)? != Some(Module::AppArmor) {
        return Ok(Verdict::NotApplicable("the kernel has no AppArmor"));
    }
    let running = evidence.daemons.iter().filter(|daemon| daemon.pid.is_some()).map(|daemon| daemon.name);
    let mut wanted: Vec<&str> = running.filter(|name| ["libvirtd", "virtqemud"].contains(name)).collect();
    if wanted.is_empty() {
        return Ok(Verdict::NotApplicable("no daemon of libvirt runs VMs here"));
    }
    wanted.push("virt-aa-helper");
    let profiles = evidence.text(PROFILES);
    let text = *profiles.required()?;
    let loaded: Vec<AppArmorLabel> =
        text.lines().filter_map(|line| AppArmorLabel::parse(line.as_bytes()).ok()).collect();
    let (mut wrong, mut right) = (vec![], vec![]);
    for name in wanted {
        let found = loaded.iter().find(|label| label.profile.rsplit('/').next() == Some(name));
        let seen = found.map_or_else(|| format!("{name} has no profile"), ToString::to_string);
        let fine = found.is_some_and(AppArmorLabel::confined);
        (if fine { &mut right } else { &mut wrong }).push(Cite::whole(profiles.key(), seen));
    }
    Ok(Verdict::unless(wrong, right))
}
