//! After the next boot too, bridged frames do not pass through iptables, ip6tables or arptables.
//!
//! ## Why
//! The three `bridge-nf-call` switches exist only once `br_netfilter` is loaded, and the kernel then starts each of them
//! on. A value written by hand is gone after a reboot; one in sysctl.d is applied early at boot, finds no switch if
//! the module comes later, with Docker or a firewall, and is lost without a word.
//!
//! ## Where
//! The three keys in sysctl.d(5) and `/etc/sysctl.conf`, last file wins: each must be set to 0. And one of: `br_netfilter` in
//! modules-load.d(5) or `/etc/modules`, which are read before the sysctls; a rule in `/etc/udev/rules.d` that applies
//! sysctls when the module comes; an `install br_netfilter` line in modprobe.d(5); a kernel with it built in. Not
//! applicable where the module is neither loaded now nor at boot.
//!
//! ## Fix
//! Write the three keys to `/etc/sysctl.d/60-baluarte.conf`, and `br_netfilter` to
//! `/etc/modules-load.d/60-baluarte.conf`, so that the switches are there when they are set.
//!
//! ## Undo
//! Remove the lines and the file.
//!
//! ## Guides
//! Guide 2 writes the keys to `/etc/sysctl.conf` and says nothing of the module: on most hosts they are lost at boot.
//!
//! ```fails
//! -- etc/modules-load.d/br_netfilter.conf --
//! # br_netfilter
//! ```
//! ```fails
//! -- etc/sysctl.d/60-baluarte.conf --
//! net.bridge.bridge-nf-call-iptables = 0
//! net.bridge.bridge-nf-call-ip6tables = 1
//! ```
//! ```fails
//! -- etc/sysctl.d/99-late.conf --
//! net.bridge.bridge-nf-call-arptables = 1
//! ```
//! ```passes
//! -- etc/modules-load.d/br_netfilter.conf absent --
//! -- etc/udev/rules.d/99-bridge.rules --
//! ACTION=="add", SUBSYSTEM=="module", KERNEL=="br_netfilter", RUN+="/usr/lib/systemd/systemd-sysctl --prefix=/net/bridge"
//! ```
//! ```n/a
//! -- etc/modules-load.d/br_netfilter.conf absent --
//! -- proc/sys/net/bridge/bridge-nf-call-iptables absent --
//! ```
use model::{
    change::Change,
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::{Fact, Missing},
};

use crate::{bridge_netfilter::readable, sysctl};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Bridged frames bypass iptables after a reboot too",
        pt: "Quadros em ponte não passam pelo iptables nem após reiniciar",
        id: "Frame pada bridge tidak melewati iptables, juga setelah reboot",
    },
    why: "The switches are back at 1 after the next boot, and nobody is told.",
    references: &[
        "guide 2, Rede virtual: sysctl.conf",
        "sysctl.d(5), example 3; modules-load.d(5)",
        "Linux net/bridge/br_netfilter_hooks.c, brnf_init_net",
    ],
};

const NAMES: [&str; 3] = [
    "net.bridge.bridge-nf-call-iptables",
    "net.bridge.bridge-nf-call-ip6tables",
    "net.bridge.bridge-nf-call-arptables",
];
const MODULE: &str = "br_netfilter";
const LOAD: &str = "etc/modules-load.d/60-baluarte.conf";

/// The line of a file in a directory that `wanted` picks.
fn line(evidence: &Evidence, directory: &str, wanted: fn(&str) -> bool) -> Result<Option<Cite>, Missing> {
    let names = evidence.names(directory);
    for name in names.known()?.copied().unwrap_or_default() {
        let file = evidence.text(&format!("{directory}/{name}"));
        let text = file.known()?.copied().unwrap_or_default();
        if let Some(line) = text.lines().map(str::trim).find(|line| wanted(line)) {
            return Ok(Some(Cite::whole(file.key(), line.to_owned())));
        }
    }
    Ok(None)
}

/// What sees to it that the switches are there when they are set.
fn in_time(evidence: &Evidence) -> Result<Option<Cite>, Missing> {
    for directory in ["etc/modules-load.d", "usr/lib/modules-load.d"] {
        if let Some(cite) = line(evidence, directory, |line| line == MODULE)? {
            return Ok(Some(cite));
        }
    }
    let modules = evidence.text("etc/modules");
    if modules
        .known()?
        .is_some_and(|text| text.lines().any(|line| line.split_whitespace().next() == Some(MODULE)))
    {
        return Ok(Some(Cite::whole(modules.key(), MODULE)));
    }
    let loaded = evidence.text("proc/modules");
    let there = evidence.text("proc/sys/net/bridge/bridge-nf-call-iptables");
    if loaded
        .ok()
        .zip(there.ok())
        .is_some_and(|(text, _)| !text.lines().any(|line| line.starts_with("br_netfilter ")))
    {
        return Ok(Some(Cite::whole(loaded.key(), "br_netfilter is built in")));
    }
    let by_rule =
        |line: &str| !line.starts_with('#') && line.contains("br_netfilter") && line.contains("sysctl");
    if let Some(cite) = line(evidence, "etc/udev/rules.d", by_rule)? {
        return Ok(Some(cite));
    }
    line(evidence, "etc/modprobe.d", |line| line.starts_with("install br_netfilter "))
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let in_time = in_time(evidence)?;
    let switch = evidence.text("proc/sys/net/bridge/bridge-nf-call-iptables");
    if matches!(switch, Fact::Absent(_)) && in_time.is_none() {
        return Ok(Verdict::NotApplicable("br_netfilter is loaded neither now nor at boot"));
    }
    readable(evidence)?;
    let (mut wrong, mut right) = (vec![], vec![]);
    for name in NAMES {
        match sysctl::configured(evidence, name) {
            Some((value, cite)) if value == "0" => right.push(cite),
            Some((_, cite)) => wrong.push(cite),
            None => wrong.push(Cite::whole(&"etc/sysctl.d".into(), format!("{name} is set in no file"))),
        }
    }
    match in_time {
        Some(cite) => right.push(cite),
        None => {
            let seen = "nothing loads br_netfilter before the sysctls are applied";
            wrong.push(Cite::whole(&"etc/modules-load.d".into(), seen));
        }
    }
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let Verdict::Fail(_) = judge(evidence, &(), Reading::Configured)? else { return Ok(vec![]) };
    let mut changes = sysctl::persist(evidence, &NAMES.map(|name| (name, "0")))?;
    if in_time(evidence)?.is_none() {
        changes.extend(sysctl::append(evidence, LOAD, &format!("{MODULE}\n"))?);
    }
    Ok(changes)
}
