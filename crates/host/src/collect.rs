//! What is looked at, and how it becomes a recording. One file per area; each says its source paths.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use model::{
    digest,
    evidence::Parsed,
    recording::{Privilege, Recording, SCHEMA, Vantage},
};

use crate::{
    recorder::Recorder,
    run::{self, Gathered, Probe},
    source::Source,
};

mod access;
mod audit;
mod binaries;
mod daemons;
mod devices;
mod domains;
mod images;
mod kernel;
mod libvirt;
mod mask;
mod network;
mod pki;
mod processes;

/// How a collection is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// What to record as the writer.
    pub tool: String,
    /// How long each probe may take.
    pub deadline: Duration,
    /// How many probes run at once.
    pub workers: usize,
}

impl Default for Options {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(8);
        Self {
            tool: concat!("baluarte ", env!("CARGO_PKG_VERSION")).into(),
            deadline: Duration::from_secs(10),
            workers,
        }
    }
}

/// Reads a machine. `progress` hears how many probes are done, of how many.
#[must_use]
pub fn collect(source: &Arc<dyn Source>, options: &Options, progress: impl FnMut(usize, usize)) -> Recording {
    parsed(source, options, progress).0
}

/// Reads a machine, and gives the domains that had to be parsed on the way, for `Evidence::with`.
#[must_use]
pub fn parsed(
    source: &Arc<dyn Source>,
    options: &Options,
    progress: impl FnMut(usize, usize),
) -> (Recording, Parsed) {
    let domains = Arc::new(Mutex::new(Parsed::default()));
    let gathered = run::run(source, probes(&domains), options.workers, options.deadline, progress);
    let domains = std::mem::take(&mut *domains.lock().unwrap_or_else(PoisonError::into_inner));
    (recording(source, options, gathered), domains)
}

fn recording(source: &Arc<dyn Source>, options: &Options, gathered: Gathered) -> Recording {
    let text =
        |key: &str| source.read(key, 4096).ok().and_then(|content| String::from_utf8(content.bytes).ok());
    let line = |key: &str| text(key).map(|text| text.trim().to_owned()).unwrap_or_default();
    // systemd's machine-id(5) asks that the id itself stay on the machine; a keyed digest of it is as stable.
    let machine = line("etc/machine-id");
    let boot_id = line("proc/sys/kernel/random/boot_id");
    let host_name = Some(line("proc/sys/kernel/hostname")).filter(|name| !name.is_empty());
    let name = |word: &str| digest::keyed(machine.as_bytes(), [word.as_bytes()]);
    let live = source.vantage() == Vantage::Live;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Recording {
        schema: SCHEMA,
        tool: options.tool.clone(),
        host_id: name("baluarte host id").get(..32).unwrap_or_default().to_owned(),
        host_name: host_name.unwrap_or_else(|| line("etc/hostname")),
        boot_id: if live { boot_id } else { String::new() },
        collected_at: i64::try_from(now.as_secs()).unwrap_or(i64::MAX),
        privilege: if rustix::process::geteuid().is_root() { Privilege::Root } else { Privilege::User },
        vantage: source.vantage(),
        digest_key: name("baluarte basis digest"),
        probes: gathered.outcomes,
        entries: gathered.entries,
    }
}

/// What to look at first; domains and processes lead to more.
fn probes(parsed: &Arc<Mutex<Parsed>>) -> Vec<Probe> {
    let parsed = Arc::clone(parsed);
    vec![
        Probe::new("kernel", kernel::facts),
        Probe::new("kernel/configuration", kernel::configuration),
        Probe::new("kernel/swap", kernel::swap),
        Probe::new("iommu", devices::groups),
        Probe::new("network", network::links),
        Probe::new("network/rules", network::rules),
        Probe::leading("network/namespaces", network::namespaces),
        Probe::new("libvirt/configuration", libvirt::configuration),
        Probe::new("libvirt/objects", libvirt::objects),
        Probe::new("libvirt/apparmor", libvirt::profiles),
        Probe::new("mapped images", libvirt::mapped),
        Probe::new("libvirt/units", daemons::units),
        Probe::new("libvirt/sockets", daemons::sockets),
        Probe::leading("processes", processes::find),
        Probe::leading("domains", move |recorder: &mut Recorder| domains::find(recorder, &parsed)),
        Probe::new("access", access::accounts),
        Probe::new("access/sshd", access::sshd),
        Probe::new("pki", pki::certificates),
        Probe::new("audit", audit::trail),
        Probe::new("binaries", binaries::installed),
        Probe::new("baluarte", access::policy),
    ]
}
