//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::control::Severity;

/// Hardens the KVM virtualization layer: QEMU, KVM and libvirt.
///
/// What keeps a guest in is a dozen separate walls: the IOMMU, QEMU's own binary, security labels, plain UNIX
/// permissions, libvirt's sockets and certificates, the VNC console, the bridge, the image's encryption, the audit
/// trail. Baluarte sees which of them stand.
#[derive(Parser, Debug)]
#[command(name = "baluarte", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Start here:
  sudo baluarte check                  judge this host and its VMs
  baluarte explain console.vnc-tls     what a finding means, and the way out
  sudo baluarte collect -o host.zst    record this host, to be judged elsewhere:
  baluarte check --evidence host.zst")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Check(Check),
    Explain(Explain),
    Collect(Collect),
}

/// Judge which of the walls around the VMs stand.
///
/// Reads the host (or a tree, or a recording), judges every control for every VM, disk, image, interface, device and
/// daemon, and prints what is wrong, worst first, with the place, the reason and the way out. Changes nothing. What
/// cannot be read is `unknown`, never a pass: run it as root to know everything.
#[derive(Args, Debug)]
#[command(after_help = "Exit codes:
  0  no failure at or above --fail-on        3  nothing was evaluated, or less than the
  1  failures at or above it                    profile's minimum coverage
  2  the command line or the tool is wrong   4  a waiver has expired

Examples:
  sudo baluarte check                              this host
  sudo baluarte check --vm web1 --only 'console.*' the consoles of one VM
  baluarte check --root /mnt/disk                  a mounted disk, an unpacked sosreport
  sudo baluarte check --record host.zst            judge, and keep what was judged
  baluarte check --evidence host.zst --format json judge it again, anywhere")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) from: From,
    /// Write a recording of exactly what was judged, secrets masked
    #[arg(long, value_name = "FILE", conflicts_with = "evidence")]
    pub(crate) record: Option<PathBuf>,
    /// Only controls whose id matches, as `network.*`; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) only: Vec<String>,
    /// Only this VM (name or UUID) with its disks, images, interfaces and devices
    #[arg(long, value_name = "NAME")]
    pub(crate) vm: Option<String>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Exit with 1 from this severity on [default: the profile's, or low]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// Print passes, questions that do not arise and everything that could not be read as well
    #[arg(long)]
    pub(crate) all: bool,
}

/// Where the evidence comes from.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct From {
    /// Judge a directory tree: a mounted disk, an unpacked sosreport, a container's root
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Judge a recording made by `collect` or `check --record`
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
}

/// Say what a control asks, why, where it looks, and how it is fixed and undone. Works offline.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  baluarte explain network.bridge-nf-iptables-off
  baluarte explain 'console.*'      every control of a topic
  baluarte explain --list           all of them, a line each")]
pub(crate) struct Explain {
    /// Control id, or a glob of ids
    #[arg(value_name = "ID", required_unless_present = "list")]
    pub(crate) id: Option<String>,
    /// List the controls, a line each
    #[arg(long)]
    pub(crate) list: bool,
    /// Language of the titles
    #[arg(long, value_enum, default_value_t = Language::En)]
    pub(crate) language: Language,
}

/// Record everything `check` would read, secrets masked, to be judged elsewhere.
#[derive(Args, Debug)]
pub(crate) struct Collect {
    /// The file to write (mode 0600, zstd-compressed JSON)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Record a directory tree instead of this machine
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// The whole report (schema baluarte-report/1)
    Json,
    /// SARIF 2.1.0
    Sarif,
}

/// Languages of titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English
    En,
    /// Português
    Pt,
    /// Bahasa Indonesia
    Id,
}

/// Severities, as arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Even a fact worth knowing
    Info,
    /// Depth of defence
    Low,
    /// One step of an attack
    Medium,
    /// A wall around VMs is down
    High,
    /// The host, or another tenant's VM, is within reach
    Critical,
}

impl std::convert::From<FailOn> for Severity {
    fn from(value: FailOn) -> Self {
        match value {
            FailOn::Info => Self::Info,
            FailOn::Low => Self::Low,
            FailOn::Medium => Self::Medium,
            FailOn::High => Self::High,
            FailOn::Critical => Self::Critical,
        }
    }
}
