//! No libvirt address kept on this host gives up on checking the other side.
//!
//! ## Why
//! With `no_verify=1` the client takes any host for the one it wants, and sends it passwords, keys and whole VMs; `+tcp`
//! sends them in clear. Such an address is written once, for a test, and copied for years.
//!
//! ## Where
//! `uri_default` and `uri_aliases` of `/etc/libvirt/libvirt.conf`: no `no_verify=1`, no `no_sanity=1`, no transport `tcp`.
//!
//! ## Fix
//! Take the parameter out of the address, and give the client the CA's certificate or the host's key instead; use
//! `qemu+tls://` or `qemu+ssh://`.
//!
//! ## Undo
//! Put the former line back.
//!
//! ```fails
//! -- etc/libvirt/libvirt.conf --
//! uri_aliases = [ "b=qemu+ssh://root@kvm2.example.net/system?no_verify=1", "c=qemu:///system" ]
//! ```
//! ```fails
//! -- etc/libvirt/libvirt.conf --
//! uri_default = "qemu+tcp://kvm2.example.net/system"
//! ```
//! ```passes
//! -- etc/libvirt/libvirt.conf --
//! uri_default = "qemu+tls://kvm2.example.net/system?no_verify=0"
//! ```
use formats::conf::libvirt::File;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "take no_verify, no_sanity and +tcp out of the address; use qemu+tls:// or qemu+ssh://",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt addresses verify the other side",
        pt: "Os endereços do libvirt verificam o outro lado",
        id: "Alamat libvirt memverifikasi pihak lain",
    },
    why: "The client takes any host for the one it wants, and sends it passwords and VMs.",
    references: &[
        "libvirt docs/uri.rst, no_verify, no_sanity",
        "libvirt src/libvirt.conf, uri_aliases, uri_default",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let file = evidence.bytes("etc/libvirt/libvirt.conf").map(File::parse);
    if !evidence.has_libvirt() && file.known()?.is_none() {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let (mut wrong, mut right) = (vec![], vec![]);
    for name in ["uri_default", "uri_aliases"] {
        let setting = ask::setting(&file, name)?;
        let addresses = setting.list().unwrap_or_default();
        let bad: Vec<&str> = addresses.into_iter().filter(|address| is_unsafe(address)).collect();
        for address in &bad {
            let span = setting.assignment.map(|assignment| assignment.span());
            wrong.push(Cite {
                key: file.key().clone(),
                span,
                seen: format!("{name}: {}", shown(address)).into(),
            });
        }
        if bad.is_empty() {
            right.push(setting.cite("none"));
        }
    }
    Ok(Verdict::unless(wrong, right))
}

/// Without what stands before `@`, which may be a password.
fn shown(address: &str) -> String {
    match (address.find("://"), address.find('@')) {
        (Some(start), Some(at)) if start < at => {
            let (scheme, rest) = (address.get(..start + 3), address.get(at..));
            format!("{}…{}", scheme.unwrap_or_default(), rest.unwrap_or_default())
        }
        _ => address.to_owned(),
    }
}

/// An alias is `name=uri`.
fn is_unsafe(address: &str) -> bool {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let parameters = rest.split_once('?').map_or("", |(_, parameters)| parameters);
    let off = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        matches!(name, "no_verify" | "no_sanity") && value != "0"
    };
    scheme.ends_with("+tcp") || parameters.split(['&', ';', '#']).any(off)
}
