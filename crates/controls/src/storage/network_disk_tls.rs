//! Disks over the network are encrypted on the way, or the server knows who asks.
//!
//! ## Why
//! A disk over the network is the guest's data on a wire. In clear text whoever is on the path reads and changes it,
//! kernel and password file included; without authentication every host, and every guest that reaches the storage
//! network, mounts it.
//!
//! ## Where
//! `disk[@type='network']` in inactive and live XML: `nbd` and `vxhs` need `source/@tls='yes'`, or where that is unsaid
//! `nbd_tls = 1` (`vxhs_tls = 1`) in `/etc/libvirt/qemu.conf`, unless the server is a UNIX socket; `https` and `ftps`
//! must not say `ssl verify='no'`; `http`, `ftp` and `tftp` always fail; `rbd` and `iscsi` need `auth` with a secret.
//! `ssh` passes. What Gluster, NFS and Sheepdog do is not in the XML.
//!
//! ## Fix
//! `nbd`: issue certificates (`/etc/pki/libvirt-nbd`), set `nbd_tls = 1`, serve with TLS. Others: `virsh edit VM`,
//! change the protocol or add `<auth>` with a libvirt secret. Restart the VM.
//!
//! ## Undo
//! Put the former `source` back and restart the VM.
//!
//! ```fails vm
//! <disk type='network' device='disk'><driver name='qemu' type='raw'/>
//!   <source protocol='nbd' name='x'><host name='nas' port='10809'/></source><target dev='vda' bus='virtio'/></disk>
//! -- etc/libvirt/qemu.conf mode=0600 --
//! nbd_tls = 0
//! ```
//! ```fails vm inactive
//! <disk type='network' device='cdrom'><driver name='qemu' type='raw'/>
//!   <source protocol='http' name='/x.iso'><host name='mirror'/></source><target dev='sda' bus='sata'/><readonly/></disk>
//! ```
//! ```fails vm
//! <disk type='network' device='disk'><driver name='qemu' type='raw'/>
//!   <source protocol='rbd' name='pool/x'><host name='mon1'/></source><target dev='vda' bus='virtio'/></disk>
//! ```
//! ```passes vm
//! <disk type='network' device='disk'><driver name='qemu' type='raw'/>
//!   <source protocol='nbd' name='x' tls='yes'><host name='nas'/></source><target dev='vda' bus='virtio'/></disk>
//! <disk type='network' device='disk'><driver name='qemu' type='raw'/><auth username='libvirt'><secret type='ceph' usage='c'/></auth>
//!   <source protocol='rbd' name='pool/x'><host name='mon1'/></source><target dev='vdb' bus='virtio'/></disk>
//! ```
use formats::libvirt::{TextOption as _, domain};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Disk, Evidence},
    fact::Missing,
};

use crate::ask;

pub(crate) static CONTROL: Control = Control {
    severity: Severity::High,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Disk(Rule {
        judge,
        fix: Fix::Advice(
            "Encrypt the disk's connection (tls='yes' or nbd_tls = 1, https) or add <auth> with a libvirt secret, and restart the VM.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "Network disks are encrypted or authenticated",
        pt: "Discos de rede são cifrados ou autenticados",
        id: "Disk jaringan dienkripsi atau diautentikasi",
    },
    why: "In clear text, whoever is on the path reads and changes the guest's disk.",
    references: &[
        "libvirt docs/formatdomain.rst, Hard drives: source protocol",
        "libvirt src/qemu/qemu.conf.in, nbd_tls",
        "guide 2, Criptografia",
    ],
};

fn judge(evidence: &Evidence, disk: &Disk, reading: Reading) -> Judged {
    let Some((view, disk)) = disk.view(evidence, reading)? else {
        return Ok(Verdict::NotApplicable("the VM's XML has no such disk"));
    };
    let source = disk.source.as_deref().filter(|_| disk.kind.is("network"));
    let Some((source, protocol)) = source.and_then(|source| Some((source, source.protocol.as_ref()?))) else {
        return Ok(Verdict::NotApplicable("it is not a network disk"));
    };
    let Some(wrong) = unprotected(evidence, disk, source, &protocol.value)? else {
        return Ok(Verdict::NotApplicable("the protocol is not protected in the XML"));
    };
    let seen = if wrong { "neither encryption nor authentication" } else { "protected" };
    let cite = vec![Cite::bytes(&view.key, protocol.span, format!("{}: {seen}", protocol.value))];
    Ok(if wrong { Verdict::Fail(cite) } else { Verdict::Pass(cite) })
}

/// Whether a source is open to whoever is on the path; `None` where the XML can't tell.
fn unprotected(
    evidence: &Evidence,
    disk: &domain::Disk,
    source: &domain::Source,
    protocol: &str,
) -> Result<Option<bool>, Missing> {
    let local = !source.hosts.is_empty() && source.hosts.iter().all(|host| host.transport.is("unix"));
    let anonymous = source.auth.is_none() && disk.auth.is_none();
    Ok(match protocol {
        "nbd" | "vxhs" => {
            let by_default =
                ask::setting(&evidence.qemu_conf, if protocol == "nbd" { "nbd_tls" } else { "vxhs_tls" })?
                    .int(0)
                    == Some(1);
            Some(!local && !source.tls.flag().unwrap_or(by_default))
        }
        "http" | "ftp" | "tftp" => Some(true),
        "https" | "ftps" => Some(source.ssl.as_ref().is_some_and(|ssl| ssl.verify.flag() == Some(false))),
        "rbd" | "iscsi" => Some(anonymous),
        "ssh" => Some(false),
        _ => None,
    })
}
