//! No polkit rule lets just anyone manage VMs.
//!
//! ## Why
//! polkit decides who may open libvirt's read-write socket (`org.libvirt.unix.manage`), and who may is root on the host.
//! A rule that returns YES and asks for no group and no user, or only that the session be local or active, gives root to
//! every account that can start a process in a session.
//!
//! ## Where
//! `*.rules` in `/etc/polkit-1/rules.d`, `/run/polkit-1/rules.d` and `/usr/share/polkit-1/rules.d`, read and not run: a
//! rule is looked at if it names the action, a part of it, or no action. It must ask for a group or a user before it
//! says YES; who is in the group is judged by `management.libvirt-group-members`. A rule whose words can't be
//! understood (it runs a program, or its result is a variable) makes the answer unknown if it names libvirt's action.
//!
//! ## Fix
//! Have the rule ask for a group of administrators (`subject.isInGroup("vmadmins")`), or return
//! `polkit.Result.AUTH_ADMIN_KEEP`.
//!
//! ## Undo
//! Put the former rule back; polkitd notices by itself.
//!
//! ```fails
//! -- etc/polkit-1/rules.d/10-virt.rules --
//! polkit.addRule(function(action, subject) {
//!     if (action.id == "org.libvirt.unix.manage") { return polkit.Result.YES; }
//! });
//! ```
//! ```fails
//! -- usr/share/polkit-1/rules.d/10-virt.rules --
//! polkit.addRule(function(action, subject) {
//!     if (action.id.indexOf("org.libvirt.") == 0 && subject.active && subject.local) return polkit.Result.YES;
//! });
//! ```
//! ```fails
//! -- etc/polkit-1/rules.d/10-virt.rules --
//! polkit.addRule(function(action, subject) {
//!     if (action.id == "org.libvirt.unix.manage" && !subject.isInGroup("guests")) return polkit.Result.YES;
//! });
//! ```
//! ```unknown
//! -- etc/polkit-1/rules.d/10-virt.rules --
//! polkit.addRule(function(action, subject) {
//!     if (action.id == "org.libvirt.unix.manage") { return polkit.spawn(["/bin/may", subject.user]); }
//! });
//! ```
//! As distributions ship it:
//! ```passes
//! -- usr/share/polkit-1/rules.d/60-libvirt.rules --
//! polkit.addRule(function(action, subject) {
//!     if (action.id == "org.libvirt.unix.manage" && subject.isInGroup("libvirt")) {
//!         return polkit.Result.YES;
//!     }
//! });
//! -- usr/share/polkit-1/rules.d/20-disks.rules --
//! polkit.addRule(function(action, subject) {
//!     if (/^org\.freedesktop\.udisks2\..*$/.test(action.id)) return polkit.Result.YES;
//!     if (action.id.match("^org.freedesktop.udisks2.*") && subject.active) return polkit.Result.YES;
//! });
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::polkit_reading::{ACTION, concerns, is_open};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("have the rule ask for a group of administrators, or return AUTH_ADMIN_KEEP"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "polkit lets nobody manage VMs unasked",
        pt: "O polkit não libera as VMs para qualquer um",
        id: "polkit tidak membebaskan pengelolaan VM bagi siapa saja",
    },
    why: "Every account that gets a session is root on the host.",
    references: &[
        "guide 2, Gerenciamento",
        "polkit(8), Authorization rules",
        "libvirt src/remote/libvirtd.policy.in",
    ],
};

const DIRECTORIES: [&str; 3] = ["etc/polkit-1/rules.d", "run/polkit-1/rules.d", "usr/share/polkit-1/rules.d"];

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    if !evidence.has_libvirt() {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let (mut wrong, mut right, mut unclear) = (vec![], vec![], None);
    for directory in DIRECTORIES {
        let listed = evidence.names(directory);
        // A tree has no /run.
        match listed.known() {
            Err(_) if directory.starts_with("run/") => {}
            known => drop(known?),
        }
    }
    for (key, rules) in &evidence.access.polkit {
        let rules = match rules.known() {
            Ok(rules) => rules.into_iter().flatten(),
            Err(missing) => {
                unclear.get_or_insert(missing);
                continue;
            }
        };
        let before = wrong.len();
        for rule in rules.filter(|rule| concerns(rule)) {
            if let Some(span) = rule.allows().filter(|_| is_open(rule)) {
                wrong.push(Cite::bytes(key, span, format!("YES to {ACTION}, for no group and no user")));
            } else if rule.opaque && !rule.actions.is_empty() {
                let why = "what this rule decides can't be read from it";
                unclear.get_or_insert(Missing { key: key.clone(), why: why.into() });
            }
        }
        if wrong.len() == before {
            right.push(Cite::whole(key, "it lets nobody in unasked"));
        }
    }
    if right.is_empty() {
        right.push(Cite::whole(
            &"etc/polkit-1/rules.d".into(),
            "there is no rule; polkit asks for an administrator",
        ));
    }
    match unclear {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ => Ok(Verdict::unless(wrong, right)),
    }
}
