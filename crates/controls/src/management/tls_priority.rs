//! libvirt speaks TLS 1.2 and 1.3 alone.
//!
//! ## Why
//! TLS 1.0 and 1.1 rest on MD5 and SHA-1 and on CBC modes that were broken more than once. GnuTLS's `NORMAL`, which is
//! libvirt's default upstream, still takes them where the system does not forbid it (measured on GnuTLS 3.7).
//!
//! ## Where
//! `tls_priority` of the daemon's file. Where it is not set: a system policy (`/etc/crypto-policies/state/current` other
//! than LEGACY), or `disabled-version` for `tls1.0` and `tls1.1` in `/etc/gnutls/config`. Not applicable where TLS is off.
//!
//! ## Fix
//! Set `tls_priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3"` and restart. Clients older than that are refused.
//!
//! ## Undo
//! Put the former line back and restart.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tls = 1
//! tls_priority = "NORMAL"
//! -- etc/default/libvirtd --
//! LIBVIRTD_ARGS="--listen"
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tls = 1
//! -- etc/default/libvirtd --
//! LIBVIRTD_ARGS="--listen"
//! ```
//! ```unknown
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! tls_priority = 1
//! ```
//! ```passes
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tls = 1
//! -- etc/crypto-policies/state/current --
//! DEFAULT
//! -- etc/default/libvirtd --
//! LIBVIRTD_ARGS="--listen"
//! ```
//! ```passes
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! tls_priority = "SECURE256:-VERS-TLS1.0:-VERS-TLS1.1"
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::{Change, Lockout},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::Missing,
    finding::Disposition,
};

use crate::{ask, libvirt_remote::tls_configured};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt speaks only TLS 1.2 and 1.3",
        pt: "O libvirt só fala TLS 1.2 e 1.3",
        id: "libvirt hanya memakai TLS 1.2 dan 1.3",
    },
    why: "Old versions of TLS can be broken by who is on the path.",
    references: &[
        "libvirt src/remote/libvirtd.conf.in, tls_priority",
        "GnuTLS manual, Priority Strings; System-wide configuration",
        "RFC 8996",
    ],
};

const GOOD: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3";

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    if !daemon.is_remote() {
        return Ok(Verdict::NotApplicable("this daemon listens on UNIX sockets alone"));
    }
    let setting = ask::setting(&daemon.conf, "tls_priority")?;
    let mut cites = vec![setting.cite("\"NORMAL\", or the system's policy")];
    let by_system = setting.text().is_none_or(|text| text.starts_with('@'));
    let good = if by_system {
        let system = system_forbids(evidence)?;
        let good = system.is_some();
        cites.extend(system);
        good
    } else {
        setting.text().is_some_and(is_modern)
    };
    if good {
        return Ok(Verdict::Pass(cites));
    }
    let Some(tls) = tls_configured(evidence, daemon)? else {
        return Ok(Verdict::NotApplicable("TLS is off"));
    };
    cites.push(tls);
    Ok(Verdict::Fail(cites))
}

/// Follows a priority string as far as versions go: keywords start with all of them.
fn is_modern(priority: &str) -> bool {
    let mut old = [false, false];
    for word in priority.split(':').map(str::trim) {
        match word {
            "NONE" | "-VERS-ALL" | "!VERS-ALL" | "-VERS-TLS-ALL" | "!VERS-TLS-ALL" => old = [false, false],
            "+VERS-ALL" | "+VERS-TLS-ALL" => old = [true, true],
            "+VERS-TLS1.0" => old = [true, old[1]],
            "+VERS-TLS1.1" => old = [old[0], true],
            "-VERS-TLS1.0" | "!VERS-TLS1.0" => old = [false, old[1]],
            "-VERS-TLS1.1" | "!VERS-TLS1.1" => old = [old[0], false],
            _ if !word.starts_with(['+', '-', '!', '%', '@']) => old = [true, true],
            _ => {}
        }
    }
    old == [false, false]
}

/// What of the system forbids old versions.
fn system_forbids(evidence: &Evidence) -> Result<Option<Cite>, Missing> {
    let policy = evidence.text("etc/crypto-policies/state/current");
    if let Some(name) = policy.known()?.filter(|name| !name.starts_with("LEGACY")) {
        return Ok(Some(Cite::whole(policy.key(), format!("the system's policy is {name}"))));
    }
    let config = evidence.text("etc/gnutls/config");
    let text = config.known()?.copied().unwrap_or_default();
    let disabled = |version: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        lines.any(|(key, value)| {
            key.trim() == "disabled-version" && value.trim().eq_ignore_ascii_case(version)
        })
    };
    let both = disabled("tls1.0") && disabled("tls1.1");
    Ok(both.then(|| Cite::whole(config.key(), "tls1.0 and tls1.1 are disabled")))
}

fn remedy(evidence: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, daemon, Reading::Configured)? else { return Ok(vec![]) };
    let value = Value::Str(GOOD.to_owned());
    let changes = ask::set(&daemon.conf, "tls_priority", &value, Disposition::DaemonRestart)?;
    Ok(changes.into_iter().map(|change| change.may_lock_out(Lockout::Libvirt)).collect())
}
