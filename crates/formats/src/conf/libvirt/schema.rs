//! The keys that each libvirt daemon reads: their types, upstream defaults and ages, as data.
//!
//! Taken from the files and binaries of libvirt 9.0 and the sources of 11.3 (`src/qemu/qemu_conf.c`,
//! `src/remote/remote_daemon_config.c`, `src/logging/log_daemon_config.c`, `src/locking/*_config.c`,
//! `src/network/bridge_driver_conf.c`). A key is known if any of these versions reads it.

mod qemu;

pub use qemu::QEMU;

use super::Value;
use crate::{Span, Spanned};
use Kind::{Bool, Int, List, OneOf, Size, Str, Uint};

/// What a key takes: which `virConfGetValue…` function reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 0 or 1, without quotes.
    Bool,
    /// A C `int`.
    Int,
    /// A C `unsigned int`, without a minus.
    Uint,
    /// A `size_t` or `unsigned long long`, without a minus.
    Size,
    /// A [`Kind::Size`], or the word `unlimited` in quotes.
    SizeOrUnlimited,
    /// A string.
    Str,
    /// One of these strings; any other is an error at start.
    OneOf(&'static [&'static str]),
    /// A list of strings.
    List,
    /// A string, or a list of them.
    StrOrList,
}

/// Whether a key still means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is read.
    Current,
    /// It is in shipped files or guides, but no longer read: setting it does nothing. Why.
    Ignored(&'static str),
    /// Set to 1, it stops the driver. Why.
    Fatal(&'static str),
}

/// One key of a daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// The upstream default, bare (without quotes; list elements separated by commas); none where there is
    /// nothing, or where it is left to the build, to QEMU or to another key.
    pub default: Option<&'static str>,
    /// The first release known to read it; for keys marked 11.3 one between 9.0 and that may already.
    pub since: Option<&'static str>,
    /// Whether it still means something.
    pub status: Status,
}

impl Key {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, default: None, since: None, status: Status::Current }
    }

    const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn since(self, release: &'static str) -> Self {
        Self { since: Some(release), ..self }
    }

    const fn status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    /// The default as a value; list elements have empty spans.
    #[must_use]
    pub fn default_value(&self) -> Option<Value> {
        let text = self.default?;
        let list = || {
            let items = text.split(',').filter(|item| !item.is_empty());
            Value::List(items.map(|item| Spanned::new(item.to_owned(), Span::default())).collect())
        };
        match self.kind {
            Str | OneOf(_) => Some(Value::Str(text.to_owned())),
            List | Kind::StrOrList => Some(list()),
            _ => text.parse().map(Value::Int).ok().or_else(|| Some(Value::Str(text.to_owned()))),
        }
    }
}

/// The keys that one daemon reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema(&'static [&'static [Key]]);

impl Schema {
    /// All keys, those that are no longer read included.
    pub fn keys(self) -> impl Iterator<Item = &'static Key> {
        self.0.iter().copied().flatten()
    }

    /// The key of that name; names are case-sensitive.
    #[must_use]
    pub fn find(self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }
}

/// The schema of a file by its name (`qemu.conf`), modular daemons included.
#[must_use]
pub fn of_file(name: &str) -> Option<Schema> {
    Some(match name {
        "qemu.conf" => QEMU,
        "libvirtd.conf" => LIBVIRTD,
        "virtproxyd.conf" => VIRTPROXYD,
        "virtqemud.conf"
        | "virtnetworkd.conf"
        | "virtstoraged.conf"
        | "virtnodedevd.conf"
        | "virtsecretd.conf"
        | "virtnwfilterd.conf"
        | "virtinterfaced.conf" => VIRTQEMUD,
        "virtlogd.conf" => VIRTLOGD,
        "virtlockd.conf" => VIRTLOCKD,
        "qemu-lockd.conf" | "libxl-lockd.conf" => LOCKD,
        "qemu-sanlock.conf" | "libxl-sanlock.conf" => SANLOCK,
        "network.conf" => NETWORK,
        "libvirt.conf" => CLIENT,
        "libvirt-admin.conf" => CLIENT_ADMIN,
        _ => return None,
    })
}

const AUTH: Kind = OneOf(&["none", "sasl", "polkit"]);
const NEVER_READ: Status =
    Status::Ignored("shipped in libvirtd.conf, read by no daemon since 9.0 at the latest");

// The keys that only the daemons with network sockets read (`#ifdef WITH_IP`).
const REMOTE: &[Key] = &[
    Key::new("listen_tcp", Bool).or("0"),
    Key::new("tls_port", Str).or("16514"),
    Key::new("tcp_port", Str).or("16509"),
    Key::new("listen_addr", Str),
    Key::new("auth_tcp", AUTH).or("sasl"),
    Key::new("auth_tls", AUTH).or("none"),
    Key::new("tcp_min_ssf", Uint).or("56").since("7.10"),
    Key::new("key_file", Str).or("/etc/pki/libvirt/private/serverkey.pem"),
    Key::new("cert_file", Str).or("/etc/pki/libvirt/servercert.pem"),
    Key::new("ca_file", Str).or("/etc/pki/CA/cacert.pem"),
    Key::new("crl_file", Str),
    Key::new("key_files", List),
    Key::new("cert_files", List),
    Key::new("tls_no_sanity_certificate", Bool).or("0"),
    Key::new("tls_no_verify_certificate", Bool).or("0"),
    Key::new("tls_allowed_dn_list", List),
    Key::new("tls_priority", Str).or("NORMAL"),
];

const LOCAL: &[Key] = &[
    Key::new("unix_sock_group", Str),
    Key::new("unix_sock_ro_perms", Str).or("0777"),
    // 0777 where auth_unix_rw is polkit (its default), else 0700.
    Key::new("unix_sock_rw_perms", Str).or("0777"),
    Key::new("unix_sock_admin_perms", Str).or("0700"),
    Key::new("unix_sock_dir", Str).or("/run/libvirt"),
    Key::new("auth_unix_ro", AUTH).or("polkit"),
    Key::new("auth_unix_rw", AUTH).or("polkit"),
    Key::new("access_drivers", List).since("1.1.0"),
    Key::new("sasl_allowed_username_list", List),
    Key::new("max_clients", Uint).or("5000"),
    Key::new("max_queued_clients", Uint).or("1000"),
    Key::new("max_anonymous_clients", Uint).or("20"),
    Key::new("min_workers", Uint).or("5"),
    Key::new("max_workers", Uint).or("20"),
    Key::new("prio_workers", Uint).or("5"),
    Key::new("max_client_requests", Uint).or("5"),
    Key::new("admin_min_workers", Uint).or("5"),
    Key::new("admin_max_workers", Uint).or("20"),
    Key::new("admin_max_clients", Uint).or("5000"),
    Key::new("admin_max_queued_clients", Uint).or("20"),
    Key::new("admin_max_client_requests", Uint).or("5"),
    Key::new("log_level", Uint).or("3"),
    Key::new("log_filters", Str),
    Key::new("log_outputs", Str),
    Key::new("audit_level", Uint).or("1"),
    Key::new("audit_logging", Bool).or("0"),
    Key::new("host_uuid", Str),
    Key::new("host_uuid_source", Str).or("smbios"),
    Key::new("keepalive_interval", Int).or("5"),
    Key::new("keepalive_count", Uint).or("5"),
    Key::new("keepalive_required", Bool).status(NEVER_READ),
    Key::new("admin_keepalive_interval", Int).or("5"),
    Key::new("admin_keepalive_count", Uint).or("5"),
    Key::new("admin_keepalive_required", Bool).status(NEVER_READ),
    Key::new("ovs_timeout", Uint).or("5"),
    Key::new("log_buffer_size", Uint).status(Status::Ignored("removed: the log buffer is gone")),
];

/// libvirtd.conf. With socket activation, `listen_*`, the ports and `unix_sock_*` are not honoured: the
/// socket units decide.
pub const LIBVIRTD: Schema = Schema(&[&[Key::new("listen_tls", Bool).or("1")], REMOTE, LOCAL]);

/// virtproxyd.conf (5.6): as libvirtd.conf, but `listen_tls` is 0 by default and needs no `--listen`.
pub const VIRTPROXYD: Schema = Schema(&[&[Key::new("listen_tls", Bool).or("0")], REMOTE, LOCAL]);

/// virtqemud.conf and the other daemons without network sockets (5.6).
pub const VIRTQEMUD: Schema = Schema(&[LOCAL]);

/// virtlogd.conf.
pub const VIRTLOGD: Schema = Schema(&[&[
    Key::new("log_level", Uint).or("3"),
    Key::new("log_filters", Str),
    Key::new("log_outputs", Str),
    Key::new("max_clients", Uint).or("1024"),
    Key::new("admin_max_clients", Uint).or("5000"),
    Key::new("max_size", Size).or("2097152"),
    Key::new("max_backups", Size).or("3"),
    Key::new("max_age_days", Size).or("0"),
]]);

/// virtlockd.conf.
pub const VIRTLOCKD: Schema = Schema(&[&[
    Key::new("log_level", Uint).or("3"),
    Key::new("log_filters", Str),
    Key::new("log_outputs", Str),
    Key::new("max_clients", Uint).or("1024"),
    Key::new("admin_max_clients", Uint).or("5000"),
]]);

/// qemu-lockd.conf, libxl-lockd.conf.
pub const LOCKD: Schema = Schema(&[&[
    Key::new("auto_disk_leases", Bool).or("1"),
    Key::new("require_lease_for_disks", Bool),
    Key::new("file_lockspace_dir", Str),
    Key::new("lvm_lockspace_dir", Str),
    Key::new("scsi_lockspace_dir", Str),
]]);

/// qemu-sanlock.conf, libxl-sanlock.conf.
pub const SANLOCK: Schema = Schema(&[&[
    Key::new("auto_disk_leases", Bool).or("0"),
    Key::new("disk_lease_dir", Str).or("/var/lib/libvirt/sanlock"),
    Key::new("host_id", Uint),
    Key::new("require_lease_for_disks", Bool),
    Key::new("io_timeout", Uint),
    Key::new("user", Str),
    Key::new("group", Str),
]]);

/// network.conf.
pub const NETWORK: Schema =
    Schema(&[&[Key::new("firewall_backend", OneOf(&["nftables", "iptables", "pf", "none"])).since("10.4")]]);

/// libvirt.conf, read by clients.
pub const CLIENT: Schema = Schema(&[&[Key::new("uri_aliases", List), Key::new("uri_default", Str)]]);

/// libvirt-admin.conf, read by `virt-admin`.
pub const CLIENT_ADMIN: Schema = Schema(&[&[Key::new("uri_aliases", List), Key::new("uri_default", Str)]]);
