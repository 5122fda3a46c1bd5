//! Whether a libvirt daemon listens on the network: on plain TCP now, on TCP or TLS after its next start.

use model::{
    control::Cite,
    evidence::{Daemon, Evidence, Listener},
    fact::Missing,
};

use crate::{ask, systemd_units};

/// libvirt's port for plain TCP (`LIBVIRTD_TCP_PORT`, libvirt src/remote/remote_driver.h).
const PLAIN: u16 = 16_509;
/// libvirt's port for TLS (`LIBVIRTD_TLS_PORT`).
const TLS: u16 = 16_514;

/// The plain TCP sockets of a daemon; `None` where it does not run.
///
/// # Errors
/// [`Missing`] where the sockets or the configuration could not be read.
pub(crate) fn plain_listeners(evidence: &Evidence, daemon: &Daemon) -> Result<Option<Vec<Cite>>, Missing> {
    let Some(process) = daemon.process(evidence) else { return Ok(None) };
    let listeners = evidence.listeners.required()?;
    let (plain, tls) = (port(daemon, "tcp_port", PLAIN)?, port(daemon, "tls_port", TLS)?);
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
    Ok(Some(tcp.filter(is_plain).map(cite).collect()))
}

fn port(daemon: &Daemon, name: &str, default: u16) -> Result<u16, Missing> {
    let setting = ask::setting(&daemon.conf, name)?;
    Ok(setting.text().and_then(|text| text.parse().ok()).unwrap_or(default))
}

/// What makes the daemon listen on plain TCP after its next start: `listen_tcp`, or its enabled socket unit.
///
/// # Errors
/// [`Missing`] where the configuration or the units could not be read.
pub(crate) fn plain_configured(evidence: &Evidence, daemon: &Daemon) -> Result<Option<Cite>, Missing> {
    let setting = ask::setting(&daemon.conf, "listen_tcp")?;
    if setting.int(0) != Some(0) {
        return Ok(Some(setting.cite("0")));
    }
    let unit = format!("{}-tcp.socket", daemon.name);
    let enabled = systemd_units::is_enabled(evidence, &unit)?;
    let key = "etc/systemd/system/sockets.target.wants".into();
    Ok(enabled.then(|| Cite::whole(&key, format!("{unit} is enabled"))))
}

/// What makes the daemon listen on TLS after its next start: its enabled socket unit, or `listen_tls` (on by default for
/// libvirtd, which heeds it only with `--listen`).
///
/// # Errors
/// [`Missing`] where the configuration, the units or the arguments could not be read.
pub(crate) fn tls_configured(evidence: &Evidence, daemon: &Daemon) -> Result<Option<Cite>, Missing> {
    let unit = format!("{}-tls.socket", daemon.name);
    let setting = ask::setting(&daemon.conf, "listen_tls")?;
    if systemd_units::is_enabled(evidence, &unit)? {
        let key = "etc/systemd/system/sockets.target.wants".into();
        return Ok(Some(Cite::whole(&key, format!("{unit} is enabled"))));
    }
    let (default, word) = if daemon.name == "libvirtd" { (1, "1") } else { (0, "0") };
    if setting.int(default) == Some(0) || (daemon.name == "libvirtd" && !listens(evidence, daemon)?) {
        return Ok(None);
    }
    Ok(Some(setting.cite(word)))
}

/// Whether libvirtd is started with `--listen`: by its own arguments, or by what distributions' units read.
fn listens(evidence: &Evidence, daemon: &Daemon) -> Result<bool, Missing> {
    let is_listen = |word: &str| matches!(word.trim_matches(['"', '\'']), "-l" | "--listen");
    if let Some(process) = daemon.process(evidence)
        && process.arguments.required()?.iter().any(|argument| is_listen(argument))
    {
        return Ok(true);
    }
    for key in ["etc/default/libvirtd", "etc/sysconfig/libvirtd"] {
        let file = evidence.text(key);
        let lines = file.known()?.map(|text| text.lines()).into_iter().flatten();
        let arguments = lines.filter_map(|line| line.trim().strip_prefix("LIBVIRTD_ARGS="));
        if arguments.flat_map(str::split_whitespace).any(is_listen) {
            return Ok(true);
        }
    }
    Ok(false)
}
