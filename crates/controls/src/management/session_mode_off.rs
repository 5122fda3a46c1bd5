//! No user's own libvirt daemon listens on the network.
//!
//! ## Why
//! Any account may run a libvirt daemon of its own. One that listens on TCP runs VMs behind everybody's back, with none of
//! the host's policy, filters or labels, for whoever reaches the port.
//!
//! ## Where
//! Processes named `libvirtd`, `virtqemud` or `virtproxyd` that do not run as root, and the TCP sockets that they hold.
//!
//! ## Fix
//! Stop it, and take `listen_tcp`, `listen_tls` and `--listen` out of its configuration in `~/.config/libvirt`.
//!
//! ## Undo
//! Start it again as it was.
//!
//! ```fails
//! -- proc/900/comm --
//! libvirtd
//! -- proc/900/status --
//! Name:	libvirtd
//! Uid:	1000	1000	1000	1000
//! Gid:	1000	1000	1000	1000
//! Groups:	1000
//! Threads:	1
//! CapInh:	0000000000000000
//! CapPrm:	0000000000000000
//! CapEff:	0000000000000000
//! CapBnd:	000001ffffffffff
//! CapAmb:	0000000000000000
//! NoNewPrivs:	0
//! Seccomp:	0
//! PPid:	1
//! -- proc/net/tcp --
//!   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//!    0: 00000000:407D 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 15009 1 0000000000000000 100 0 0 10 0
//! -- proc/900/fd/15 link=socket:[15009] --
//! ```
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Listener},
    fact::Missing,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice("stop the user's daemon and take its listening out of ~/.config/libvirt"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No user's own libvirt listens",
        pt: "Nenhum libvirt de usuário escuta na rede",
        id: "Tidak ada libvirt milik pengguna yang mendengarkan",
    },
    why: "It runs VMs for whoever reaches the port, with none of the host's policy.",
    references: &["libvirt docs/drvqemu.rst, Driver instances", "libvirt docs/uri.rst, qemu:///session"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let listeners = evidence.listeners.required()?;
    let (mut wrong, mut right) = (vec![], vec![]);
    // A process without a name might be one of them.
    let below = evidence.recording.entries.range("proc/".to_owned().."proc0".to_owned());
    for (key, _) in below.filter(|(key, _)| key.ends_with("/comm")) {
        evidence.bytes(key).known()?;
    }
    for process in evidence.processes.values() {
        let comm = process.comm.required()?;
        if !matches!(comm.as_str(), "libvirtd" | "virtqemud" | "virtproxyd") {
            continue;
        }
        let Some(status) = process.status.known()? else { continue };
        let key = process.status.key();
        let mine = |listener: &&Listener| {
            listener.protocol.starts_with("tcp") && listener.pids.contains(&process.pid)
        };
        let owner = status.uid.value.effective;
        // A socket whose holder is hidden from us may be this daemon's.
        let hidden = |listener: &&Listener| listener.protocol.starts_with("tcp") && listener.pids.is_empty();
        if owner != 0
            && !listeners.iter().any(|listener| mine(&listener))
            && let Some(listener) = listeners.iter().find(hidden)
        {
            let why = format!("nobody could see who listens on port {}", listener.port);
            return Err(Missing { key: evidence.listeners.key().clone(), why: why.into() });
        }
        match listeners.iter().find(mine).filter(|_| owner != 0) {
            Some(listener) => {
                let seen = format!("{comm} of uid {owner} listens on {}:{}", listener.address, listener.port);
                wrong.push(Cite::bytes(key, status.uid.span, seen));
            }
            None => right.push(Cite::bytes(key, status.uid.span, format!("{comm} runs as uid {owner}"))),
        }
    }
    if wrong.is_empty() && right.is_empty() {
        return Ok(Verdict::NotApplicable("no libvirt daemon runs"));
    }
    Ok(Verdict::unless(wrong, right))
}
