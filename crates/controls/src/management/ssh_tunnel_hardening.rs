//! SSH opens no side doors to libvirt's sockets.
//!
//! ## Why
//! Forwarding of UNIX sockets takes an SSH login straight to `/run/libvirt/libvirt-sock`, past a forced command. X11
//! forwarding opens the administrator's own screen to the host. Many tries at a password are a guess that may hit.
//!
//! ## Where
//! sshd's configuration with all it includes: `AllowStreamLocalForwarding no` (or `remote`, which opens nothing of this
//! host) and `X11Forwarding no` (or `DisableForwarding yes`), and `MaxAuthTries` of 4 or less (the built-in default is 6),
//! also in `Match` blocks.
//!
//! ## Fix
//! Write these lines to `/etc/ssh/sshd_config.d/00-baluarte.conf`; check with `sshd -t`; reload sshd. `virsh -c qemu+ssh`
//! needs no forwarding.
//!
//! ## Undo
//! Remove the file or put the former lines back; reload sshd.
//!
//! ```fails
//! -- etc/ssh/sshd_config.d/60-baluarte.conf --
//! PermitRootLogin no
//! PasswordAuthentication no
//! ```
//! ```fails
//! -- etc/ssh/sshd_config --
//! DisableForwarding yes
//! MaxAuthTries 10
//! ```
//! ```passes
//! -- etc/ssh/sshd_config --
//! DisableForwarding yes
//! X11Forwarding yes
//! MaxAuthTries 3
//! ```
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::sshd_settings::{self, Wish};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "SSH opens no side doors",
        pt: "O SSH não abre portas laterais",
        id: "SSH tidak membuka pintu samping",
    },
    why: "A forwarded socket leads past a forced command straight to libvirt.",
    references: &[
        "guide 2, Gerenciamento: túnel SSH",
        "sshd_config(5), AllowStreamLocalForwarding, X11Forwarding, MaxAuthTries",
        "libvirt docs/uri.rst, ssh transport",
    ],
};

static SOCKETS: Wish = Wish {
    keyword: "AllowStreamLocalForwarding",
    allows: |value| matches!(value, "no" | "remote"),
    value: "no",
    unless_forced: false,
};
static SCREEN: Wish =
    Wish { keyword: "X11Forwarding", allows: |value| value == "no", value: "no", unless_forced: false };
static TRIES: Wish = Wish {
    keyword: "MaxAuthTries",
    allows: |value| value.parse::<u32>().is_ok_and(|tries| tries <= 4),
    value: "4",
    unless_forced: false,
};

fn wishes(evidence: &Evidence) -> Result<Vec<&'static Wish>, Missing> {
    let Some(config) = sshd_settings::config(evidence)? else { return Ok(vec![]) };
    let off =
        config.effective("DisableForwarding").is_some_and(|found| found.value.eq_ignore_ascii_case("yes"));
    Ok(if off { vec![&TRIES] } else { vec![&SOCKETS, &SCREEN, &TRIES] })
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let wishes = wishes(evidence)?;
    if wishes.is_empty() {
        return Ok(Verdict::NotApplicable("there is no sshd"));
    }
    sshd_settings::judge(evidence, &wishes)
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    sshd_settings::remedy(evidence, &wishes(evidence)?)
}
