//! Where the lab is kept: folders in the cache, outside any clone, named by the hash of what they are made of.
//!
//! A folder is made beside its final name and renamed when it is whole, so that an interrupted build leaves nothing that a
//! later one would take for good. What it holds is written down in it, and compared at each use.
use crate::request::{Mac, Release};
use crate::tools;
use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// What hears of progress: one line a step.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);

/// Which files a folder holds, and how they were.
const MANIFEST: &str = "manifest.json";
/// Files up to this many bytes are compared by content, larger ones by size and time.
const SMALL: u64 = 16 << 20;
/// A folder that nobody used for so long goes when another is made.
const KEPT: Duration = Duration::from_secs(3 * 24 * 3600);

/// One lab: a clone's `lab/` folder and a release.
#[derive(Debug, Clone)]
pub struct Lab {
    /// The clone's `lab/guest`.
    pub guest: PathBuf,
    /// The clone's SELinux module.
    pub policy: PathBuf,
    /// The Debian in it.
    pub release: Release,
    cache: PathBuf,
    base: String,
    image: String,
    snapshot: String,
}

/// Where things live that outlast a clone.
#[must_use]
pub fn cache() -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("BALUARTE_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|d| d.join("baluarte")))
        .or_else(|| set("HOME").map(|d| d.join(".cache/baluarte")))
        .unwrap_or_else(|| std::env::temp_dir().join("baluarte-cache"))
}

impl Lab {
    /// The lab of a clone, built or not.
    ///
    /// # Errors
    /// The clone's files can't be read.
    pub fn open(root: &Path, release: Release) -> Result<Self> {
        Self::open_at(root, release, cache().join("lab"))
    }

    /// The same with its folders elsewhere than in the cache.
    ///
    /// # Errors
    /// The clone's files can't be read.
    pub fn open_at(root: &Path, release: Release, cache: PathBuf) -> Result<Self> {
        let (guest, policy) = (root.join("lab/guest"), root.join("packaging/selinux/baluarte_libvirt.cil"));
        let sources = root.join("lab/src");
        let mut hash = Sha256::new();
        hash.update(release.name());
        add(&mut hash, &guest.join("packages"))?;
        let base = hex(&hash);
        add(&mut hash, &guest)?;
        add(&mut hash, &policy)?;
        for part in ["image.rs", "initramfs.rs"] {
            add(&mut hash, &sources.join(part))?;
        }
        let image = hex(&hash);
        for part in ["machine.rs", "snapshot.rs"] {
            add(&mut hash, &sources.join(part))?;
        }
        // One QEMU need not read what another wrote.
        hash.update(tools::output(Command::new("qemu-system-x86_64").arg("--version")).unwrap_or_default());
        let snapshot = hex(&hash);
        Ok(Lab { guest, policy, release, cache, base, image, snapshot })
    }

    fn folder(&self, kind: &str, hash: &str) -> PathBuf {
        self.cache.join(format!("{kind}-{}-{hash}", self.release.name()))
    }
    /// The tree that Debian's packages make.
    #[must_use]
    pub fn base_folder(&self) -> PathBuf {
        self.folder("base", &self.base)
    }
    /// The disk, kernel and initramfs.
    #[must_use]
    pub fn image_folder(&self) -> PathBuf {
        self.folder("image", &self.image)
    }
    /// The snapshot of one security module.
    #[must_use]
    pub fn snapshot_folder(&self, mac: Mac) -> PathBuf {
        self.folder(&format!("snapshot-{}", mac.name()), &self.snapshot)
    }

    /// Builds what is missing, damaged or stale. Quick when nothing is.
    ///
    /// # Errors
    /// The host lacks a package, memory or rights, or a step fails; the message says which. What was whole stays.
    pub fn build(&self, progress: Progress) -> Result<()> {
        self.build_image(progress)?;
        // One after the other: a VM that boots keeps two cores busy.
        [Mac::Selinux, Mac::Apparmor].into_iter().try_for_each(|mac| self.build_snapshot(mac, progress))
    }

    /// The image alone: all that a cold boot needs.
    ///
    /// # Errors
    /// As [`Lab::build`].
    pub fn build_image(&self, progress: Progress) -> Result<()> {
        make(&self.image_folder(), progress, &|to| crate::image::build(self, to, progress))
    }

    /// One snapshot, of an image that is there.
    ///
    /// # Errors
    /// As [`Lab::build`].
    pub fn build_snapshot(&self, mac: Mac, progress: Progress) -> Result<()> {
        make(&self.snapshot_folder(mac), progress, &|to| crate::snapshot::make(self, mac, to, progress))
    }

    /// Removes what was built, so that `build` makes all of it anew.
    ///
    /// # Errors
    /// A folder can't be removed.
    pub fn forget(&self) -> Result<()> {
        let snapshots = [Mac::Selinux, Mac::Apparmor].map(|mac| self.snapshot_folder(mac));
        for folder in [self.base_folder(), self.image_folder()].iter().chain(&snapshots) {
            if folder.exists() {
                fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
            }
        }
        Ok(())
    }
}

/// Makes a folder by `fill` unless it is there and whole. One process at a time does; the others wait for it.
pub(crate) fn make(folder: &Path, progress: Progress, fill: &dyn Fn(&Path) -> Result<()>) -> Result<()> {
    if damage(folder).is_none() {
        touch(folder);
        return Ok(());
    }
    let parent = folder.parent().context("no parent")?;
    let name = folder.file_name().context("no name")?.to_string_lossy().into_owned();
    fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    let lock = File::create(parent.join(format!("{name}.lock")))?;
    if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        progress(&format!("{name}: another run is making it; waiting"));
        flock(&lock, FlockOperation::LockExclusive)?;
    }
    // It may have come while we waited.
    let Some(why) = damage(folder) else { return Ok(()) };
    if folder.exists() {
        progress(&format!("{name}: {why}; making it again"));
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    clean(parent, &name);
    let new = parent.join(format!("{name}.new"));
    fs::create_dir_all(&new).with_context(|| new.display().to_string())?;
    if let Err(why) = fill(&new) {
        fs::remove_dir_all(&new).ok();
        return Err(why.context(format!("making {name}")));
    }
    let manifest = serde_json::to_vec_pretty(&manifest(&new)?)?;
    fs::write(new.join(MANIFEST), manifest)?;
    fs::rename(&new, folder).with_context(|| folder.display().to_string())?;
    Ok(())
}

/// Removes what an interrupted build left of this name, and what nobody used for days.
fn clean(parent: &Path, name: &str) {
    fs::remove_dir_all(parent.join(format!("{name}.new"))).ok();
    let now = SystemTime::now();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let used = entry.path().join(MANIFEST).metadata().and_then(|m| m.modified());
        if used.is_ok_and(|t| now.duration_since(t).is_ok_and(|age| age > KEPT)) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// Says that it was used.
fn touch(folder: &Path) {
    if let Ok(file) = File::options().append(true).open(folder.join(MANIFEST)) {
        file.set_modified(SystemTime::now()).ok();
    }
}

/// What is wrong with a folder; none if it is whole.
pub(crate) fn damage(folder: &Path) -> Option<String> {
    let Ok(text) = fs::read(folder.join(MANIFEST)) else { return Some("not there".into()) };
    let Ok(Value::Object(written)) = serde_json::from_slice(&text) else {
        return Some("its manifest is damaged".into());
    };
    let first = written.iter().find(|(name, was)| state(&folder.join(name)).ok().as_ref() != Some(was));
    first.map(|(name, _)| format!("{name} is damaged"))
}

/// Every file of a folder that has no folders, by name.
fn manifest(folder: &Path) -> Result<Map<String, Value>> {
    let mut all = Map::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            all.insert(entry.file_name().to_string_lossy().into_owned(), state(&entry.path())?);
        }
    }
    if all.is_empty() {
        bail!("nothing was made");
    }
    Ok(all)
}

fn state(file: &Path) -> Result<Value> {
    let meta = file.metadata()?;
    if meta.len() > SMALL {
        return Ok(json!({ "bytes": meta.len(), "seconds": meta.mtime(), "nanoseconds": meta.mtime_nsec() }));
    }
    let mut hash = Sha256::new();
    hash.update(fs::read(file)?);
    Ok(json!({ "bytes": meta.len(), "sha256": hex(&hash) }))
}

/// A file, or all of a folder in order: names, whether they can be run, contents.
fn add(hash: &mut Sha256, path: &Path) -> Result<()> {
    let meta = path.symlink_metadata().with_context(|| path.display().to_string())?;
    hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
    hash.update([0, u8::from(meta.mode() & 0o100 != 0)]);
    if meta.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(path)?.flatten().map(|e| e.path()).collect();
        entries.sort();
        return entries.iter().try_for_each(|entry| add(hash, entry));
    }
    hash.update(meta.len().to_le_bytes());
    hash.update(fs::read(path).with_context(|| path.display().to_string())?);
    Ok(())
}

/// The first 12 digits: enough to tell a clone's labs apart.
fn hex(hash: &Sha256) -> String {
    hash.clone().finalize().iter().take(6).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
