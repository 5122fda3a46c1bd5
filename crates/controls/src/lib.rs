//! The judgement: one folder per topic, one file per control. Pure: this crate cannot open a file.
//!
//! A new control is one new file `src/TOPIC/NAME.rs` and nothing else; `build.rs` finds it. See CONTRIBUTING.md.

mod ask;
mod assess;
mod audit_rules;
mod boot_arguments;
mod bridge_netfilter;
mod certificates;
mod combine;
mod emulator_user;
mod frame;
mod frame_bytes;
#[cfg(test)]
mod frame_tests;
mod images;
mod legacy;
mod libvirt_files;
mod libvirt_remote;
mod libvirt_sasl;
mod mac;
mod module;
mod packet_filter;
pub mod page;
mod passthrough;
mod place;
mod polkit_reading;
mod private_keys;
mod selinux_boolean;
mod smt;
mod sshd_settings;
mod subjects;
mod sysctl;
mod systemd_units;
mod tally;
mod tap;
mod unix_sockets;
mod vnc;
mod xml_edit;

/// Passed-through hardware, IOMMU, CPU, memory encryption.
mod hardware {
    automod::dir!(pub(crate) "src/hardware");
}
/// QEMU itself: its binary, its devices, its command line.
mod emulator {
    automod::dir!(pub(crate) "src/emulator");
}
/// What keeps QEMU in: MAC labels, users, capabilities, seccomp, namespaces.
mod confinement {
    automod::dir!(pub(crate) "src/confinement");
}
/// libvirt's daemons, sockets, certificates; sshd, polkit, groups.
mod management {
    automod::dir!(pub(crate) "src/management");
}
/// VNC, SPICE, serial consoles.
mod console {
    automod::dir!(pub(crate) "src/console");
}
/// Bridges, filters, VLANs.
mod network {
    automod::dir!(pub(crate) "src/network");
}
/// Disk images and their backing chains.
mod storage {
    automod::dir!(pub(crate) "src/storage");
}
/// The audit trail.
mod audit {
    automod::dir!(pub(crate) "src/audit");
}

pub use assess::{Assessed, Judgement, Selection, assess, remedies};

/// A control and its id.
#[derive(Debug)]
pub struct Entry {
    /// `topic.name-of-the-wall`.
    pub id: &'static str,
    /// One of [`TOPICS`].
    pub topic: &'static str,
    /// What it judges and how.
    pub control: &'static model::control::Control,
}

/// What is said about a control.
#[derive(Debug)]
pub struct Page {
    /// Its id.
    pub id: &'static str,
    /// The `//!` header of its file.
    pub text: &'static str,
    /// Titles, the one-line why, references.
    pub words: &'static model::control::Words,
}

/// The topics, in the order of every report.
pub const TOPICS: [&str; 8] =
    ["hardware", "emulator", "confinement", "management", "console", "network", "storage", "audit"];

/// The page of a control.
#[must_use]
pub fn page_of(id: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.id == id)
}

/// The control with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    CONTROLS.iter().find(|entry| entry.id == id)
}

include!(concat!(env!("OUT_DIR"), "/registry.rs"));
