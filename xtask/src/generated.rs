//! `xtask gen`: files made from the sources and kept in the repository, so that a reader needs no build.
use crate::tools;
use anyhow::{Context, Result, anyhow, bail};
use controls::{CONTROLS, TOPICS, page_of};
use host::store;
use model::recording::{Privilege, Recording};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use testkit::memory;

/// The recording of a neglected host, and the differences from the base host that it is made of.
const HOST: &str = "hosts/neglected.zst";
const DIFFERENCES: &str = "hosts/neglected.txtar";
/// The manual's list of controls.
const LIST: &str = "book/src/controls.md";

/// Writes them, or says which are stale.
pub fn run(args: &[&str]) -> Result<bool> {
    match args {
        [] => write(&tools::root())?,
        ["--check"] => {
            let stale = stale();
            for path in &stale {
                println!("{path}: stale; run `cargo xtask gen`");
            }
            return Ok(stale.is_empty());
        }
        _ => bail!("gen takes --check or nothing"),
    }
    Ok(true)
}

/// The paths, from the root, that differ from what would be generated now.
pub fn stale() -> Vec<String> {
    stale_below(&tools::root())
}

fn stale_below(root: &Path) -> Vec<String> {
    // By content: how well zstd packs may change with its version.
    let host = recording(root).ok().filter(|now| store::load(&root.join(HOST)).is_ok_and(|kept| kept == *now));
    let list = fs::read_to_string(root.join(LIST)).ok().filter(|kept| *kept == list());
    let stale = [(HOST, host.is_none()), (LIST, list.is_none())];
    stale.iter().filter(|(_, stale)| *stale).map(|(path, _)| (*path).to_owned()).collect()
}

fn write(root: &Path) -> Result<()> {
    let path = root.join(HOST);
    store::save(&path, &recording(root)?)?;
    // A recording of a real host is for its owner's eyes; this one is of no host.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).context(HOST)?;
    fs::write(root.join(LIST), list()).context(LIST)?;
    for path in [HOST, LIST] {
        println!("{path}: written");
    }
    Ok(())
}

/// What the collector reads of the neglected host, as root, at the tests' fixed time. Nothing of this machine is in it.
fn recording(root: &Path) -> Result<Recording> {
    let text = fs::read_to_string(root.join(DIFFERENCES)).context(DIFFERENCES)?;
    let wrong = |why: String| anyhow!("{DIFFERENCES}: {why}");
    let mut machine = memory::base().map_err(wrong)?;
    memory::lay_over(&mut machine, &text).map_err(wrong)?;
    Ok(Recording { privilege: Privilege::Root, ..memory::record(&machine) })
}

/// A table a topic.
fn list() -> String {
    let mut out = format!(
        "# Controls\n\nWritten by `cargo xtask gen` from the controls themselves: {} of them. \
         `baluarte explain ID` prints the page of one.\n",
        CONTROLS.len()
    );
    for topic in TOPICS {
        let mut rows: Vec<_> = CONTROLS.iter().filter(|entry| entry.topic == topic).collect();
        rows.sort_by_key(|entry| (std::cmp::Reverse(entry.control.severity), entry.id));
        // Writing to a String cannot fail.
        let _ = write!(out, "\n## {topic}\n\n| severity | id | title |\n|---|---|---|\n");
        for entry in rows {
            let title = page_of(entry.id).map_or("", |page| page.words.title.en);
            let title = title.replace('|', "\\|");
            let _ = writeln!(out, "| {} | `{}` | {title} |", entry.control.severity.word(), entry.id);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_current_and_what_is_changed_is_stale() {
        let root = tools::empty_dir("gen");
        for dir in ["hosts", "book/src"] {
            fs::create_dir_all(root.join(dir)).unwrap();
        }
        fs::write(root.join(DIFFERENCES), "-- etc/hostname --\na\n-- etc/ssh/sshd_config --\nPermitRootLogin yes\n").unwrap();
        assert_eq!(stale_below(&root), [HOST, LIST]);
        write(&root).unwrap();
        assert_eq!(stale_below(&root), [""; 0]);
        fs::write(root.join(DIFFERENCES), "-- etc/ssh/sshd_config --\nPermitRootLogin no\n").unwrap();
        assert_eq!(stale_below(&root), [HOST]);
        fs::write(root.join(LIST), "").unwrap();
        assert_eq!(stale_below(&root), [HOST, LIST]);
    }

    #[test]
    fn nothing_of_this_machine_is_in_the_recording() {
        let recording = recording(&tools::root()).unwrap();
        let own = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        let json = serde_json::to_string(&recording).unwrap();
        for path in ["/proc/sys/kernel/random/boot_id", "/etc/machine-id"] {
            let own = own(path);
            assert!(own.is_empty() || !json.contains(&own), "{path}");
        }
        assert_eq!((recording.host_name.as_str(), recording.collected_at), ("kvm7.example.net", memory::NOW));
        // And it is the same whenever it is made.
        assert_eq!(recording, super::recording(&tools::root()).unwrap());
    }
}
