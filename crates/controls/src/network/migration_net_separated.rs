//! Migrations come in on an address that was chosen for them, not on every one.
//!
//! ## Why
//! While a VM comes in, QEMU listens for its whole memory. On every address that includes the guests' networks and the public one:
//! whoever is first to connect sends the memory of a VM of his choice, or reads one that was meant for another.
//!
//! ## Where
//! `migration_address` of `/etc/libvirt/qemu.conf`: the default is every address. Not applicable where libvirt is not here.
//!
//! ## Fix
//! Set `migration_address` to the host's address on the network for migrations, close ports 49152 to 49215 elsewhere, and
//! restart the daemon.
//!
//! ## Undo
//! Put the former line back and restart the daemon.
//!
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! migration_address = "0.0.0.0"
//! ```
//! ```fails
//! -- etc/libvirt/qemu.conf mode=0600 --
//! #migration_address = "192.0.2.1"
//! ```
use model::{
    control::{Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "set `migration_address` in /etc/libvirt/qemu.conf to the host's address on the migration network",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Migrations have an address of their own",
        pt: "Migrações têm um endereço próprio",
        id: "Migrasi punya alamat sendiri",
    },
    why: "While a VM comes in, its memory can be had or replaced from every network that the host is on.",
    references: &["libvirt src/qemu/qemu.conf.in, migration_address", "libvirt docs/migration.rst"],
};

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    let setting = ask::setting(&evidence.qemu_conf, "migration_address")?;
    if !evidence.has_libvirt() {
        return Ok(Verdict::NotApplicable("libvirt is not here"));
    }
    let every = matches!(setting.text(), None | Some("" | "0.0.0.0" | "::" | "[::]"));
    let cite = vec![setting.cite("every address")];
    Ok(if every { Verdict::Fail(cite) } else { Verdict::Pass(cite) })
}
