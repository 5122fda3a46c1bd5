//! What a change does. Paths are absolute, as on the host.

use formats::Splice;
use serde::{Deserialize, Serialize};

/// One invertible thing done to a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are what the line above each variant names")]
pub enum Action {
    /// Edits a file in place: comments, order, mode, owner and label stay. Splices don't overlap and ascend.
    EditFile { path: String, splices: Vec<Splice> },
    /// Writes a new file; refused where one is.
    CreateFile { path: String, text: String, mode: u32, uid: u32, gid: u32 },
    /// Removes a file; its bytes, mode, owner and xattrs are kept for undo.
    RemoveFile { path: String },
    /// Sets permission bits.
    SetMode { path: String, mode: u32 },
    /// Sets owner and group.
    SetOwner { path: String, uid: u32, gid: u32 },
    /// Sets the POSIX access ACL, in `setfacl` text; empty removes it.
    SetAcl { path: String, acl: String },
    /// Sets an extended attribute; `None` removes it.
    SetXattr { path: String, name: String, value: Option<String> },
    /// Sets an inode flag as `chattr` does: `a` append-only, `i` immutable.
    SetInodeFlag { path: String, flag: char, on: bool },
    /// Writes a sysctl now, in the network namespace with this inode, or the host's own.
    Sysctl { name: String, value: String, namespace: Option<u64> },
    /// Writes a file under /sys now: a module parameter, a KSM switch.
    Sysfs { path: String, value: String },
    /// Sets a bridge port flag (`learning`, `isolated` …) over netlink.
    BridgePort { port: String, flag: String, on: bool },
    /// Sets a flag of an SR-IOV virtual function (`spoofchk`, `trust`) or its VLAN.
    VirtualFunction { device: String, index: u32, setting: String, value: String },
    /// Runs one nftables transaction.
    Nftables { ruleset: String, inverse: String },
    /// Adds or removes an audit rule over netlink; the rule in `auditctl` syntax.
    AuditRule { rule: String, present: bool },
    /// Sets an SELinux boolean, persistently.
    SelinuxBoolean { name: String, on: bool },
    /// Sets a file context of the SELinux policy; `None` removes it.
    SelinuxFileContext { pattern: String, context: Option<String> },
    /// Enforcing or permissive.
    SelinuxEnforce { on: bool },
    /// Makes a domain permissive or not.
    SelinuxPermissiveDomain { domain: String, permissive: bool },
    /// Maps a login to an SELinux user; `None` removes the mapping.
    SelinuxLogin { login: String, user: Option<String>, range: Option<String> },
    /// Loads or unloads an AppArmor profile from a file.
    AppArmorProfile { path: String, loaded: bool },
    /// Enables, disables, masks, starts or stops a systemd unit.
    Unit { unit: String, enabled: Option<bool>, masked: Option<bool>, active: Option<bool> },
    /// Restarts a daemon so that it reads its configuration.
    RestartDaemon { unit: String },
    /// Edits a VM's inactive XML by byte range; redefined through libvirt, which validates it.
    EditDomain { uuid: String, path: String, splices: Vec<Splice> },
    /// Edits a network's XML likewise.
    EditNetwork { uuid: String, path: String, splices: Vec<Splice> },
    /// Defines a network filter, or removes it.
    Filter { name: String, xml: Option<String> },
    /// Redefines a libvirt secret's flags; its value is not touched.
    Secret { uuid: String, ephemeral: bool, private: bool },
    /// Adds a user to a group or takes them out.
    GroupMember { group: String, user: String, member: bool },
    /// Records an owner and mode with the package manager (`dpkg-statoverride`), or forgets it.
    StatOverride { path: String, owner: String, group: String, mode: u32, present: bool },
}

impl Action {
    /// The recording key of the file or value this changes, where it is one.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        let strip = |path: &str| path.trim_start_matches('/').to_owned();
        Some(match self {
            Self::EditFile { path, .. }
            | Self::CreateFile { path, .. }
            | Self::RemoveFile { path }
            | Self::SetMode { path, .. }
            | Self::SetOwner { path, .. }
            | Self::SetAcl { path, .. }
            | Self::SetXattr { path, .. }
            | Self::Sysfs { path, .. }
            | Self::EditDomain { path, .. }
            | Self::EditNetwork { path, .. } => strip(path),
            Self::Sysctl { name, namespace, .. } => {
                let prefix = namespace.map(|inode| format!("netns/{inode}/")).unwrap_or_default();
                format!("{prefix}proc/sys/{}", name.replace('.', "/"))
            }
            // selinuxfs, Linux security/selinux/selinuxfs.c.
            Self::SelinuxEnforce { .. } => "sys/fs/selinux/enforce".to_owned(),
            Self::SelinuxBoolean { name, .. } => format!("sys/fs/selinux/booleans/{name}"),
            _ => return None,
        })
    }
}
