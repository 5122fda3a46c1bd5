//! No VM has a directory of the host's own system.
//!
//! ## Why
//! A shared directory is a door in the wall: what the guest writes there, the host has. A guest with `/etc`, root's
//! home or libvirt's state writes itself a way onto the host; one that only reads them has the host's keys.
//!
//! ## Where
//! `filesystem` elements of type `mount` in inactive and live XML. `/`, `/home`, `/var`, `/var/lib` and
//! `/var/lib/libvirt` themselves, and anything in `/etc`, `/root`, `/boot`, `/usr`, `/bin`, `/sbin`, `/lib`, `/dev`,
//! `/proc`, `/sys`, `/run` and libvirt's own directories (`qemu`, `images`, `secrets`) fail, whether or not the share
//! is read-only; `/usr` passes where it is.
//!
//! ## Fix
//! `virsh edit VM`: share a directory made for this (`/srv/share/VM`), with `<readonly/>` where the guest only reads.
//! Restart the VM.
//!
//! ## Undo
//! Put the former `source` back and restart the VM.
//!
//! ```fails vm
//! <filesystem type='mount' accessmode='passthrough'><source dir='/etc/ssh'/><target dir='x'/></filesystem>
//! ```
//! ```fails vm inactive
//! <filesystem type='mount'><driver type='virtiofs'/><source dir='/'/><target dir='x'/><readonly/></filesystem>
//! ```
//! ```passes vm
//! <filesystem type='mount'><driver type='virtiofs'/><source dir='/srv/share/web1'/><target dir='x'/></filesystem>
//! <filesystem type='mount'><source dir='/usr/share/doc'/><target dir='y'/><readonly/></filesystem>
//! ```
use formats::{
    image::name::simplify,
    libvirt::{TextOption as _, domain::Filesystem},
};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::{Evidence, Vm},
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Medium,
    revision: 1,
    readings: Readings::Both,
    scope: Scope::Vm(Rule {
        judge,
        fix: Fix::Advice(
            "virsh edit VM: share a directory made for this VM, read-only where the guest only reads, and restart the VM.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No host system directory is shared",
        pt: "Nenhum diretório de sistema do host é compartilhado",
        id: "Tidak ada direktori sistem host yang dibagikan",
    },
    why: "A guest that writes the host's directories writes itself a way onto the host.",
    references: &["libvirt docs/formatdomain.rst, Filesystems", "libvirt docs/kbase/virtiofs.rst"],
};

/// Directories that must not be shared themselves; what is below them may be made for it.
const ALONE: [&str; 5] = ["/", "/home", "/var", "/var/lib", "/var/lib/libvirt"];
/// Directories of which nothing must be shared.
const WHOLE: [&str; 13] = [
    "/etc",
    "/root",
    "/boot",
    "/bin",
    "/sbin",
    "/lib",
    "/dev",
    "/proc",
    "/sys",
    "/run",
    "/var/lib/libvirt/qemu",
    "/var/lib/libvirt/images",
    "/var/lib/libvirt/secrets",
];

fn of_the_system(share: &Filesystem, directory: &str) -> bool {
    let path = simplify(directory);
    let below =
        |tree: &str| path.strip_prefix(tree).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    ALONE.contains(&path.as_str())
        || WHOLE.into_iter().any(below)
        || (below("/usr") && share.readonly.is_none())
}

fn judge(_: &Evidence, vm: &Vm, reading: Reading) -> Judged {
    let Some(view) = vm.view(reading)? else { return Ok(Verdict::NotApplicable("the VM has no such XML")) };
    let shares = view.domain.devices.iter().flat_map(|devices| &devices.filesystems);
    let (mut wrong, mut right) = (vec![], vec![]);
    for share in shares.filter(|share| !share.kind.is_any(&["ram", "template"])) {
        let Some(source) = share.source.as_ref().and_then(|source| source.dir.as_ref()) else { continue };
        let cite = Cite::bytes(&view.key, source.span, format!("shares {}", source.value));
        if of_the_system(share, &source.value) { wrong.push(cite) } else { right.push(cite) }
    }
    if right.is_empty() {
        right.push(Cite::whole(&view.key, "no directory of the host is shared"));
    }
    Ok(Verdict::unless(wrong, right))
}
