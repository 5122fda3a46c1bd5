//! libvirt's configuration says what it was meant to say: no key is misspelt, doubled, or of the wrong type.
//!
//! ## Why
//! libvirt ignores a key it doesn't know without a word: `vnc_tsl = 1` leaves VNC in clear text, and nothing in any log
//! says so. Of two assignments of one key the first counts, so that a value appended by a script may change nothing. A
//! value of the wrong type stops the driver at its next start, and with it every VM's.
//!
//! ## Where
//! The daemon's own file (`/etc/libvirt/libvirtd.conf`, `virtqemud.conf` …), and for the daemon that runs QEMU
//! `/etc/libvirt/qemu.conf`, against the keys that libvirt 9.0 to 11.6 read. Keys that are no longer read
//! (`clear_emulator_capabilities`) count as unknown: who relies on them is deceived.
//!
//! ## Fix
//! Correct the key or take the line out; keep one of two lines. Nothing is changed for you: only you know what was meant.
//!
//! ## Undo
//! Put the former line back.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! vnc_tsl = 1
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! seccomp_sandbox = 0
//! seccomp_sandbox = 1
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tls = "0"
//! ```
//! ```fails
//! -- etc/libvirt/libvirtd.conf mode=0600 --
//! listen_tcp = 0
//! auth_tcp = "sasl
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! allow_disk_format_probing = 1
//! ```
//! ```passes
//! -- etc/libvirt/qemu.conf mode=0600 --
//! user = "libvirt-qemu"
//! user = "libvirt-qemu"
//! ```
//! ```passes
//! -- etc/libvirt/libvirtd.conf absent --
//! ```
use formats::conf::libvirt::{
    File,
    schema::{self, Schema},
};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Daemon, Evidence},
    fact::{Fact, Key, Missing},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Daemon(Rule {
        judge,
        fix: Fix::Advice("correct the key or value, or take the line out; of two assignments keep one"),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "libvirt's configuration has no ignored or broken lines",
        pt: "A configuração do libvirt não tem linhas ignoradas nem quebradas",
        id: "Konfigurasi libvirt tanpa baris yang diabaikan atau rusak",
    },
    why: "A misspelt key is ignored without a word: the wall that it should close stays open.",
    references: &[
        "libvirt src/util/virconf.c",
        "libvirt src/qemu/qemu_conf.c",
        "libvirt src/remote/remote_daemon_config.c",
    ],
};

/// Most findings of one kind that are shown of one file.
const SHOWN: usize = 20;

fn judge(evidence: &Evidence, daemon: &Daemon, _: Reading) -> Judged {
    let (mut wrong, mut right) = (vec![], vec![]);
    let own = schema::of_file(&format!("{}.conf", daemon.name));
    look(&daemon.conf, own, (&mut wrong, &mut right))?;
    if matches!(daemon.name, "libvirtd" | "virtqemud") {
        look(&evidence.qemu_conf, Some(schema::QEMU), (&mut wrong, &mut right))?;
    }
    Ok(Verdict::unless(wrong, right))
}

fn look(
    fact: &Fact<File>,
    schema: Option<Schema>,
    (wrong, right): (&mut Vec<Cite>, &mut Vec<Cite>),
) -> Result<(), Missing> {
    let key = fact.key();
    let Some(file) = fact.known()? else {
        right.push(Cite::whole(key, "the file is not there; every default applies"));
        return Ok(());
    };
    let Some(schema) = schema else { return Ok(()) };
    let before = wrong.len();
    if let Some(error) = file.refused() {
        let span = formats::Span::new(error.offset, error.offset + 1);
        wrong.push(Cite::bytes(key, span, format!("libvirt refuses the file: {}", error.why)));
    }
    wrong.extend(unknown(key, file, schema));
    for wrong_type in file.wrong_types(schema).iter().take(SHOWN) {
        let seen = format!("{} {}", wrong_type.key.name, wrong_type.why);
        wrong.push(Cite::bytes(key, wrong_type.assignment.span(), seen));
    }
    let text = |span| file.document().slice(span);
    for (deciding, ignored) in file.duplicates().into_iter().take(SHOWN) {
        // Twice the same is untidy, and deceives nobody.
        if text(deciding.value.span) != text(ignored.value.span) {
            let seen = format!("{} is ignored: it is set before, and the first counts", ignored.key.value);
            wrong.push(Cite::bytes(key, ignored.span(), seen));
        }
    }
    if wrong.len() == before {
        right.push(Cite::whole(key, "every key is known, set once and of its type"));
    }
    Ok(())
}

fn unknown(key: &Key, file: &File, schema: Schema) -> Vec<Cite> {
    let cite = |unknown: &formats::conf::libvirt::Unknown<'_>| {
        let name = &unknown.assignment.key.value;
        let seen = match (unknown.nearest, schema.find(name).map(|known| known.status)) {
            (_, Some(schema::Status::Ignored(why))) => format!("{name} is ignored: {why}"),
            (Some(nearest), _) => format!("{name} is ignored: unknown; is {nearest} meant?"),
            (None, _) => format!("{name} is ignored: unknown"),
        };
        Cite::bytes(key, unknown.assignment.span(), seen)
    };
    file.unknown_keys(schema).iter().take(SHOWN).map(cite).collect()
}
