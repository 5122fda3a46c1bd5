//! SELinux enforces: now, and after the next boot.
//!
//! ## Why
//! In permissive mode SELinux writes down what it would have denied and denies nothing. Every label is in its place,
//! every tool says that sVirt is on, and a guest that breaks out of QEMU is stopped by none of it.
//!
//! ## Where
//! In effect: `/sys/fs/selinux/enforce` is 1. Configured: `SELINUX=enforcing` in `/etc/selinux/config`, and neither
//! `selinux=0` nor `enforcing=0` on the kernel's command line, which is stronger. Not applicable where the kernel has
//! no SELinux and none is configured: `confinement.mac-driver-active` asks whether there is any such wall.
//!
//! ## Fix
//! Look at the last denials first (`ausearch -m avc -ts recent`): what they name will stop working. Then write
//! `SELINUX=enforcing` to `/etc/selinux/config` and enforce now, as `setenforce 1` does. An argument of the kernel has
//! to be taken out of the boot loader's configuration by hand.
//!
//! ## Undo
//! `setenforce 0`, and the former line in `/etc/selinux/config`.
//!
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- sys/fs/selinux/enforce --
//! 0
//! -- etc/selinux/config --
//! SELINUX=permissive
//! SELINUXTYPE=targeted
//! ```
//! ```fails
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- sys/fs/selinux/enforce --
//! 1
//! -- etc/selinux/config --
//! # SELINUX=enforcing
//! SELINUX=disabled
//! ```
//! Debian's kernel is built to ignore `selinux=0`:
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- sys/fs/selinux/enforce --
//! 1
//! -- etc/selinux/config --
//! SELINUX=enforcing
//! -- proc/cmdline --
//! ro audit=1 selinux=0
//! ```
//! ```passes
//! -- sys/kernel/security/lsm --
//! lockdown,capability,yama,selinux,bpf
//! -- sys/fs/selinux/enforce --
//! 1
//! -- etc/selinux/config --
//! # SELINUX= can take one of these three values: enforcing, permissive, disabled
//! SELINUX=enforcing
//! SELINUXTYPE=targeted
//! ```
use formats::{Span, Splice};
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::{
    ask,
    mac::{self, Module},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "SELinux enforces its policy",
        pt: "O SELinux aplica a política (enforcing)",
        id: "SELinux menegakkan kebijakannya (enforcing)",
    },
    why: "In permissive mode every label is in place and stops nobody.",
    references: &[
        "guide 1, sVirt: SELinux and virtualization",
        "guide 2, SELinux + sVirt: MAC",
        "selinux_config(5), selinux(8)",
    ],
};

/// The mode after the next boot.
const CONFIG: &str = "etc/selinux/config";
/// The mode now.
const ENFORCE: &str = "sys/fs/selinux/enforce";

fn judge(evidence: &Evidence, (): &(), reading: Reading) -> Judged {
    if mac::module(evidence)? != Some(Module::SeLinux) && evidence.bytes(CONFIG).known()?.is_none() {
        return Ok(Verdict::NotApplicable("this host has no SELinux"));
    }
    match reading {
        Reading::Effective => effective(evidence),
        Reading::Configured => configured(evidence),
    }
}

fn effective(evidence: &Evidence) -> Judged {
    if mac::module(evidence)? != Some(Module::SeLinux) {
        // A policy that was left behind by a host that changed to AppArmor is not what is in force.
        return Ok(Verdict::NotApplicable("the kernel runs without SELinux"));
    }
    let enforce = evidence.text(ENFORCE);
    let value = *enforce.required()?;
    let cite = vec![Cite::whole(enforce.key(), format!("enforce = {value}"))];
    Ok(if value == "1" { Verdict::Pass(cite) } else { Verdict::Fail(cite) })
}

fn configured(evidence: &Evidence) -> Judged {
    if mac::module(evidence)? == Some(Module::AppArmor) {
        return Ok(Verdict::NotApplicable("the kernel runs AppArmor"));
    }
    let file = evidence.bytes(CONFIG);
    let Some((value, span)) = mode(file.required()?) else {
        return Ok(Verdict::Fail(vec![Cite::whole(file.key(), "SELINUX is not set")]));
    };
    let cite = vec![Cite::bytes(file.key(), span, format!("SELINUX={value}"))];
    if !value.eq_ignore_ascii_case("enforcing") {
        return Ok(Verdict::Fail(cite));
    }
    let line = evidence.text("proc/cmdline");
    // A kernel that runs SELinux after `selinux=0` is built to ignore it (no CONFIG_SECURITY_SELINUX_BOOTPARAM: Debian's).
    let ignored = mac::module(evidence)? == Some(Module::SeLinux);
    let off = |word: &&str| *word == "enforcing=0" || *word == "selinux=0" && !ignored;
    Ok(match line.required()?.split_whitespace().find(off) {
        Some(word) => {
            Verdict::Fail(vec![Cite::whole(line.key(), format!("the kernel was started with {word}"))])
        }
        None => Verdict::Pass(cite),
    })
}

/// The value of `SELINUX=` and its place: the last line that sets it (libselinux `src/selinux_config.c`).
fn mode(bytes: &[u8]) -> Option<(String, Span)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut start = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.trim_start().strip_prefix("SELINUX=") {
            let at = start + line.len() - rest.len();
            let value = rest.trim_end();
            found = Some((value.to_owned(), Span::new(at, at + value.len())));
        }
        start += line.len();
    }
    found
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let mut changes = vec![];
    if let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? {
        let file = evidence.bytes(CONFIG);
        let bytes = *file.required()?;
        let splice = match mode(bytes) {
            Some((value, span)) if !value.eq_ignore_ascii_case("enforcing") => {
                Some(Splice::new(span, "enforcing"))
            }
            Some(_) => None,
            None => Some(Splice::new(bytes.len()..bytes.len(), "SELINUX=enforcing\n")),
        };
        changes.extend(ask::edit(format!("/{CONFIG}"), splice.into_iter().collect(), Disposition::Live));
    }
    if let Verdict::Fail(_) = judge(evidence, &(), Reading::Effective)? {
        changes.push(Change::new(Action::SelinuxEnforce { on: true }, Disposition::Live));
    }
    Ok(changes)
}
