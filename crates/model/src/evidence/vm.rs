//! VMs: inactive and live XML of one UUID, and the process.

use std::{collections::BTreeMap, sync::OnceLock};

use formats::libvirt::{
    TextOption as _,
    devices::{Prediction, predict},
    domain::{DomStatus, Domain},
};

use super::{Evidence, Process, Reader};
use crate::{
    control::Reading,
    fact::{Fact, Key, Missing},
    subject::{Kind, Subject},
};

/// A domain as one file tells it.
#[derive(Clone, Debug)]
pub struct View {
    /// The recording key of the file.
    pub key: Key,
    /// What it says.
    pub domain: Box<Domain>,
    predicted: OnceLock<Prediction>,
}

impl View {
    /// The devices that QEMU will get; worked out once, when somebody asks.
    #[must_use]
    pub fn predicted(&self) -> &Prediction {
        self.predicted.get_or_init(|| predict(&self.domain))
    }
}

/// A VM.
#[derive(Debug)]
pub struct Vm {
    /// Its UUID; for a file nobody could parse, its path.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// `/etc/libvirt/qemu/NAME.xml`; absent for a transient domain.
    pub configured: Fact<View>,
    /// `/run/libvirt/qemu/NAME.xml`; absent where it does not run.
    pub live: Fact<View>,
    /// The emulator's pid, where it runs.
    pub pid: Option<u32>,
}

impl Vm {
    /// The domain as a reading sees it; `None` where it has none (a transient domain, one that does not run).
    ///
    /// # Errors
    /// [`Missing`] where the file could not be read or parsed.
    pub fn view(&self, reading: Reading) -> Result<Option<&View>, Missing> {
        match reading {
            Reading::Effective => self.live.known(),
            Reading::Configured => self.configured.known(),
        }
    }

    /// Either view, the inactive one first.
    #[must_use]
    pub fn any_view(&self) -> Option<&View> {
        self.configured.ok().or(self.live.ok())
    }

    /// The emulator's process; `None` where the VM does not run.
    ///
    /// # Errors
    /// [`Missing`] where it runs and its process could not be looked at, or ended meanwhile.
    pub fn process<'a>(&self, evidence: &'a Evidence) -> Result<Option<&'a Process>, Missing> {
        if self.live.known()?.is_none() {
            return Ok(None);
        }
        let gone = |why: &str| Missing { key: self.live.key().clone(), why: why.into() };
        let pid = self.pid.ok_or_else(|| gone("the status file names no process"))?;
        let process = evidence.processes.get(&pid);
        process
            .map(Some)
            .ok_or_else(|| gone("its process was not there to be looked at: it ended during the check"))
    }

    /// The VM as a subject.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            kind: Kind::Vm,
            name: self.name.clone(),
            id: self.uuid.clone(),
            vms: vec![self.uuid.clone()],
        }
    }
}

/// Hypervisors other than QEMU (`virDomainVirtTypeToString`, libvirt `src/conf/domain_conf.c`).
const OTHERS: [&str; 14] = [
    "xen",
    "lxc",
    "uml",
    "openvz",
    "test",
    "vmware",
    "hyperv",
    "vbox",
    "phyp",
    "parallels",
    "bhyve",
    "vz",
    "none",
    "kqemu",
];

/// Everything but what is said to be another hypervisor's: a type nobody knows must not hide a VM.
fn ours(domain: &Domain) -> bool {
    !domain.kind.is_any(&OTHERS) || !domain.qemu_commandline.is_empty()
}

/// Domains that were parsed already, by the recording key of their bytes.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Inactive XML.
    pub domains: BTreeMap<String, Box<Domain>>,
    /// Status files.
    pub statuses: BTreeMap<String, Box<DomStatus>>,
}

pub(super) fn derive(reader: &Reader, parsed: &mut Parsed) -> Vec<Vm> {
    let mut vms: BTreeMap<String, Vm> = BTreeMap::new();
    let mut nameless = vec![];
    for key in reader.below("etc/libvirt/qemu", ".xml") {
        let domain = match parsed.domains.remove(&key) {
            Some(domain) => Fact::Known(domain, key.as_str().into()),
            None => reader.bytes(&key).and_then(Domain::parse).map(Box::new),
        };
        place(&mut vms, &mut nameless, File { view: view(domain, &key), live: false, pid: None, key });
    }
    for key in reader.below("run/libvirt/qemu", ".xml") {
        let status = match parsed.statuses.remove(&key) {
            Some(status) => Fact::Known(status, key.as_str().into()),
            None => reader.bytes(&key).and_then(DomStatus::parse).map(Box::new),
        };
        let pid = status.ok().and_then(|status| u32::try_from(status.pid.number()?).ok());
        let domain = status.and_then(|status| status.domain.map(Box::new).ok_or("it holds no <domain>"));
        place(&mut vms, &mut nameless, File { view: view(domain, &key), live: true, pid, key });
    }
    // libvirt names the file after the VM: what can't be read of a VM must not look as if it were not there.
    for file in nameless {
        let name = file.stem().to_owned();
        let known = vms.values().find(|vm| vm.name == name).map(|vm| vm.uuid.clone());
        let uuid = known.unwrap_or_else(|| format!("/{}", file.key));
        file.join(vms.entry(uuid.clone()).or_insert_with(|| empty(uuid, name)));
    }
    let mut vms: Vec<Vm> = vms.into_values().collect();
    vms.sort_by(|a, b| (&a.name, &a.uuid).cmp(&(&b.name, &b.uuid)));
    without_state(reader, &mut vms);
    vms
}

/// One file that tells of a VM.
struct File {
    key: String,
    view: Fact<View>,
    live: bool,
    pid: Option<u32>,
}

impl File {
    /// Its name without the ending.
    fn stem(&self) -> &str {
        self.key.rsplit('/').next().and_then(|name| name.strip_suffix(".xml")).unwrap_or(&self.key)
    }

    fn join(self, vm: &mut Vm) {
        let slot = if self.live { &mut vm.live } else { &mut vm.configured };
        // Which of two files libvirt takes is a matter of the directory's order: neither may speak for the other.
        if matches!(slot, Fact::Known(..) | Fact::Unreadable(..)) {
            let why =
                format!("/{} has the same UUID or name: nobody can tell which of the two counts", self.key);
            *slot = Fact::Unreadable(slot.key().clone(), why.into());
            return;
        }
        *slot = self.view;
        if self.live {
            vm.pid = self.pid;
        }
    }
}

/// Gives a file to its VM, by UUID; one that can't be parsed has to wait until the names are known.
fn place(vms: &mut BTreeMap<String, Vm>, nameless: &mut Vec<File>, file: File) {
    let Some(domain) = file.view.ok().map(|view| &view.domain) else { return nameless.push(file) };
    if !ours(domain) {
        return;
    }
    let name = domain.name.said().unwrap_or_else(|| file.stem()).to_owned();
    let uuid = domain.uuid.said().map_or_else(|| format!("/{}", file.key), str::to_owned);
    file.join(vms.entry(uuid.clone()).or_insert_with(|| empty(uuid, name)));
}

/// Where nobody could list `/run/libvirt/qemu`, nobody knows whether a VM runs. A tree has no running state to know of.
fn without_state(reader: &Reader, vms: &mut [Vm]) {
    let running = reader.names("run/libvirt/qemu");
    let unknown = match running.known() {
        Err(missing) if !crate::change::is_tree(reader.recording) => Some(missing),
        _ => None,
    };
    if let Some(missing) = unknown {
        for vm in vms.iter_mut().filter(|vm| matches!(vm.live, Fact::Absent(_))) {
            vm.live = Fact::Unreadable(missing.key.clone(), missing.why.clone());
        }
    }
}

fn empty(uuid: String, name: String) -> Vm {
    let configured = Fact::Absent(format!("etc/libvirt/qemu/{name}.xml").into());
    let live = Fact::Absent(format!("run/libvirt/qemu/{name}.xml").into());
    Vm { uuid, name, configured, live, pid: None }
}

fn view(domain: Fact<Box<Domain>>, key: &str) -> Fact<View> {
    domain.map(|domain| View { key: key.into(), domain, predicted: OnceLock::new() })
}
