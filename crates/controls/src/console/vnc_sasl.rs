//! Where VNC asks for names and passwords by SASL, it does so by a mechanism that can't be listened in on.
//!
//! ## Why
//! SASL is only as good as the mechanism that client and server agree on, and without a list that is every one
//! installed. PLAIN and LOGIN send the password, DIGEST-MD5 an answer that is tried out offline, ANONYMOUS asks nobody.
//!
//! ## Where
//! `vnc_sasl` of `/etc/libvirt/qemu.conf` (default 0), and `mech_list` of QEMU's own SASL file, `/etc/sasl2/qemu.conf`
//! (not `libvirt.conf`). SCRAM passes where VNC speaks TLS; GSSAPI passes. Not applicable where `vnc_sasl` is off.
//!
//! ## Fix
//! Write `mech_list: gssapi`, or with TLS `mech_list: scram-sha-256`, into `/etc/sasl2/qemu.conf`, make the users' passwords
//! anew (`saslpasswd2 -a qemu`), and restart the VMs.
//!
//! ## Undo
//! Put the former line back and restart the VMs.
//!
//! ```fails
//! -- etc/sasl2/qemu.conf --
//! mech_list: digest-md5
//! ```
//! ```fails
//! -- etc/sasl2/qemu.conf --
//! sasldb_path: /etc/qemu/passwd.db
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_sasl = 1
//! -- etc/sasl2/qemu.conf --
//! mech_list: scram-sha-256
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_sasl = 1
//! vnc_tls = 1
//! -- etc/sasl2/qemu.conf --
//! mech_list: scram-sha-256 gssapi
//! ```
//! ```n/a
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_sasl = 0
//! ```
use formats::access::sasl::File;
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::{ask, vnc};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "write `mech_list: gssapi`, or with vnc_tls `mech_list: scram-sha-256`, into /etc/sasl2/qemu.conf",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "VNC's SASL mechanism is strong",
        pt: "O mecanismo SASL do VNC é forte",
        id: "Mekanisme SASL VNC kuat",
    },
    why: "Who listens in has the password, or what it takes to find it.",
    references: &[
        "libvirt src/qemu/qemu.conf.in, vnc_sasl",
        "libvirt docs/auth.rst, Username/password auth",
        "QEMU docs/system/vnc-security.rst, With SASL authentication",
    ],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let setting = ask::setting(&evidence.qemu_conf, "vnc_sasl")?;
    if setting.int(0) != Some(1) {
        return Ok(Verdict::NotApplicable("VNC does not use SASL"));
    }
    let (tls, _) = vnc::tls(evidence)?;
    let file = evidence.bytes("etc/sasl2/qemu.conf").map(File::parse);
    let key = file.key();
    let Some(mechanisms) = file.known()?.and_then(File::mechanisms) else {
        let seen = "no mech_list: every mechanism that is installed";
        return Ok(Verdict::Fail(vec![Cite::whole(key, seen)]));
    };
    let (mut wrong, mut right) = (vec![], vec![]);
    for mechanism in &mechanisms {
        let name = mechanism.value.as_str();
        let strong = name == "gssapi" || name == "gs2-krb5" || name == "external";
        let scram = matches!(name, "scram-sha-256" | "scram-sha-384" | "scram-sha-512");
        if strong || (scram && tls) {
            right.push(Cite::bytes(key, mechanism.span, format!("mechanism {name}")));
        } else if scram {
            wrong.push(Cite::bytes(key, mechanism.span, format!("mechanism {name} without TLS")));
        } else {
            wrong.push(Cite::bytes(key, mechanism.span, format!("mechanism {name} is weak")));
        }
    }
    Ok(Verdict::unless(wrong, right))
}
