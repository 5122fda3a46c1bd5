//! No storage pool is a directory of the host's own system.
//!
//! ## Why
//! Every file in a pool's directory is a volume: a client of libvirt lists, downloads, overwrites and deletes it, as
//! root. A pool at `/` or `/etc` gives it the host.
//!
//! ## Where
//! `target/path` of every pool in `/etc/libvirt/storage`: `/`, `/home`, `/var`, `/var/lib`, `/var/lib/libvirt`
//! themselves, and anything in `/etc`, `/root`, `/boot`, `/usr`, `/bin`, `/sbin`, `/lib`, `/proc`, `/sys`, `/run` or
//! libvirt's own `qemu` and `secrets` fail; and so does `/dev` for a pool of type `dir`.
//!
//! ## Fix
//! `virsh pool-destroy` and `virsh pool-undefine` the pool: neither touches a file. Define one at a directory made for
//! images.
//!
//! ## Undo
//! `virsh pool-define` with the former XML.
//!
//! ```fails
//! -- etc/libvirt/storage/all.xml --
//! <pool type='dir'><name>all</name><target><path>/</path></target></pool>
//! ```
//! ```fails
//! -- etc/libvirt/storage/x.xml --
//! <pool type='dir'><name>x</name><target><path>/etc/../root/iso</path></target></pool>
//! ```
//! ```passes
//! -- etc/libvirt/storage/default.xml --
//! <pool type='dir'><name>default</name><target><path>/var/lib/libvirt/images</path></target></pool>
//! -- etc/libvirt/storage/vg.xml --
//! <pool type='logical'><name>vg</name><target><path>/dev/vg</path></target></pool>
//! ```
use formats::{
    image::name::simplify,
    libvirt::{TextOption as _, pool::Pool},
};
use model::{
    control::{Cite, Control, Fix, Judged, Reading, Readings, Rule, Scope, Severity, Titles, Verdict, Words},
    evidence::Evidence,
};

pub(crate) static CONTROL: Control = Control {
    severity: Severity::Low,
    revision: 1,
    readings: Readings::Configured,
    scope: Scope::Host(Rule {
        judge,
        fix: Fix::Advice(
            "Undefine the pool (no file is touched) and define one at a directory made for images.",
        ),
    }),
};

pub(crate) static WORDS: Words = Words {
    title: Titles {
        en: "No pool holds the host's own files",
        pt: "Nenhum pool contém arquivos do próprio host",
        id: "Tidak ada pool berisi berkas host sendiri",
    },
    why: "A client of libvirt overwrites every file in a pool's directory, as root.",
    references: &["libvirt docs/formatstorage.rst", "libvirt docs/kbase/secureusage.rst"],
};

/// Directories that must not be a pool themselves.
const ALONE: [&str; 5] = ["/", "/home", "/var", "/var/lib", "/var/lib/libvirt"];
/// Directories in which no pool must be.
const WHOLE: [&str; 12] = [
    "/etc",
    "/root",
    "/boot",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/proc",
    "/sys",
    "/run",
    "/var/lib/libvirt/qemu",
    "/var/lib/libvirt/secrets",
];

fn of_the_system(pool: &Pool, directory: &str) -> bool {
    let path = simplify(directory);
    let below =
        |tree: &str| path.strip_prefix(tree).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    ALONE.contains(&path.as_str()) || WHOLE.into_iter().any(below) || (pool.kind.is("dir") && below("/dev"))
}

fn judge(evidence: &Evidence, (): &(), _: Reading) -> Judged {
    evidence.names("etc/libvirt/storage").known()?;
    let (mut wrong, mut right, mut unread) = (vec![], vec![], None);
    for pool in &evidence.pools {
        let file = match pool.file.required() {
            Ok(file) => file,
            Err(missing) => {
                unread.get_or_insert(missing);
                continue;
            }
        };
        let path =
            file.target.as_ref().and_then(|target| target.path.as_ref()).and_then(|path| path.text.as_ref());
        let Some(path) = path else { continue };
        let cite = Cite::bytes(pool.file.key(), path.span, format!("a pool at {}", path.value));
        (if of_the_system(file, &path.value) { &mut wrong } else { &mut right }).push(cite);
    }
    match unread {
        Some(missing) if wrong.is_empty() => Err(missing),
        _ if wrong.is_empty() && right.is_empty() => {
            Ok(Verdict::NotApplicable("libvirt has no pool in a directory"))
        }
        _ => Ok(Verdict::unless(wrong, right)),
    }
}
