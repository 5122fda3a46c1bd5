//! What could not be read or understood, so that nothing is passed over in silence.

use std::{collections::BTreeSet, fmt::Display};

use formats::{
    Malformed,
    conf::libvirt::{File, schema},
    image::chain::{End, MAX_LINKS, Problem, Why},
};
use model::{
    evidence::{Evidence, Image, Process},
    fact::Fact,
    finding::Unread,
    recording::{Body, Outcome},
};

pub(crate) fn list(evidence: &Evidence) -> Vec<Unread> {
    let mut found = Found { evidence, unread: BTreeSet::new() };
    found.not_read();
    found.vms();
    found.kernel();
    found.configuration();
    found.access();
    evidence.images.iter().for_each(|image| found.image(image));
    found.unread.into_iter().collect()
}

struct Found<'a> {
    evidence: &'a Evidence,
    unread: BTreeSet<Unread>,
}

impl Found<'_> {
    fn add(&mut self, what: String, why: String) {
        self.unread.insert(Unread { what, why });
    }

    /// A file that was read, and why it could not be understood.
    fn file(&mut self, key: &str, why: impl Display) {
        self.add(format!("/{key}"), located(self.evidence, key, &why.to_string()));
    }

    /// A fact that could not be read or understood. What nobody looked for is told by the probe that did not end.
    fn fact<T>(&mut self, fact: &Fact<T>) {
        if let Fact::Unreadable(key, why) = fact {
            self.file(key, why);
        }
    }

    fn not_read(&mut self) {
        for (key, entry) in &self.evidence.recording.entries {
            if let Body::Unreadable(why) = &entry.body {
                self.add(format!("/{key}"), why.clone());
            }
        }
        for (name, outcome) in &self.evidence.recording.probes {
            match outcome {
                Outcome::Done => {}
                Outcome::TimedOut(limit) => {
                    self.add(format!("probe {name}"), format!("it did not answer within {limit} ms"));
                }
                Outcome::Failed(why) => self.add(format!("probe {name}"), why.clone()),
            }
        }
    }

    fn vms(&mut self) {
        for vm in &self.evidence.vms {
            self.fact(&vm.configured);
            self.fact(&vm.live);
        }
    }

    fn kernel(&mut self) {
        let evidence = self.evidence;
        for namespace in &evidence.namespaces {
            self.fact(&namespace.links);
            self.fact(&namespace.rules);
        }
        self.fact(&evidence.audit_status);
        self.fact(&evidence.audit_rules);
        self.fact(&evidence.cmdline);
        self.fact(&evidence.listeners);
        evidence.processes.values().for_each(|process| self.process(process));
    }

    fn process(&mut self, process: &Process) {
        let Process { comm, exe, arguments, status, threads, label, .. } = process;
        for fact in [comm, exe, label] {
            self.fact(fact);
        }
        self.fact(arguments);
        for status in threads.iter().chain([status]) {
            self.fact(status);
        }
    }

    fn configuration(&mut self) {
        let evidence = self.evidence;
        self.fact(&evidence.profile);
        self.fact(&evidence.proofs);
        let daemons = evidence.daemons.iter().map(|daemon| &daemon.conf);
        for conf in daemons.chain([&evidence.qemu_conf]) {
            let Fact::Known(file, key) = conf else { continue };
            match file.refused() {
                Some(malformed) => {
                    let why = located(evidence, key, &malformed.to_string());
                    self.add(format!("/{key}"), format!("libvirt refuses the whole file: {why}"));
                }
                None => self.wrong_types(key, file),
            }
        }
    }

    /// Values that keep libvirt from starting the driver or daemon at all: nothing in the file is in force.
    fn wrong_types(&mut self, key: &str, file: &File) {
        let Some(schema) = key.rsplit('/').next().and_then(schema::of_file) else { return };
        for wrong in file.wrong_types(schema) {
            let at = Malformed::at(wrong.assignment.span().range().start, wrong.why);
            let why = located(self.evidence, key, &at.to_string());
            self.add(format!("/{key}"), format!("libvirt does not start with it: {}: {why}", wrong.key.name));
        }
    }

    fn access(&mut self) {
        let access = &self.evidence.access;
        if let Fact::Known(table, key) = &access.accounts.users {
            table.malformed.iter().for_each(|malformed| self.file(key, malformed));
        }
        if let Fact::Known(table, key) = &access.accounts.groups {
            table.malformed.iter().for_each(|malformed| self.file(key, malformed));
        }
        access.polkit.iter().for_each(|(_, rules)| self.fact(rules));
        if let Fact::Known(config, _) = &access.sshd {
            for (file, malformed) in &config.errors {
                let key = config.files.get(*file).map_or("etc/ssh/sshd_config", |(key, _)| key.as_str());
                self.file(key.trim_start_matches('/'), malformed);
            }
        }
    }

    /// Links of a chain behind which nobody could look. That the image itself is not there is known, and no such thing.
    fn image(&mut self, image: &Image) {
        let Fact::Known(chain, key) = &image.chain else { return self.fact(&image.chain) };
        if chain.end == End::TooMany {
            self.add(format!("/{key}"), format!("its chain has more than {MAX_LINKS} files"));
        }
        for link in &chain.links {
            let of = if link.overlay.is_some() {
                format!("its chain leads to {}: ", quote(&link.path))
            } else {
                String::new()
            };
            let absent = |problem: &Problem| of.is_empty() && *problem == Problem::NotOpened(Why::Missing);
            for problem in link.problems.iter().filter(|problem| problem.stops() && !absent(problem)) {
                self.add(format!("/{key}"), format!("{of}{problem}"));
            }
        }
    }
}

/// A name a guest may have written, in one line and not too long.
fn quote(name: &str) -> String {
    let shown: String = name.chars().take(120).flat_map(char::escape_debug).collect();
    if name.chars().count() > 120 { format!("{shown}…") } else { shown }
}

/// `byte 12: why` as `line 2, column 3: why`.
fn located(evidence: &Evidence, key: &str, why: &str) -> String {
    let offset = why.strip_prefix("byte ").and_then(|rest| rest.split_once(": "));
    let offset = offset.and_then(|(offset, why)| Some((offset.parse().ok()?, why)));
    match (offset, evidence.bytes(key).ok()) {
        (Some((offset, why)), Some(bytes)) => {
            let position = formats::Position::of(bytes, offset);
            format!("line {}, column {}: {why}", position.line, position.column)
        }
        _ => why.to_owned(),
    }
}
