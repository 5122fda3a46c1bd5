//! The lab's initramfs: busybox, `guest/initramfs/init`, and the modules that the root disk and the ports need.
//! 2 MB, where Debian's is 40.
use crate::store::Lab;
use crate::tools;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const MODULES: &[&str] =
    &["virtio_pci", "virtio_blk", "ext4", "9pnet_virtio", "9p", "virtio_console", "virtio_rng"];

/// Writes it, of what is in the tree.
pub(crate) fn build(lab: &Lab, root: &Path, kernel: &str, to: &Path) -> Result<()> {
    let work = to.with_extension("d");
    for folder in ["bin", "dev", "proc", "sys", "newroot", "modules"] {
        fs::create_dir_all(work.join(folder))?;
    }
    let busybox = root.join("bin/busybox");
    fs::copy(&busybox, work.join("bin/busybox")).with_context(|| busybox.display().to_string())?;
    fs::copy(lab.guest.join("initramfs/init"), work.join("init")).context("guest/initramfs/init")?;
    let mut order: Vec<String> = Vec::new();
    for module in MODULES {
        let mut ask = Command::new("chroot");
        ask.arg(root).args(["modprobe", "-S", kernel, "--show-depends", module]);
        for line in tools::output(&mut ask)?.lines() {
            // `insmod /lib/modules/…/x.ko`; what is built in has another word.
            let Some(file) = line.strip_prefix("insmod ").map(str::trim) else { continue };
            order.extend(unpacked(root, file, &work.join("modules"), &order)?);
        }
    }
    fs::write(work.join("modules/order"), order.join("\n"))?;
    pack(&work, to)?;
    fs::remove_dir_all(&work).context("initramfs")
}

/// Copies a module, unpacked: busybox's insmod takes no compression. Its name, unless it is there.
fn unpacked(root: &Path, file: &str, to: &Path, there: &[String]) -> Result<Option<String>> {
    let from = root.join(file.trim_start_matches('/'));
    let name = from.file_name().context("no name")?.to_string_lossy().into_owned();
    let plain = name.trim_end_matches(".xz").trim_end_matches(".zst").to_owned();
    if there.contains(&plain) {
        return Ok(None);
    }
    if plain == name {
        fs::copy(&from, to.join(&plain)).with_context(|| from.display().to_string())?;
    } else {
        let tool = if name.ends_with(".xz") { "xz" } else { "zstd" };
        let out = fs::File::create(to.join(&plain))?;
        let done = Command::new(tool).arg("-dc").arg(&from).stdout(out).status().context(tool)?;
        if !done.success() {
            bail!("{tool} -dc {}: {done}", from.display());
        }
    }
    Ok(Some(plain))
}

fn pack(from: &Path, to: &Path) -> Result<()> {
    let out = fs::File::create(to)?;
    let script = "set -o pipefail; find . | LC_ALL=C sort | cpio --quiet -R 0:0 -o -H newc | gzip -n -1";
    let mut pack = Command::new("bash");
    pack.args(["-c", script]).current_dir(from).stdout(out).stderr(Stdio::piped());
    let done = pack.output().context("cpio")?;
    if !done.status.success() {
        bail!("cpio: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(())
}
