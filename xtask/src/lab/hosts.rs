//! `xtask lab hosts`: recordings of the lab, kept in the repository, so that what only it has is judged without it.
use super::{progress, ready};
use crate::{target, tools};
use anyhow::{Context, Result, bail};
use host::store;
use lab::{Mac, Release, Request};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// 2027-01-01T00:00:00Z: the clock of the recordings. It has to be later than the lab was built, or what is in it was changed
/// after its daemons started.
const CLOCK: u32 = 1_798_761_600;

/// Writes one for each security module.
pub fn write() -> Result<()> {
    let say = progress();
    let binary = target::release("baluarte")?;
    for mac in [Mac::Selinux, Mac::Apparmor] {
        let script = "./baluarte collect -o /run/lab/out/recording.zst";
        let request = Request { clock: Some(CLOCK.into()), ..Request::script(script).on(mac).with(&binary) };
        let outcome = ready(Release::Bookworm, &request)?.run(&request)?;
        let Some(bytes) = outcome.made.get("recording.zst").filter(|_| outcome.code == 0) else {
            bail!("collect failed on {}: {}", mac.name(), outcome.stderr.trim());
        };
        let name = format!("hosts/lab-{}.zst", mac.name());
        let path = tools::root().join(&name);
        fs::write(&path, bytes).context("hosts")?;
        let mut recording = store::load(&path)?;
        recording.collected_at = CLOCK.into();
        store::save(&path, &recording)?;
        // A recording of a real host is for its owner's eyes; this one is of no host.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        say(&format!("{name}: {} entries", recording.entries.len()));
    }
    Ok(())
}
