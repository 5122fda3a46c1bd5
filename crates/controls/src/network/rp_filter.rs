//! The host drops packets with an impossible source, and lets nobody else change its routes.
//!
//! ## Why
//! Without reverse path filtering a guest sends packets in the name of the host or of a network behind another interface, and
//! the host routes them. Redirects and source routes let any neighbour choose the host's way, through itself.
//!
//! ## Where
//! `net.ipv4.conf.all`: `rp_filter` 1 or 2 (or, where it is 0, `conf.default.rp_filter`, which every new interface takes),
//! `accept_redirects`, `send_redirects` and `accept_source_route` 0, `log_martians` 1; as they are now, in `/proc/sys`.
//!
//! ## Fix
//! Set them now and in `/etc/sysctl.d/60-baluarte.conf`. With routes that differ by direction use `rp_filter = 2`.
//!
//! ## Undo
//! Remove the lines and set the values to what they were.
//!
//! ```fails
//! -- proc/sys/net/ipv4/conf/all/rp_filter --
//! 0
//! ```
//! ```fails
//! -- proc/sys/net/ipv4/conf/all/send_redirects --
//! 1
//! -- proc/sys/net/ipv4/conf/all/accept_source_route --
//! 1
//! ```
//! ```passes
//! -- proc/sys/net/ipv4/conf/all/rp_filter --
//! 0
//! -- proc/sys/net/ipv4/conf/default/rp_filter --
//! 2
//! ```
use model::{
    change::{Action, Change},
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
    fact::Missing,
    finding::Disposition,
};

use crate::sysctl;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Effective,
    scope: Scope::Host(Rule { judge, fix: Fix::Remedy(remedy) }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Impossible sources and foreign routes are refused",
        pt: "Origens impossíveis e rotas alheias são recusadas",
        id: "Sumber mustahil dan rute asing ditolak",
    },
    why: "A guest sends in another's name, and a neighbour leads the host's traffic through itself.",
    references: &[
        "Linux Documentation/networking/ip-sysctl.rst, conf/interface/*",
        "RFC 3704 (ingress filtering)",
        "sysctl.d(5)",
    ],
};

/// Each switch, and what it must be.
const WANTED: [(&str, &str); 5] = [
    ("rp_filter", "1"),
    ("accept_redirects", "0"),
    ("send_redirects", "0"),
    ("accept_source_route", "0"),
    ("log_martians", "1"),
];

/// The switches that are wrong, what was seen of these, and of the others.
type Look = (Vec<&'static str>, Vec<Cite>, Vec<Cite>);

fn look(evidence: &Evidence) -> Result<Look, Missing> {
    let (mut faults, mut wrong, mut right) = (vec![], vec![], vec![]);
    for (name, wanted) in WANTED {
        let value = evidence.text(&format!("proc/sys/net/ipv4/conf/all/{name}"));
        let said = *value.required()?;
        let fresh = evidence.text("proc/sys/net/ipv4/conf/default/rp_filter");
        let fine = match name {
            "rp_filter" => said != "0" || fresh.ok().is_some_and(|fresh| *fresh != "0"),
            _ => said == wanted,
        };
        let cite = Cite::whole(value.key(), format!("net.ipv4.conf.all.{name} = {said}"));
        if fine {
            right.push(cite);
        } else {
            faults.push(name);
            wrong.push(cite);
        }
    }
    Ok((faults, wrong, right))
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let (_, wrong, right) = look(evidence)?;
    Ok(Verdict::unless(wrong, right))
}

fn remedy(evidence: &Evidence, (): &()) -> Result<Vec<Change>, Missing> {
    let (faults, ..) = look(evidence)?;
    let wanted: Vec<(String, &str)> = WANTED
        .iter()
        .filter(|(name, _)| faults.contains(name))
        .map(|(name, value)| (format!("net.ipv4.conf.all.{name}"), *value))
        .collect();
    let pairs: Vec<(&str, &str)> = wanted.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let mut changes = sysctl::persist(evidence, &pairs)?;
    changes.extend(wanted.into_iter().map(|(name, value)| {
        Change::new(Action::Sysctl { name, value: value.to_owned(), namespace: None }, Disposition::Live)
    }));
    Ok(changes)
}
