//! The lab: a whole hypervisor in a VM under software emulation.
//!
//! Debian with SELinux or AppArmor enforcing, an IOMMU with VFIO, a TPM, dm-crypt, VLANs and two guests that run under
//! libvirt. It is built of Debian's packages alone, kept in the cache, and restored from a snapshot in seconds, so that each
//! test gets a clean one:
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! let lab = lab::Lab::open(std::path::Path::new("."), lab::Release::Bookworm)?;
//! lab.build(&|step| eprintln!("{step}"))?;
//! let outcome = lab.run(&lab::Request::script("getenforce"))?;
//! assert_eq!(outcome.stdout.trim(), "Enforcing");
//! # Ok(()) }
//! ```
//!
//! The rooms: `guest/` is what the VM is made of, `src/` builds and runs it, `tests/` is the suite.
//! Source of the traps noted here: measured with QEMU 7.2 and Debian 12's kernel 6.1.
pub mod image;
pub mod initramfs;
pub mod machine;
pub mod policy;
pub mod process;
pub mod qmp;
pub mod request;
pub mod run;
pub mod share;
pub mod snapshot;
pub mod store;
pub mod tools;
pub mod wall;

pub use request::{Iommu, Mac, Release, Request};
pub use run::{End, Outcome};
pub use store::Lab;
