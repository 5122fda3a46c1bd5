//! The user that QEMU runs as.

use model::{evidence::Evidence, fact::Missing};

use crate::ask;

/// Its ids: as `/etc/libvirt/qemu.conf` says, and as distributions name it.
///
/// # Errors
/// [`Missing`] where that file or `/etc/passwd` could not be read.
pub(crate) fn ids(evidence: &Evidence) -> Result<Vec<u32>, Missing> {
    let setting = ask::setting(&evidence.qemu_conf, "user")?;
    let named = setting.text().map(|name| name.trim_start_matches('+'));
    let users = evidence.access.accounts.users.required()?;
    let is_it = |name: &str| matches!(name, "libvirt-qemu" | "qemu") || Some(name) == named;
    let ids = users.entries.iter().filter(|user| is_it(&user.name.value)).map(|user| user.uid.value);
    Ok(ids.chain(named.and_then(|name| name.parse().ok())).collect())
}
