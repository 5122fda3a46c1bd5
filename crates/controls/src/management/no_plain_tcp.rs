//! No libvirt daemon accepts connections over unencrypted TCP.
//!
//! ## Why
//! Whoever may talk to libvirt read-write is root on the host: a domain may name any file as its disk and any program
//! as its emulator. Over plain TCP, passwords and memory images cross the network in clear, and with `auth_tcp = "none"`
//! nobody is even asked who they are.
//!
//! ## Where
//! In effect: the TCP sockets that the daemon's process holds, port 16509 (`/proc/net/tcp` and `/proc/PID/fd`).
//! Configured: `listen_tcp` of `/etc/libvirt/libvirtd.conf` or `virtproxyd.conf`. Where systemd listens for the daemon,
//! that key is ignored, and the unit `libvirtd-tcp.socket` or `virtproxyd-tcp.socket` decides.
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
    evidence::{Daemon, Evidence, Listener},
    fact::Missing,
    finding::Disposition,
};

use crate::ask;

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

/// libvirt's port for plain TCP (`LIBVIRTD_TCP_PORT`, libvirt src/remote/remote_driver.h).
const PORT: u16 = 16_509;

fn judge(evidence: &Evidence, daemon: &Daemon, reading: Reading) -> Judged {
    if !daemon.is_remote() {
        return Ok(Verdict::NotApplicable("this daemon listens on UNIX sockets alone"));
    }
    if reading == Reading::Configured {
        return ask::flag(&daemon.conf, "listen_tcp", 0, 0);
    }
    let Some(process) = daemon.process(evidence) else { return Ok(Verdict::NotApplicable("the daemon does not run")) };
    let listeners = evidence.listeners.required()?;
    let (plain, tls) = (port(daemon, "tcp_port", PORT)?, port(daemon, "tls_port", 16_514)?);
    let held = |listener: &Listener| listener.pids.contains(&process.pid);
    // systemd may hold the port for the daemon, and who holds it may be hidden from us.
    let stranger = |listener: &Listener| listener.pids.iter().any(|pid| *pid != 1 && *pid != process.pid);
    let is_plain = |listener: &&Listener| {
        (listener.port == plain && !stranger(listener)) || (held(listener) && listener.port != tls)
    };
    let tcp = listeners.iter().filter(|listener| listener.protocol.starts_with("tcp"));
    let cite = |listener: &Listener| {
        let seen = format!("{} listens on {}:{}", daemon.name, listener.address, listener.port);
        Cite::whole(&format!("proc/net/{}", listener.protocol).into(), seen)
    };
    let wrong = tcp.filter(is_plain).map(cite).collect();
    Ok(Verdict::unless(wrong, vec![Cite::whole(&process.key("fd").into(), "it holds no plain TCP socket")]))
}

fn port(daemon: &Daemon, name: &str, default: u16) -> Result<u16, Missing> {
    let setting = ask::setting(&daemon.conf, name)?;
    Ok(setting.text().and_then(|text| text.parse().ok()).unwrap_or(default))
}

fn remedy(_: &Evidence, daemon: &Daemon) -> Result<Vec<Change>, Missing> {
    if !daemon.is_remote() {
        return Ok(vec![]);
    }
    let Verdict::Fail(_) = ask::flag(&daemon.conf, "listen_tcp", 0, 0)? else { return Ok(vec![]) };
    let changes = ask::set(&daemon.conf, "listen_tcp", &Value::Int(0), Disposition::DaemonRestart)?;
    Ok(changes.into_iter().map(|change| change.may_lock_out(Lockout::Libvirt)).collect())
}
