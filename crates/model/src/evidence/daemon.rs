//! libvirt's daemons: libvirtd and the modular ones, each with its configuration, process and sockets.

use std::collections::BTreeMap;

use formats::conf;

use super::{Evidence, Listener, Process, Reader};
use crate::{
    fact::{Fact, Key},
    recording::Stat,
    subject::{Kind, Subject},
};

/// Daemons a client can reach, with the names of their sockets below `/run/libvirt` (libvirt
/// `src/remote/remote_sockets.c`, `docs/daemons.rst`).
const DAEMONS: [(&str, &str); 9] = [
    ("libvirtd", "libvirt"),
    ("virtqemud", "virtqemud"),
    ("virtproxyd", "libvirt"),
    ("virtnetworkd", "virtnetworkd"),
    ("virtnwfilterd", "virtnwfilterd"),
    ("virtsecretd", "virtsecretd"),
    ("virtstoraged", "virtstoraged"),
    ("virtnodedevd", "virtnodedevd"),
    ("virtinterfaced", "virtinterfaced"),
];

/// A UNIX socket of a daemon.
#[derive(Debug)]
pub struct UnixSocket {
    /// `rw`, `ro` or `admin`.
    pub purpose: &'static str,
    /// Recording key.
    pub key: Key,
    /// Its inode; absent where the daemon doesn't run and no systemd listens for it.
    pub stat: Fact<Stat>,
}

/// A daemon that runs or is installed.
#[derive(Debug)]
pub struct Daemon {
    /// `libvirtd`, `virtqemud` …
    pub name: &'static str,
    /// Recording key of its configuration file.
    pub conf_key: Key,
    /// Its configuration.
    pub conf: Fact<conf::libvirt::File>,
    /// Its pid, where it runs.
    pub pid: Option<u32>,
    /// Its UNIX sockets.
    pub sockets: Vec<UnixSocket>,
    /// Its unit files and drop-ins, by key, weakest first.
    pub units: Vec<(Key, conf::unit::File)>,
}

impl Daemon {
    /// Its process, where it runs.
    #[must_use]
    pub fn process<'a>(&self, evidence: &'a Evidence) -> Option<&'a Process> {
        evidence.processes.get(&self.pid?)
    }

    /// The TCP sockets it listens on.
    #[must_use]
    pub fn listeners<'a>(&self, evidence: &'a Evidence) -> Vec<&'a Listener> {
        let held = |listener: &&Listener| self.pid.is_some_and(|pid| listener.pids.contains(&pid));
        evidence
            .listeners
            .ok()
            .into_iter()
            .flatten()
            .filter(|listener| listener.protocol.starts_with("tcp"))
            .filter(held)
            .collect()
    }

    /// True where it accepts connections over TCP or TLS if told to: libvirtd itself, or the proxy of the modular ones.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self.name, "libvirtd" | "virtproxyd")
    }

    /// The daemon as a subject.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject { kind: Kind::Daemon, name: self.name.to_owned(), id: self.name.to_owned(), vms: vec![] }
    }
}

pub(super) fn derive(reader: &Reader, processes: &BTreeMap<u32, Process>) -> Vec<Daemon> {
    let mut found = vec![];
    for (name, socket) in DAEMONS {
        let process = processes.values().find(|process| process.comm.ok().is_some_and(|comm| comm == name));
        let installed = reader.stat(&format!("usr/sbin/{name}")).ok().is_some();
        if process.is_none() && !installed {
            continue;
        }
        let named = process.and_then(|process| process.argument(&["--config", "-f"]));
        let conf_key = named.map_or_else(
            || format!("etc/libvirt/{name}.conf"),
            |path| path.trim_start_matches('/').to_owned(),
        );
        found.push(Daemon {
            name,
            conf: reader.bytes(&conf_key).map(conf::libvirt::File::parse),
            conf_key: conf_key.as_str().into(),
            pid: process.map(|process| process.pid),
            sockets: sockets(reader, socket),
            units: units(reader, name),
        });
    }
    // The modular proxy and libvirtd share sockets: where one runs, the other is merely installed.
    let runs: Vec<&str> =
        found.iter().filter(|daemon| daemon.pid.is_some()).map(|daemon| daemon.name).collect();
    let modular = runs.iter().any(|name| *name != "libvirtd");
    let monolithic = runs.contains(&"libvirtd");
    found.retain(|daemon| {
        daemon.pid.is_some() || !(if daemon.name == "libvirtd" { modular && !monolithic } else { monolithic })
    });
    found
}

fn sockets(reader: &Reader, name: &str) -> Vec<UnixSocket> {
    let socket = |(purpose, ending): (&'static str, &str)| {
        let middle = if purpose == "admin" { "-admin-sock" } else { ending };
        let key = format!("run/libvirt/{name}{middle}");
        UnixSocket { purpose, stat: reader.stat(&key).map(Clone::clone), key: key.as_str().into() }
    };
    [("rw", "-sock"), ("ro", "-sock-ro"), ("admin", "")].map(socket).into()
}

fn units(reader: &Reader, name: &str) -> Vec<(Key, conf::unit::File)> {
    let mut found = vec![];
    for directory in
        ["lib/systemd/system", "usr/lib/systemd/system", "run/systemd/system", "etc/systemd/system"]
    {
        for key in reader.below(directory, "") {
            let base = key.rsplit('/').next().unwrap_or_default();
            let ours =
                base.strip_prefix(name).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('-'));
            if !ours {
                continue;
            }
            let keys = if base.ends_with(".d") { reader.below(&key, ".conf") } else { vec![key] };
            for key in keys {
                if let Some(bytes) = reader.bytes(&key).ok() {
                    found.push((key.as_str().into(), conf::unit::File::parse(bytes)));
                }
            }
        }
    }
    found
}
