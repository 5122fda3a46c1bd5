//! Modes of a daemon's UNIX sockets: as they are, and as they will be.

use model::{
    control::Cite,
    evidence::{Daemon, Evidence},
    fact::Missing,
};

use crate::{ask, systemd_units};

/// The mode of the socket that is there; `purpose` is `rw`, `ro` or `admin`.
///
/// # Errors
/// [`Missing`] where its inode could not be read.
pub(crate) fn now(daemon: &Daemon, purpose: &str) -> Result<Option<(u32, Cite)>, Missing> {
    let Some(socket) = daemon.sockets.iter().find(|socket| socket.purpose == purpose) else {
        return Ok(None);
    };
    let Some(stat) = socket.stat.known()? else { return Ok(None) };
    let mode = stat.permissions();
    let seen = format!("mode {mode:04o}, owner {}:{}", stat.uid, stat.gid);
    Ok(Some((mode, Cite::whole(&socket.key, seen))))
}

/// The unit that listens for it.
pub(crate) fn unit_name(daemon: &Daemon, purpose: &str) -> String {
    let middle = if purpose == "admin" { "-admin" } else { "" };
    format!("{}{middle}.socket", daemon.name)
}

/// The mode it will have after the next start; `asked` where `auth_unix_rw` asks who is there.
///
/// # Errors
/// [`Missing`] where a unit or the configuration could not be read.
pub(crate) fn next(
    evidence: &Evidence,
    daemon: &Daemon,
    purpose: &str,
    asked: bool,
) -> Result<(u32, Cite), Missing> {
    let name = unit_name(daemon, purpose);
    if let Some(unit) = systemd_units::unit(evidence, &name)? {
        let key = unit.key().cloned().unwrap_or_else(|| daemon.conf_key.clone());
        let strange = || Missing { key: key.clone(), why: "its SocketMode is no octal number".into() };
        let (mode, placed) = unit.socket_mode().ok_or_else(strange)?;
        let cite = match placed {
            Some(placed) => Cite::bytes(placed.key, placed.span, format!("SocketMode={}", placed.value)),
            None => Cite::whole(&key, "SocketMode is not set; the default is 0666"),
        };
        return Ok((mode, cite));
    }
    let (name, default) = match purpose {
        "admin" => ("unix_sock_admin_perms", "0700"),
        _ if asked => ("unix_sock_rw_perms", "0777"),
        _ => ("unix_sock_rw_perms", "0700"),
    };
    let setting = ask::setting(&daemon.conf, name)?;
    let strange =
        || Missing { key: daemon.conf_key.clone(), why: format!("{name} is no octal number").into() };
    let mode = u32::from_str_radix(setting.text().unwrap_or(default), 8).map_err(|_| strange())?;
    Ok((mode, setting.cite(default)))
}
