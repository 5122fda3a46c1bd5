//! Whether a libvirt daemon asks for SASL anywhere.

use model::{
    control::Cite,
    evidence::{Daemon, Evidence},
    fact::Missing,
};

use crate::{ask, libvirt_remote::plain_configured};

/// What makes the daemon ask for SASL: its UNIX sockets, TLS, or plain TCP (where SASL is the default).
///
/// # Errors
/// [`Missing`] where the configuration or the units could not be read.
pub(crate) fn used(evidence: &Evidence, daemon: &Daemon) -> Result<Option<Cite>, Missing> {
    let remote: &[&str] = if daemon.is_remote() { &["auth_tls"] } else { &[] };
    for key in ["auth_unix_rw", "auth_unix_ro"].iter().chain(remote) {
        let setting = ask::setting(&daemon.conf, key)?;
        if setting.text() == Some("sasl") {
            return Ok(Some(setting.cite("none")));
        }
    }
    let tcp = ask::setting(&daemon.conf, "auth_tcp")?;
    let asks = daemon.is_remote() && tcp.text().unwrap_or("sasl") == "sasl";
    if asks { plain_configured(evidence, daemon) } else { Ok(None) }
}
