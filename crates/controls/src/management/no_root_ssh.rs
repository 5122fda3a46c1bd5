//! Nobody logs in over SSH as root, or with a password.
//!
//! ## Why
//! Management over `qemu+ssh://root@…` gives every operator the one key to the whole host, and no trace of who used it.
//! A password can be guessed, from anywhere, and accounts that may talk to libvirt are as good as root.
//!
//! ## Where
//! `/etc/ssh/sshd_config` and all it includes, as sshd reads it: the first value wins. `PermitRootLogin` must be `no` or
//! `forced-commands-only` (the built-in default is `prohibit-password`), also in every `Match` block.
//! `PasswordAuthentication` must be `no`, and so must `KbdInteractiveAuthentication` where PAM is on, unless
//! `AuthenticationMethods` asks for a key, a certificate or Kerberos each time. Passwords that a `Match` block allows are
//! left out where it forces a command: such accounts get no shell.
//!
//! ## Fix
//! Write the three lines to `/etc/ssh/sshd_config.d/00-baluarte.conf`, where they are met first, or to the top of
//! sshd_config where that directory is not included; check with `sshd -t`; reload sshd. Make sure first that a user of
//! yours can log in with a key and become root: otherwise this locks you out. Reach libvirt as that user, or with a key
//! that is forced to `virt-ssh-helper 'qemu:///system'`.
//!
//! ## Undo
//! Remove the file or put the former lines back; reload sshd.
//!
//! ```fails
//! -- etc/ssh/sshd_config.d/60-baluarte.conf --
//! PermitRootLogin yes
//! PasswordAuthentication no
//! ```
//! ```fails
//! -- etc/ssh/sshd_config --
//! PermitRootLogin prohibit-password
//! PasswordAuthentication no
//! Match Address 192.0.2.0/24
//!     PermitRootLogin yes
//! ```
//! ```fails
//! -- etc/ssh/sshd_config.d/50-cloud-init.conf --
//! PasswordAuthentication yes
//! ```
//! ```fails
//! -- etc/ssh/sshd_config --
//! UsePAM yes
//! PermitRootLogin no
//! PasswordAuthentication no
//! ```
//! ```fails
//! -- etc/ssh/sshd_config --
//! PermitRootLogin no
//! PasswordAuthentication no
//! Match Group staff
//!     PasswordAuthentication yes
//! ```
//! ```passes
//! -- etc/ssh/sshd_config --
//! UsePAM yes
//! PermitRootLogin forced-commands-only
//! AuthenticationMethods publickey,keyboard-interactive
//! Match User upload
//!     PasswordAuthentication yes
//!     ForceCommand internal-sftp
//! ```
//! ```n/a
//! -- etc/ssh/sshd_config absent --
//! ```
use formats::conf::sshd::{Config, arguments};
use model::{
    change::Change,
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
};

use crate::sshd_settings::{self, Wish};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No root and no passwords over SSH",
        pt: "Sem root e sem senhas via SSH",
        id: "Tanpa root dan tanpa kata sandi lewat SSH",
    },
    why: "One guessed password or one shared key is the whole host, and nobody can say who used it.",
    references: &[
        "guide 2, Gerenciamento: uso de credenciais root com libvirtd",
        "sshd_config(5), PermitRootLogin, PasswordAuthentication, AuthenticationMethods",
        "libvirt docs/uri.rst, virt-ssh-helper",
    ],
};

const ROOT: Wish = Wish {
    keyword: "PermitRootLogin",
    allows: |value| matches!(value, "no" | "forced-commands-only"),
    value: "no",
    unless_forced: false,
};
const PASSWORD: Wish = Wish {
    keyword: "PasswordAuthentication",
    allows: |value| value == "no",
    value: "no",
    unless_forced: true,
};
const INTERACTIVE: Wish = Wish {
    keyword: "KbdInteractiveAuthentication",
    allows: |value| value == "no",
    value: "no",
    unless_forced: true,
};

fn wishes(config: &Config) -> Vec<&'static Wish> {
    let mut wishes = vec![&ROOT];
    if !asks_for_more(config) {
        wishes.push(&PASSWORD);
        if config.effective("UsePAM").is_some_and(|pam| pam.value.eq_ignore_ascii_case("yes")) {
            wishes.push(&INTERACTIVE);
        }
    }
    wishes
}

/// True where each way in that `AuthenticationMethods` names takes more than a password.
fn asks_for_more(config: &Config) -> bool {
    const STRONG: [&str; 3] = ["publickey", "gssapi-with-mic", "hostbased"];
    let strong = |list: &String| list.split(',').any(|method| STRONG.contains(&method));
    let methods = config.get("AuthenticationMethods").map(|found| arguments(&found.setting.value.value));
    methods.is_some_and(|methods| methods.iter().all(strong))
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let Some(config) = sshd_settings::config(evidence)? else {
        return Ok(Verdict::NotApplicable("there is no sshd"));
    };
    sshd_settings::judge(evidence, &wishes(config))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Some(config) = sshd_settings::config(evidence)? else { return Ok(vec![]) };
    sshd_settings::remedy(evidence, &wishes(config))
}
