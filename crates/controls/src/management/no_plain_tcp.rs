//! No libvirt daemon accepts connections over unencrypted TCP.
//!
//! ## Why
//! Whoever may talk to libvirt read-write is root on the host: a domain may name any file as its disk and any program
//! as its emulator. Over plain TCP, passwords and memory images cross the network in clear, and with `auth_tcp = "none"`
//! nobody is even asked who they are.
//!
//! ## Where
//! In effect: the TCP sockets that the daemon's process holds, port 16509 (`/proc/net/tcp` and `/proc/PID/fd`).
//! Configured: `listen_tcp` of `/etc/libvirt/libvirtd.conf` or `virtproxyd.conf`, or the enabled unit `libvirtd-tcp.socket`
//! or `virtproxyd-tcp.socket`: where systemd listens for the daemon the unit decides, elsewhere the key.
//!
//! ## Fix
//! Set `listen_tcp = 0`, `systemctl disable --now libvirtd-tcp.socket`, restart the daemon; reach it over SSH
//! (`qemu+ssh://`) or TLS with a list of allowed names.
//!
//! ## Undo
//! Put the former value back, enable the socket unit again, restart.
//!
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tcp = 1
//! ```
//! ```fails
//! -- proc/net/tcp --
//!   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//!    0: 00000000:407D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 15002 1 0000000000000000 100 0 0 10 0
//! -- proc/800/fd/15 link=socket:[15002] --
//! ```
use formats::conf::libvirt::Value;
use model::{
    change::{Change, Lockout},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
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
        en: "libvirt does not listen on plain TCP",
        pt: "O libvirt não escuta em TCP sem criptografia",
        id: "libvirt tidak mendengarkan TCP tanpa enkripsi",
    },
    why: "Whoever talks to libvirt read-write is root on the host, and over plain TCP all of it can be read.",
    references: &[
        "guide 2, Gerenciamento: TCP + SASL",
        "libvirt docs/remote.rst, tcp transport",
        "libvirt src/remote/libvirtd.conf.in, listen_tcp",
    ],
};

fn judge(evidence: &Evidence, daemon: &Daemon, reading: Reading) -> Judged {
    if !daemon.is_remote() {
        return Ok(Verdict::NotApplicable("this daemon listens on UNIX sockets alone"));
    }
    if reading == Reading::Configured {
        return Ok(match plain_configured(evidence, daemon)? {
            Some(cite) => Verdict::Fail(vec![cite]),
            None => Verdict::Pass(vec![ask::setting(&daemon.conf, "listen_tcp")?.cite("0")]),
        });
    }
    let Some(wrong) = plain_listeners(evidence, daemon)? else {
        return Ok(Verdict::NotApplicable("the daemon does not run"));
    };
    let key = format!("proc/{}/fd", daemon.pid.unwrap_or_default());
    Ok(Verdict::unless(wrong, vec![Cite::whole(&key.into(), "it holds no plain TCP socket")]))
}

fn remedy(_: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    if !daemon.is_remote() {
        return Ok(vec![]);
    }
    let Verdict::Fail(_) = ask::flag(&daemon.conf, "listen_tcp", 0, 0)? else { return Ok(vec![]) };
    let changes = ask::set(&daemon.conf, "listen_tcp", &Value::Int(0), Disposition::DaemonRestart)?;
    Ok(changes.into_iter().map(|change| change.may_lock_out(Lockout::Libvirt)).collect())
}
