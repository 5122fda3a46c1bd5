//! Processes that were looked at: emulators, daemons, helpers, holders of listening sockets.

use std::collections::{BTreeMap, BTreeSet};

use formats::kernel::process::{self, Status};

use super::Reader;
use crate::fact::Fact;

/// A process.
#[derive(Debug)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// The kernel's name of it, 15 bytes at most.
    pub comm: Fact<String>,
    /// Its binary; ends in ` (deleted)` where the file has been replaced.
    pub exe: Fact<String>,
    /// Its arguments, secrets masked.
    pub arguments: Fact<Vec<String>>,
    /// `/proc/PID/status`.
    pub status: Fact<Status>,
    /// `/proc/PID/task/TID/status` of its threads, where they were looked at.
    pub threads: Vec<Fact<Status>>,
    /// The label of the active security module.
    pub label: Fact<String>,
    /// When it started, seconds since 1970 UTC.
    pub started: Fact<i64>,
    /// Inodes of the listening sockets it holds.
    pub sockets: BTreeSet<u64>,
}

impl Process {
    /// The recording key of one of its files.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        format!("proc/{}/{name}", self.pid)
    }

    /// The value of an argument `--name VALUE` or `--name=VALUE`; `names` are its spellings.
    #[must_use]
    pub fn argument(&self, names: &[&str]) -> Option<&str> {
        let arguments = self.arguments.ok()?;
        arguments.iter().enumerate().find_map(|(index, argument)| {
            let (name, value) = argument
                .split_once('=')
                .map_or((argument.as_str(), None), |(name, value)| (name, Some(value)));
            let next = || arguments.get(index + 1).map(String::as_str);
            names.contains(&name).then(|| value.or_else(next)).flatten()
        })
    }
}

/// Ticks per second of `/proc/PID/stat` (`USER_HZ`, 100 on every architecture libvirt runs KVM on).
const TICKS: u64 = 100;

pub(super) fn derive(reader: &Reader) -> BTreeMap<u32, Process> {
    let below = reader.recording.entries.range("proc/".to_owned().."proc0".to_owned());
    let pid = |key: &String| key.strip_prefix("proc/")?.split_once('/')?.0.parse::<u32>().ok();
    let pids: BTreeSet<u32> = below.filter_map(|(key, _)| pid(key)).collect();
    pids.into_iter()
        .filter(|pid| reader.bytes(&format!("proc/{pid}/comm")).ok().is_some())
        .map(|pid| (pid, look(reader, pid)))
        .collect()
}

fn look(reader: &Reader, pid: u32) -> Process {
    let key = |name: &str| format!("proc/{pid}/{name}");
    let status = |key: &str| reader.bytes(key).and_then(process::status);
    let tasks = reader.names(&key("task")).ok().copied().unwrap_or_default();
    let threads = tasks.iter().map(|task| status(&key(&format!("task/{task}/status"))));
    Process {
        pid,
        comm: reader.text(&key("comm")).map(str::to_owned),
        exe: reader.link(&key("exe")).map(str::to_owned),
        arguments: reader.bytes(&key("cmdline")).and_then(|bytes| {
            formats::kernel::argv::arguments(bytes)
                .map(|words| words.into_iter().map(|word| word.value).collect())
        }),
        status: status(&key("status")),
        // A thread that ended between listing and reading is no missing fact.
        threads: threads.filter(|thread| !matches!(thread, Fact::Absent(_))).collect(),
        label: reader.text(&key("attr/current")).map(|label| label.trim_end_matches('\0').trim().to_owned()),
        started: started(reader, pid),
        sockets: sockets(reader, pid),
    }
}

fn started(reader: &Reader, pid: u32) -> Fact<i64> {
    let boot = reader
        .text("proc/stat")
        .ok()
        .and_then(|text| text.strip_prefix("btime ")?.trim().parse::<i64>().ok());
    reader.bytes(&format!("proc/{pid}/stat")).and_then(|bytes| {
        let ticks = process::start_time(bytes).map_err(|error| error.to_string())?;
        let boot = boot.ok_or("the time of boot is not known")?;
        Ok::<_, String>(boot.saturating_add(i64::try_from(ticks / TICKS).unwrap_or(i64::MAX)))
    })
}

fn sockets(reader: &Reader, pid: u32) -> BTreeSet<u64> {
    let prefix = format!("proc/{pid}/fd/");
    let below =
        reader.recording.entries.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
    let inode = |key: &str| reader.link(key).ok()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok();
    below.filter_map(|(key, _)| inode(key)).collect()
}
