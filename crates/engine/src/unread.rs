//! What could not be read or understood, so that nothing is passed over in silence.

use std::collections::BTreeSet;

use model::{
    evidence::Evidence,
    fact::Fact,
    finding::Unread,
    recording::{Body, Outcome},
};

pub(crate) fn list(evidence: &Evidence) -> Vec<Unread> {
    let mut found = BTreeSet::new();
    let mut add = |what: String, why: String| {
        found.insert(Unread { what, why });
    };
    for (key, entry) in &evidence.recording.entries {
        if let Body::Unreadable(why) = &entry.body {
            add(format!("/{key}"), why.clone());
        }
    }
    for (name, outcome) in &evidence.recording.probes {
        match outcome {
            Outcome::Done => {}
            Outcome::TimedOut(limit) => add(format!("probe {name}"), format!("it did not answer within {limit} ms")),
            Outcome::Failed(why) => add(format!("probe {name}"), why.clone()),
        }
    }
    for vm in &evidence.vms {
        for fact in [&vm.configured, &vm.live] {
            if let Fact::Unreadable(key, why) = fact {
                add(format!("/{key}"), located(evidence, key, why));
            }
        }
    }
    let confs = evidence.daemons.iter().map(|daemon| &daemon.conf).chain([&evidence.qemu_conf]);
    for conf in confs {
        if let Fact::Known(file, key) = conf
            && let Some(malformed) = file.refused()
        {
            let why = located(evidence, key, &malformed.to_string());
            add(format!("/{key}"), format!("libvirt refuses the whole file: {why}"));
        }
    }
    found.into_iter().collect()
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
