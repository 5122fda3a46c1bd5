//! The lab's disk, kernel and initramfs, of Debian's packages alone: no mount, no loop device, and no SELinux in the
//! kernel that builds it (labels are plain `security.selinux` attributes, which `mkfs.ext4 -d` copies).
use crate::initramfs;
use crate::store::{self, Lab, Progress};
use crate::tools;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Free space of the guest's disk, in MiB.
const FREE: u64 = 400;
/// What the build takes on the cache's disk, in MiB: two trees of a GB and the image.
const NEEDED: u64 = 4000;
/// dpkg is told to leave these out: 40 % of what is installed.
const LEFT_OUT: &[&str] =
    &["/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*"];

/// Makes `root.img`, `vmlinuz`, `initrd.gz` and `policy.tar` (SELinux's modules, to make variants of the policy).
///
/// # Errors
/// A package is missing, the disk is full, or a command fails.
pub(crate) fn build(lab: &Lab, to: &Path, progress: Progress) -> Result<()> {
    if let Some(why) = tools::missing() {
        bail!("{why}");
    }
    if !rustix::process::geteuid().is_root() {
        bail!("building the lab needs root: it writes files of every owner, and SELinux labels");
    }
    let parent = to.parent().context("no parent")?;
    let free = rustix::fs::statvfs(parent)?;
    let free = free.f_bavail.saturating_mul(free.f_frsize) >> 20;
    if free < NEEDED {
        bail!("{} has {free} MiB free; building the lab takes {NEEDED}", parent.display());
    }
    store::make(&lab.base_folder(), progress, &|base| bootstrap(lab, base, progress))?;

    progress("image: settings");
    let root = to.join("root");
    tools::output(Command::new("cp").arg("-a").arg(lab.base_folder().join("root")).arg(&root))?;
    settings(lab, &root)?;
    progress("image: SELinux labels, offline");
    label(&root)?;
    progress("image: disk and initramfs");
    let version = kernel_version(&root)?;
    let kernel = lab.base_folder().join("root/boot").join(format!("vmlinuz-{version}"));
    fs::copy(&kernel, to.join("vmlinuz")).with_context(|| kernel.display().to_string())?;
    initramfs::build(lab, &root, &version, &to.join("initrd.gz"))?;
    let store = root.join("var/lib/selinux/default/active");
    tools::output(Command::new("tar").arg("-C").arg(store).arg("-cf").arg(to.join("policy.tar")).arg("."))?;
    disk(&root, &to.join("root.img"))?;
    fs::remove_dir_all(&root).context("the tree that became the image")
}

/// The packages, unpacked and configured, in `root/`.
fn bootstrap(lab: &Lab, to: &Path, progress: Progress) -> Result<()> {
    progress("packages: downloading and installing (minutes)");
    let list = lab.guest.join("packages");
    let text = fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let packages: Vec<&str> =
        text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let mut command = Command::new("mmdebstrap");
    command.args(["--variant=custom", "--mode=root", "--format=directory"]);
    command.arg(format!("--include={}", packages.join(",")));
    command.args(["--aptopt=APT::Install-Recommends \"false\"", "--aptopt=Acquire::Languages \"none\""]);
    command.args(["--aptopt=Acquire::Retries \"2\"", "--aptopt=Acquire::http::Timeout \"60\""]);
    command.arg("--dpkgopt=force-unsafe-io");
    command.args(LEFT_OUT.iter().map(|path| format!("--dpkgopt=path-exclude={path}")));
    // The lab has an initramfs of its own; Debian's would take a minute.
    command.arg(
        "--essential-hook=mkdir -p \"$1/etc/initramfs-tools\"; \
         echo update_initramfs=no > \"$1/etc/initramfs-tools/update-initramfs.conf\"",
    );
    command.arg(lab.release.name()).arg(to.join("root"));
    // A mirror of one's own: a file in the form of sources.list(5).
    command.args(std::env::var_os("BALUARTE_LAB_SOURCES"));
    command.env("DEBIAN_FRONTEND", "noninteractive").env_remove("TMPDIR");
    followed(&mut command, progress)?;
    // Small and outside of root/: what says that the tree is whole.
    fs::write(to.join("packages"), text)?;
    Ok(())
}

/// Runs a command and hands its notes on; a failure carries the end of what it said.
fn followed(command: &mut Command, progress: Progress) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().context("mmdebstrap")?;
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().context("no stderr")?).lines() {
        // A name in a foreign encoding is no reason to stop.
        let line = line.unwrap_or_default();
        if let Some(note) = line.strip_prefix("I: ") {
            progress(&format!("packages: {note}"));
        }
        said.push_str(&line);
        said.push('\n');
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("mmdebstrap: {status}\n{}", tools::tail(&said, 15));
    }
    Ok(())
}

/// The lab's files over the tree, then `configure` in it.
fn settings(lab: &Lab, root: &Path) -> Result<()> {
    let into = root.join("lab");
    fs::create_dir_all(&into)?;
    let over = lab.guest.join("root/.");
    tools::output(Command::new("cp").args(["-r", "--preserve=mode"]).arg(over).arg(root))?;
    for file in [
        &lab.guest.join("configure"),
        &lab.guest.join("modules-removed"),
        &lab.guest.join("units-masked"),
        &lab.policy,
    ] {
        let name = file.file_name().context("no name")?;
        fs::copy(file, into.join(name)).with_context(|| file.display().to_string())?;
    }
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let mut configure = Command::new("chroot");
    configure.arg(root).arg("/lab/configure").env_clear().env("PATH", path).env("LC_ALL", "C");
    tools::output(&mut configure)?;
    Ok(())
}

/// The labels that the policy in the tree names.
fn label(root: &Path) -> Result<()> {
    // Where the run's share and the initramfs's mounts go.
    fs::create_dir_all(root.join("run/lab"))?;
    let contexts = root.join("etc/selinux/default/contexts/files/file_contexts");
    tools::output(Command::new("setfiles").arg("-r").arg(root).args(["-F", "-q"]).arg(contexts).arg(root))?;
    Ok(())
}

fn kernel_version(root: &Path) -> Result<String> {
    let mut found = fs::read_dir(root.join("lib/modules")).context("no kernel in the tree")?.flatten();
    let first = found.next().context("no kernel in the tree")?;
    Ok(first.file_name().to_string_lossy().into_owned())
}

fn disk(root: &Path, file: &Path) -> Result<()> {
    let size = tools::output(Command::new("du").args(["-sm", "--apparent-size"]).arg(root))?;
    let size: u64 = size.split_whitespace().next().unwrap_or_default().parse().context("du")?;
    fs::File::create(file)?.set_len((size + FREE) << 20)?;
    let mut make = Command::new("mkfs.ext4");
    make.args(["-q", "-F", "-O", "^has_journal,^metadata_csum", "-E", "lazy_itable_init=1,nodiscard", "-m0"]);
    tools::output(make.args(["-L", "labroot", "-d"]).arg(root).arg(file))?;
    Ok(())
}
