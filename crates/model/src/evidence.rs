//! Evidence: typed facts derived from a recording by the code that judges, so that tomorrow's control can judge
//! yesterday's recording. Pure: the recording's time is the only clock.

use std::collections::{BTreeMap, HashMap};

use formats::conf;

use crate::{
    exception::{Exception, Exceptions},
    fact::{Fact, Key},
    policy::Policy,
    profile::Profile,
    proof::Proof,
    recording::{Body, Entry, Outcome, Recording, Stat},
    subject::{Kind, Subject},
};

mod access;
mod daemon;
mod device;
mod disk;
mod filter;
mod image;
mod interface;
mod mcs;
mod network;
mod pool;
mod process;
mod ruleset;
mod vm;

pub use access::{Access, Accounts};
pub use daemon::{Daemon, UnixSocket};
pub use device::Device;
pub use disk::{Disk, local_path};
pub use filter::{Filtering, Named, Protection};
pub use image::{Image, opened};
pub use interface::Interface;
pub use mcs::{Categories, pair as mcs_pair};
pub use network::{Listener, Namespace};
pub use pool::Pool;
pub use process::Process;
pub use ruleset::{Chain, Ruleset, Set, Step};
pub use vm::{Parsed, View, Vm};

/// Everything known of a host.
#[derive(Debug)]
pub struct Evidence {
    /// What was read: the source of every place.
    pub recording: Recording,
    /// `/etc/libvirt/qemu.conf`.
    pub qemu_conf: Fact<conf::libvirt::File>,
    /// Network namespaces: the host's own first.
    pub namespaces: Vec<Namespace>,
    /// libvirt's networks, filters and filter bindings.
    pub filtering: Filtering,
    /// Processes that were looked at, by pid.
    pub processes: BTreeMap<u32, Process>,
    /// Listening TCP and UDP sockets of the host's own network namespace.
    pub listeners: Fact<Vec<Listener>>,
    /// libvirt's daemons, installed or running.
    pub daemons: Vec<Daemon>,
    /// VMs of type kvm or qemu, defined or running, by name.
    pub vms: Vec<Vm>,
    vm_of: HashMap<String, usize>,
    image_of: HashMap<String, usize>,
    /// Their disks.
    pub disks: Vec<Disk>,
    /// Their network interfaces.
    pub interfaces: Vec<Interface>,
    /// Images their disks name, by path.
    pub images: Vec<Image>,
    /// SELinux categories of running VMs.
    pub categories: Categories,
    /// Mounts of the host, `/proc/1/mountinfo`.
    pub mounts: Fact<Vec<formats::kernel::mount::Mount>>,
    /// Storage pools.
    pub pools: Vec<Pool>,
    /// Host devices given to them.
    pub devices: Vec<Device>,
    /// Accounts, polkit rules, sshd.
    pub access: Access,
    /// `AUDIT_GET`.
    pub audit_status: Fact<formats::netlink::audit::Status>,
    /// `AUDIT_LIST_RULES`, in order.
    pub audit_rules: Fact<Vec<formats::netlink::audit::Rule>>,
    /// The kernel's active security modules, separated by commas: `/sys/kernel/security/lsm` (Linux `security/inode.c`,
    /// since 4.11).
    pub security_modules: Fact<String>,
    /// The kernel's command line.
    pub cmdline: Fact<formats::kernel::cmdline::CommandLine>,
    /// Merged sysctl.d configuration.
    pub sysctl: Vec<(Key, conf::sysctl::File)>,
    /// `/etc/baluarte/profile.toml`.
    pub profile: Fact<Profile>,
    /// `/etc/baluarte/policy.toml`.
    pub policy: Fact<Policy>,
    /// `/etc/baluarte/exceptions.toml`.
    pub exceptions: Fact<Vec<Exception>>,
    /// What drills showed: `/var/lib/baluarte/proofs.json`.
    pub proofs: Fact<Vec<Proof>>,
}

impl Evidence {
    /// Derives everything from a recording.
    #[must_use]
    pub fn of(recording: Recording) -> Self {
        Self::with(recording, Parsed::default())
    }

    /// The same, for a collector that had to parse the domains anyway, from the very bytes it recorded: parsing is what
    /// judging ten thousand VMs costs, and it is not done twice.
    #[must_use]
    pub fn with(recording: Recording, mut parsed: Parsed) -> Self {
        let reader = Reader { recording: &recording };
        let processes = process::derive(&reader);
        let listeners = network::listeners(&reader, &processes);
        let vms = vm::derive(&reader, &mut parsed);
        let (disks, images) = disk::derive(&reader, &vms);
        Self {
            qemu_conf: reader.bytes("etc/libvirt/qemu.conf").map(conf::libvirt::File::parse),
            namespaces: network::namespaces(&reader),
            filtering: filter::derive(&reader),
            daemons: daemon::derive(&reader, &processes),
            interfaces: interface::derive(&vms),
            categories: mcs::derive(&reader, &vms),
            mounts: reader.bytes("proc/1/mountinfo").and_then(formats::kernel::mount::mountinfo),
            pools: pool::derive(&reader),
            devices: device::derive(&reader, &vms),
            access: access::derive(&reader),
            audit_status: reader.line("netlink/audit-status"),
            audit_rules: reader.lines("netlink/audit-rules"),
            security_modules: reader.text("sys/kernel/security/lsm").map(str::to_owned),
            cmdline: reader.bytes("proc/cmdline").and_then(formats::kernel::cmdline::CommandLine::parse),
            sysctl: sysctl(&reader),
            profile: toml_file(&reader, "etc/baluarte/profile.toml"),
            policy: toml_file(&reader, "etc/baluarte/policy.toml"),
            exceptions: toml_file::<Exceptions>(&reader, "etc/baluarte/exceptions.toml")
                .map(|file| file.exception),
            proofs: reader.line("var/lib/baluarte/proofs.json"),
            vm_of: vms.iter().enumerate().map(|(index, vm)| (vm.uuid.clone(), index)).collect(),
            image_of: images.iter().enumerate().map(|(index, image)| (image.path.clone(), index)).collect(),
            processes,
            listeners,
            vms,
            disks,
            images,
            recording,
        }
    }

    /// What was read under a key, as text without the white space around it.
    #[must_use]
    pub fn text(&self, key: &str) -> Fact<&str> {
        Reader { recording: &self.recording }.text(key)
    }

    /// The bytes that were read under a key.
    #[must_use]
    pub fn bytes(&self, key: &str) -> Fact<&[u8]> {
        Reader { recording: &self.recording }.bytes(key)
    }

    /// The names in a directory.
    #[must_use]
    pub fn names(&self, key: &str) -> Fact<&[String]> {
        Reader { recording: &self.recording }.names(key)
    }

    /// The target of a symbolic link.
    #[must_use]
    pub fn link(&self, key: &str) -> Fact<&str> {
        Reader { recording: &self.recording }.link(key)
    }

    /// The inode under a key.
    #[must_use]
    pub fn stat(&self, key: &str) -> Fact<&Stat> {
        Reader { recording: &self.recording }.stat(key)
    }

    /// The assignment of a sysctl that counts after the next boot, with the key of its file.
    #[must_use]
    pub fn configured_sysctl(&self, name: &str) -> Option<(&Key, conf::sysctl::Assignment)> {
        let paths: Vec<String> = self.sysctl.iter().map(|(key, _)| format!("/{key}")).collect();
        let files: Vec<_> =
            self.sysctl.iter().zip(&paths).map(|((_, file), path)| (path.as_str(), file)).collect();
        let (index, assignment) = conf::sysctl::effective(&files, name)?;
        Some((&self.sysctl.get(index)?.0, assignment))
    }

    /// The VM with this UUID.
    #[must_use]
    pub fn vm(&self, uuid: &str) -> Option<&Vm> {
        self.vms.get(*self.vm_of.get(uuid)?)
    }

    /// The image that a disk names by this path.
    #[must_use]
    pub fn image(&self, path: &str) -> Option<&Image> {
        self.images.get(*self.image_of.get(path)?)
    }

    /// The host as a subject.
    #[must_use]
    pub fn host(&self) -> Subject {
        let recording = &self.recording;
        Subject {
            kind: Kind::Host,
            name: recording.host_name.clone(),
            id: recording.host_id.clone(),
            vms: vec![],
        }
    }

    /// True where any VM runs or is defined.
    #[must_use]
    pub fn has_vms(&self) -> bool {
        !self.vms.is_empty()
    }

    /// True where libvirt is configured or running here.
    #[must_use]
    pub fn has_libvirt(&self) -> bool {
        !self.daemons.is_empty() || self.qemu_conf.ok().is_some()
    }
}

/// Looks things up in a recording and says why where it can't.
pub(crate) struct Reader<'a> {
    pub(crate) recording: &'a Recording,
}

impl<'a> Reader<'a> {
    fn entry(&self, key: &str) -> Fact<&'a Entry> {
        let name: Key = key.into();
        let Some(entry) = self.recording.entries.get(key) else {
            return if self.recording.lacks(key) {
                Fact::Absent(name)
            } else {
                Fact::NotCollected(name, self.nobody_looked().into())
            };
        };
        match &entry.body {
            Body::Absent => Fact::Absent(name),
            Body::NotCollected(why) => Fact::NotCollected(name, why.as_str().into()),
            _ => Fact::Known(entry, name),
        }
    }

    /// Why a key is not in the recording: a probe that did not end is the likely reason.
    fn nobody_looked(&self) -> String {
        let lost = self.recording.probes.iter().find_map(|(name, outcome)| match outcome {
            Outcome::Done => None,
            Outcome::TimedOut(limit) => {
                Some(format!("not collected; probe {name} did not answer within {limit} ms"))
            }
            Outcome::Failed(why) => Some(format!("not collected; probe {name} failed: {why}")),
        });
        lost.unwrap_or_else(|| "not collected".to_owned())
    }

    fn body<T: ?Sized>(
        &self,
        key: &str,
        want: impl FnOnce(&'a Body) -> Option<&'a T>,
        kind: &str,
    ) -> Fact<&'a T> {
        self.entry(key).and_then(|entry| match &entry.body {
            Body::Unreadable(why) => Err(why.clone()),
            body => want(body).ok_or_else(|| format!("it is not {kind}")),
        })
    }

    pub(crate) fn bytes(&self, key: &str) -> Fact<&'a [u8]> {
        self.body(key, Body::bytes, "a file")
    }

    pub(crate) fn text(&self, key: &str) -> Fact<&'a str> {
        self.body(key, |body| std::str::from_utf8(body.bytes()?).ok(), "text").map(str::trim)
    }

    pub(crate) fn names(&self, key: &str) -> Fact<&'a [String]> {
        let names = |body: &'a Body| match body {
            Body::Names(names) => Some(names.as_slice()),
            _ => None,
        };
        self.body(key, names, "a directory")
    }

    pub(crate) fn link(&self, key: &str) -> Fact<&'a str> {
        let target = |body: &'a Body| match body {
            Body::Link(target) => Some(target.as_str()),
            _ => None,
        };
        self.body(key, target, "a symbolic link")
    }

    pub(crate) fn stat(&self, key: &str) -> Fact<&'a Stat> {
        self.entry(key).and_then(|entry| match (&entry.stat, &entry.body) {
            (Some(stat), _) => Ok(stat),
            (None, Body::Unreadable(why)) => Err(why.clone()),
            (None, _) => Err("its inode was not read".to_owned()),
        })
    }

    /// One JSON object.
    fn line<T: serde::de::DeserializeOwned>(&self, key: &str) -> Fact<T> {
        self.text(key).and_then(serde_json::from_str)
    }

    /// JSON lines.
    pub(crate) fn lines<T: serde::de::DeserializeOwned>(&self, key: &str) -> Fact<Vec<T>> {
        let read = |bytes| formats::netlink::lines::read::<T>(bytes);
        self.bytes(key).and_then(read).map(|lines| lines.into_iter().map(|line| line.value).collect())
    }

    /// Keys directly below a directory that was listed, with the given ending.
    pub(crate) fn below(&self, directory: &str, ending: &str) -> Vec<String> {
        let names = self.names(directory).ok().copied().unwrap_or_default().iter();
        names.filter(|name| name.ends_with(ending)).map(|name| format!("{directory}/{name}")).collect()
    }
}

/// One of Baluarte's own files, or the line and the reason why it is not one.
fn toml_file<T: serde::de::DeserializeOwned>(reader: &Reader, key: &str) -> Fact<T> {
    reader.bytes(key).and_then(|bytes| {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| formats::Position::of(bytes, span.start).line);
            line.map_or_else(
                || error.message().to_owned(),
                |line| format!("line {line}: {}", error.message()),
            )
        })
    })
}

fn sysctl(reader: &Reader) -> Vec<(Key, conf::sysctl::File)> {
    let directories = ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d"];
    let files = directories.iter().flat_map(|directory| reader.below(directory, ".conf"));
    let parsed =
        |key: String| Some((key.as_str().into(), conf::sysctl::File::parse(reader.bytes(&key).ok()?)));
    files.chain(["etc/sysctl.conf".to_owned()]).filter_map(parsed).collect()
}
