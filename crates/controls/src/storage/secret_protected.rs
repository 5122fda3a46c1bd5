//! libvirt's secrets can't be read back, and are not kept on the disk in clear text.
//!
//! ## Why
//! A secret of libvirt opens an encrypted image, a Ceph pool, a TLS key. One that is not `private` is given to any
//! client that may write to libvirt; one that is not `ephemeral` lies on the host's disk in base64, beside the image it
//! encrypts.
//!
//! ## Where
//! `private` and `ephemeral` of every `/etc/libvirt/secrets/UUID.xml` (both `no` where unsaid); the modes of that
//! directory and of the files in it: nothing for group and others.
//!
//! ## Fix
//! Define it again with the same UUID, `<secret ephemeral='yes' private='yes'>`, and hand its value over at each boot
//! from a key manager or a TPM (`virsh secret-set-value`). A secret that has to be on the disk belongs on an encrypted
//! file system: grant an exception. `chmod 0700` the directory and `0600` the files.
//!
//! ## Undo
//! Define the secret again as it was, and set its value.
//!
//! ```fails
//! -- etc/libvirt/secrets/8d7a5c1e-0000-4000-8000-000000000001.xml mode=0600 --
//! <secret ephemeral='no' private='yes'><uuid>8d7a5c1e-0000-4000-8000-000000000001</uuid></secret>
//! ```
//! ```fails
//! -- etc/libvirt/secrets/8d7a5c1e-0000-4000-8000-000000000001.xml mode=0600 --
//! <secret ephemeral='yes'><uuid>8d7a5c1e-0000-4000-8000-000000000001</uuid></secret>
//! ```
//! ```fails
//! -- etc/libvirt/secrets/8d7a5c1e-0000-4000-8000-000000000001.base64 mode=0644 inode --
//! ```
//! ```passes
//! -- etc/libvirt/secrets/8d7a5c1e-0000-4000-8000-000000000001.xml mode=0600 --
//! <secret ephemeral='yes' private='yes'><uuid>8d7a5c1e-0000-4000-8000-000000000001</uuid></secret>
//! ```
use formats::libvirt::{TextOption as _, secret::Secret};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "Define the secrets again with ephemeral='yes' private='yes', and set their values from a key manager.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt's secrets stay secret",
        pt: "Os segredos do libvirt permanecem secretos",
        id: "Rahasia libvirt tetap rahasia",
    },
    why: "A secret on the disk in clear text opens the image that lies beside it.",
    references: &[
        "guide 2, Criptografia: libvirt",
        "libvirt docs/formatsecret.rst",
        "libvirt docs/kbase/secureusage.rst",
    ],
};

/// Where libvirt keeps what is not ephemeral.
const DIRECTORY: &str = "etc/libvirt/secrets";
/// Anything for group and others.
const TOO_MUCH: u32 = 0o077;

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let directory = evidence.names(DIRECTORY);
    let Some(names) = directory.known()? else {
        return Ok(Verdict::NotApplicable("libvirt keeps no secrets here"));
    };
    let (mut wrong, mut right) = (vec![], vec![]);
    for key in
        std::iter::once(DIRECTORY.to_owned()).chain(names.iter().map(|name| format!("{DIRECTORY}/{name}")))
    {
        let stat = evidence.stat(&key);
        let Some(found) = stat.known()? else { continue };
        let cite = Cite::whole(stat.key(), format!("mode {:04o}", found.permissions()));
        (if found.mode & TOO_MUCH == 0 { &mut right } else { &mut wrong }).push(cite);
        if key.ends_with(".xml") {
            let file = evidence.bytes(&key).and_then(Secret::parse);
            let secret = file.required()?;
            let cite = |seen: &'static str| Cite::bytes(file.key(), secret.at.open, seen);
            if secret.private.flag() != Some(true) {
                wrong.push(cite("not private: clients can read its value"));
            }
            if secret.ephemeral.flag() != Some(true) {
                wrong.push(cite("not ephemeral: its value is on the disk"));
            }
        }
    }
    right.truncate(1);
    Ok(Verdict::unless(wrong, right))
}
