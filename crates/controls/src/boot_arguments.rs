//! The kernel's arguments as they are configured for the next boot.

use std::fmt::Write as _;

use formats::{Span, kernel::cmdline::CommandLine};
use model::{
    evidence::Evidence,
    fact::{Key, Missing},
};

/// A command line, the key of the file it stands in, and where.
pub(crate) type Placed = (Key, Span, CommandLine);

/// Every command line that a kernel may be booted with: boot loader entries (the Boot Loader Specification, which
/// Fedora's and RHEL's GRUB reads too), else kernel-install's `/etc/kernel/cmdline`, else GRUB's defaults.
///
/// # Errors
/// [`Missing`] where a file could not be read.
pub(crate) fn configured(evidence: &Evidence) -> Result<Vec<Placed>, Missing> {
    let mut found = entries(evidence)?;
    if found.is_empty() {
        let cmdline = evidence.bytes("etc/kernel/cmdline");
        if let Some(bytes) = cmdline.known()? {
            found.push(placed(cmdline.key(), Span::new(0, bytes.len()), &String::from_utf8_lossy(bytes))?);
        }
    }
    if found.is_empty() {
        found.extend(grub(evidence)?);
    }
    Ok(found)
}

fn placed(key: &Key, span: Span, text: &str) -> Result<Placed, Missing> {
    let refused = |error: formats::Malformed| Missing { key: key.clone(), why: error.to_string().into() };
    Ok((key.clone(), span, CommandLine::parse(text.as_bytes()).map_err(refused)?))
}

/// The `options` lines of boot loader entries. One that takes GRUB's `$kernelopts` says nothing itself.
fn entries(evidence: &Evidence) -> Result<Vec<Placed>, Missing> {
    const DIRECTORY: &str = "boot/loader/entries";
    let names = evidence.names(DIRECTORY);
    let mut found = vec![];
    for name in names.known()?.copied().unwrap_or_default().iter().filter(|name| name.ends_with(".conf")) {
        let file = evidence.text(&format!("{DIRECTORY}/{name}"));
        let Some(text) = file.known()? else { continue };
        for (at, line) in lines(text) {
            let Some(options) = line.strip_prefix("options").filter(|rest| rest.starts_with([' ', '\t']))
            else {
                continue;
            };
            if !options.contains('$') {
                found.push(placed(file.key(), Span::new(at, at + line.len()), options)?);
            }
        }
    }
    Ok(found)
}

/// GRUB's defaults: the last assignment of each variable counts, and a later one may contain the earlier.
fn grub(evidence: &Evidence) -> Result<Option<Placed>, Missing> {
    let mut keys = vec!["etc/default/grub".to_owned()];
    let names = evidence.names("etc/default/grub.d");
    let drop_ins = names.known()?.copied().unwrap_or_default().iter().filter(|name| name.ends_with(".cfg"));
    keys.extend(drop_ins.map(|name| format!("etc/default/grub.d/{name}")));
    let (mut all, mut default, mut place) = (String::new(), String::new(), None);
    for key in &keys {
        let file = evidence.text(key);
        let Some(text) = file.known()? else { continue };
        for (at, line) in lines(text) {
            let (variable, value) = match line.trim_start().split_once('=') {
                Some(("GRUB_CMDLINE_LINUX", value)) => (&mut all, value),
                Some(("GRUB_CMDLINE_LINUX_DEFAULT", value)) => (&mut default, value),
                _ => continue,
            };
            let mut value = value.trim().trim_matches(['"', '\'']).to_owned();
            for name in [
                "$GRUB_CMDLINE_LINUX_DEFAULT",
                "${GRUB_CMDLINE_LINUX_DEFAULT}",
                "$GRUB_CMDLINE_LINUX",
                "${GRUB_CMDLINE_LINUX}",
            ] {
                value = value.replace(name, variable);
            }
            *variable = value;
            place = Some((Key::from(file.key().clone()), Span::new(at, at + line.len())));
        }
    }
    let Some((key, span)) = place else { return Ok(None) };
    let mut both = all;
    let _ = write!(both, " {default}");
    placed(&key, span, &both).map(Some)
}

/// Lines with their offsets.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n').scan(0, |next, line| {
        let at = *next;
        *next += line.len() + 1;
        Some((at, line))
    })
}
