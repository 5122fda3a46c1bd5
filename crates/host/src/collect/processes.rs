//! Listening sockets and who holds them, libvirt's daemons, and each QEMU as it really is (`/proc/PID`, of `maps` what
//! executes deleted files).

use std::collections::BTreeSet;

use formats::kernel::socket::{self, Protocol};

use model::recording::Body;

use super::{daemons, kernel, mask};
use crate::{recorder::Recorder, run::Probe};

/// Tables of sockets.
const TABLES: [&str; 4] = ["proc/net/tcp", "proc/net/tcp6", "proc/net/udp", "proc/net/udp6"];

/// Most threads of one process whose status is read.
const THREADS: usize = 256;

/// Helpers that run beside QEMU with a guest's data in reach.
const HELPERS: [&str; 8] = [
    "virtiofsd",
    "swtpm",
    "passt",
    "slirp-helper",
    "qemu-pr-helper",
    "qemu-nbd",
    "qemu-storage-da",
    "dnsmasq",
];

/// Leads to one probe for each daemon, emulator and helper that runs.
pub(super) fn find(recorder: &mut Recorder) -> Vec<Probe> {
    let mut sockets = BTreeSet::new();
    for table in TABLES {
        let protocol = if table.contains("tcp") { Protocol::Tcp } else { Protocol::Udp };
        let kept = recorder.masked(table, |bytes| *bytes = socket::only_waiting(protocol, bytes));
        let waiting = kept.and_then(|kept| socket::inet(kept).ok()).unwrap_or_default();
        sockets.extend(waiting.iter().map(|socket| socket.inode));
    }
    let names = recorder.source.names("proc").unwrap_or_else(|error| {
        let entry = recorder.refused("proc", &error);
        recorder.keep("proc", entry);
        vec![]
    });
    let pids = names.iter().filter_map(|name| name.parse::<u32>().ok());
    let mut probes = vec![];
    for pid in pids {
        let comm = named(recorder, pid);
        if daemons::DAEMONS.contains(&comm.as_str()) || HELPERS.contains(&comm.as_str()) {
            probes.push(Probe::new(format!("process/{pid}"), move |recorder: &mut Recorder| {
                process(recorder, pid)
            }));
        } else if is_emulator(recorder, pid, &comm) {
            probes.push(Probe::new(format!("emulator/{pid}"), move |recorder: &mut Recorder| {
                emulator(recorder, pid)
            }));
        }
        holders(recorder, pid, &sockets);
    }
    probes
}

/// The kernel's name of a process. One that can't be read, though the process is there (`hidepid=1`), is written down: it
/// may be a daemon or an emulator.
fn named(recorder: &mut Recorder, pid: u32) -> String {
    let key = format!("proc/{pid}/comm");
    let bytes = match recorder.source.read(&key, 64) {
        Ok(content) => content.bytes,
        Err(error) => {
            let entry = recorder.refused(&key, &error);
            if let Body::Unreadable(_) = entry.body {
                recorder.keep(&key, entry);
            }
            vec![]
        }
    };
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

/// True for a process that [`find`] takes for an emulator.
pub(super) fn is_known(recorder: &mut Recorder, pid: u32) -> bool {
    let comm = named(recorder, pid);
    is_emulator(recorder, pid, &comm)
}

/// libvirt may rename the process (`set_process_name`), so the binary decides; to read it for every process is cheap.
fn is_emulator(recorder: &Recorder, pid: u32, comm: &str) -> bool {
    let named = |name: &str| name.starts_with("qemu-system") || name.starts_with("qemu-kvm");
    let exe = || recorder.source.link(&format!("proc/{pid}/exe")).unwrap_or_default();
    named(comm) || exe().rsplit('/').next().is_some_and(named)
}

/// Writes down which descriptors of a process are listening sockets, and who the process is.
fn holders(recorder: &mut Recorder, pid: u32, sockets: &BTreeSet<u64>) {
    if sockets.is_empty() {
        return;
    }
    let directory = format!("proc/{pid}/fd");
    let mut holds = false;
    for descriptor in recorder.source.names(&directory).unwrap_or_default() {
        let key = format!("{directory}/{descriptor}");
        let Ok(target) = recorder.source.link(&key) else { continue };
        let inode = target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')?.parse().ok());
        if inode.is_some_and(|inode| sockets.contains(&inode)) {
            recorder.link(&key);
            holds = true;
        }
    }
    if holds {
        recorder.file(&format!("proc/{pid}/comm"));
        recorder.file(&format!("proc/{pid}/status"));
        recorder.link(&format!("proc/{pid}/exe"));
    }
}

/// A daemon or helper.
fn process(recorder: &mut Recorder, pid: u32) {
    let key = |name: &str| format!("proc/{pid}/{name}");
    for name in ["comm", "status", "stat", "attr/current"] {
        recorder.file(&key(name));
    }
    recorder.masked(&key("cmdline"), mask::arguments);
    recorder.link(&key("exe"));
    for namespace in ["mnt", "net", "pid", "user"] {
        recorder.link(&key(&format!("ns/{namespace}")));
    }
}

/// An emulator: all of the above, its threads, limits, cgroups, open files, and code that is no longer on disk.
pub(super) fn emulator(recorder: &mut Recorder, pid: u32) {
    process(recorder, pid);
    let key = |name: &str| format!("proc/{pid}/{name}");
    for name in ["cgroup", "personality", "coredump_filter", "limits", "attr/apparmor/current"] {
        recorder.file(&key(name));
    }
    // Of the mappings those alone that execute what is no longer there.
    recorder.masked(&key("maps"), |bytes| {
        kernel::keep_lines(bytes, |line| {
            line.trim_end().ends_with(" (deleted)")
                && line.split(' ').nth(1).is_some_and(|mode| mode.contains('x'))
        });
    });
    for thread in recorder.names(&key("task")).into_iter().take(THREADS) {
        recorder.file(&key(&format!("task/{thread}/status")));
    }
    for descriptor in recorder.names(&key("fd")) {
        recorder.link(&key(&format!("fd/{descriptor}")));
    }
    // The namespaces of PID 1, to compare with.
    for namespace in ["mnt", "net", "pid"] {
        recorder.link(&format!("proc/1/ns/{namespace}"));
    }
}
