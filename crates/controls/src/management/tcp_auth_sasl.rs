//! Where libvirt listens on plain TCP at all, it asks who is there.
//!
//! ## Why
//! With `auth_tcp = "none"` and an open port, one packet from anywhere defines and starts a domain whose disk is the
//! host's own: root, without a password, over the network.
//!
//! ## Where
//! `auth_tcp` of `/etc/libvirt/libvirtd.conf` or `virtproxyd.conf` (default `sasl`), where the daemon holds a plain TCP
//! socket now (effective), or will: `listen_tcp = 1`, or the unit `libvirtd-tcp.socket` or `virtproxyd-tcp.socket` is
//! enabled (configured). Not applicable where it is `none` and TCP is off.
//!
//! ## Fix
//! Set `auth_tcp = "sasl"` and restart the daemon; better, turn TCP off (`management.no-plain-tcp`).
//!
//! ## Undo
//! Put the former line back and restart.
//!
//! ## Guides
//! Guide 2 offers "TCP + sasl" as one of three ways. Its password mechanism of that time, DIGEST-MD5, libvirt now
//! strongly discourages: use Kerberos, or SCRAM-SHA-256 under TLS (`management.sasl-mech-strong`).
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tcp = 1
//! auth_tcp = "none"
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tcp = "none"
//! -- etc/systemd/system/sockets.target.wants/libvirtd-tcp.socket link=/usr/lib/systemd/system/libvirtd-tcp.socket --
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tcp = "none"
//! -- proc/net/tcp --
//!   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//!    0: 00000000:407D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 15002 1 0000000000000000 100 0 0 10 0
//! -- proc/800/fd/15 link=socket:[15002] --
//! ```
//! ```unknown
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tcp = 1
//! ```
//! ```n/a
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! auth_tcp = "none"
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::{Change, Lockout},
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::Missing,
    finding::Disposition,
};

use crate::{
    ask,
    libvirt_remote::{plain_configured, plain_listeners},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Critical,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Daemon(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt over TCP asks who is there",
        pt: "O libvirt via TCP exige autenticação",
        id: "libvirt lewat TCP meminta autentikasi",
    },
    why: "Anyone who reaches the port is root on the host.",
    references: &[
        "guide 2, Gerenciamento: TCP + sasl",
        "libvirt src/remote/libvirtd.conf.in, auth_tcp",
        "libvirt docs/auth.rst",
    ],
};

fn judge(evidence: &Evidence, daemon: &Daemon, reading: Reading) -> Judged {
    if !daemon.is_remote() {
        return Ok(Verdict::NotApplicable("this daemon listens on UNIX sockets alone"));
    }
    let setting = ask::setting(&daemon.conf, "auth_tcp")?;
    let asked = setting.text().unwrap_or("sasl") != "none";
    let mut cites = vec![setting.cite("\"sasl\"")];
    match reading {
        Reading::Effective => match plain_listeners(evidence, daemon)? {
            Some(listeners) if !listeners.is_empty() => cites.extend(listeners),
            _ => return Ok(Verdict::NotApplicable("it holds no plain TCP socket")),
        },
        Reading::Configured if asked => return Ok(Verdict::Pass(cites)),
        Reading::Configured => match plain_configured(evidence, daemon)? {
            Some(cite) => cites.push(cite),
            None => return Ok(Verdict::NotApplicable("TCP is off")),
        },
    }
    Ok(if asked { Verdict::Pass(cites) } else { Verdict::Fail(cites) })
}

fn remedy(_: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    if ask::setting(&daemon.conf, "auth_tcp")?.text() != Some("none") {
        return Ok(vec![]);
    }
    let sasl = Value::Str("sasl".to_owned());
    let changes = ask::set(&daemon.conf, "auth_tcp", &sasl, Disposition::DaemonRestart)?;
    Ok(changes.into_iter().map(|change| change.may_lock_out(Lockout::Libvirt)).collect())
}
