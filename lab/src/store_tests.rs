//! The cache: built once, whole or not at all, and again when it is damaged.
use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("lab-store-{}-{name}", std::process::id()));
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).ok();
        Scratch(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Makes `folder` of one small and one large file; how often it was really filled.
fn build(folder: &Path, filled: &AtomicUsize) -> Result<()> {
    make(folder, &|_| (), &|to| {
        filled.fetch_add(1, Ordering::Relaxed);
        fs::write(to.join("small"), "content")?;
        File::create(to.join("large"))?.set_len(SMALL + 1)?;
        Ok(())
    })
}

#[test]
fn what_is_whole_is_not_made_again() -> Result<()> {
    let (scratch, filled) = (Scratch::new("whole"), AtomicUsize::new(0));
    let folder = scratch.0.join("x");
    build(&folder, &filled)?;
    build(&folder, &filled)?;
    assert_eq!(filled.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn each_kind_of_damage_is_seen_and_mended() -> Result<()> {
    type Harm<'a> = (&'a str, &'a dyn Fn(&Path) -> std::io::Result<()>);
    let damages: [Harm; 6] = [
        ("small is damaged", &|f| fs::write(f.join("small"), "CONTENT")),
        ("small is damaged", &|f| fs::remove_file(f.join("small"))),
        ("large is damaged", &|f| File::options().write(true).open(f.join("large"))?.set_len(SMALL)),
        ("large is damaged", &|f| {
            // As long as before: its time tells.
            File::options().write(true).open(f.join("large"))?.set_modified(SystemTime::UNIX_EPOCH)
        }),
        ("its manifest is damaged", &|f| fs::write(f.join(MANIFEST), "{\"small\":")),
        ("not there", &|f| fs::remove_file(f.join(MANIFEST))),
    ];
    let (scratch, filled) = (Scratch::new("damage"), AtomicUsize::new(0));
    let folder = scratch.0.join("x");
    build(&folder, &filled)?;
    for (number, (why, harm)) in damages.iter().enumerate() {
        harm(&folder)?;
        assert_eq!(damage(&folder).as_deref(), Some(*why));
        build(&folder, &filled)?;
        assert_eq!((damage(&folder), filled.load(Ordering::Relaxed)), (None, number + 2));
    }
    Ok(())
}

#[test]
fn a_build_that_fails_or_was_interrupted_leaves_nothing_behind() -> Result<()> {
    let (scratch, filled) = (Scratch::new("broken"), AtomicUsize::new(0));
    let folder = scratch.0.join("x");
    let why = make(&folder, &|_| (), &|to| {
        fs::write(to.join("half"), "x")?;
        bail!("no space")
    });
    assert!(why.is_err_and(|e| format!("{e:#}") == "making x: no space"));
    assert!(!folder.exists() && !scratch.0.join("x.new").exists());
    // Killed: its folder stays, and the next build starts afresh.
    fs::create_dir_all(scratch.0.join("x.new"))?;
    fs::write(scratch.0.join("x.new/half"), "x")?;
    build(&folder, &filled)?;
    assert!(!folder.join("half").exists() && damage(&folder).is_none());
    Ok(())
}

#[test]
fn two_builders_make_it_once() -> Result<()> {
    let (scratch, filled) = (Scratch::new("two"), AtomicUsize::new(0));
    let folder = scratch.0.join("x");
    std::thread::scope(|threads| {
        let all: Vec<_> = (0..4).map(|_| threads.spawn(|| build(&folder, &filled))).collect();
        all.into_iter().all(|t| t.join().is_ok_and(|r| r.is_ok())).then_some(()).context("a build failed")
    })?;
    assert_eq!(filled.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn what_nobody_used_for_days_goes() -> Result<()> {
    let (scratch, filled) = (Scratch::new("old"), AtomicUsize::new(0));
    build(&scratch.0.join("old"), &filled)?;
    build(&scratch.0.join("young"), &filled)?;
    let old = SystemTime::now() - KEPT - Duration::from_secs(60);
    File::options().append(true).open(scratch.0.join("old").join(MANIFEST))?.set_modified(old)?;
    build(&scratch.0.join("new"), &filled)?;
    assert!(!scratch.0.join("old").exists() && scratch.0.join("young").exists());
    Ok(())
}

#[test]
fn every_input_changes_the_name() -> Result<()> {
    let scratch = Scratch::new("inputs");
    let root = scratch.0.join("clone");
    for (path, text) in [
        ("lab/guest/packages", "bash"),
        ("lab/guest/root/etc/x", "x"),
        ("lab/src/image.rs", ""),
        ("lab/src/initramfs.rs", ""),
        ("lab/src/machine.rs", ""),
        ("lab/src/snapshot.rs", ""),
        ("packaging/selinux/baluarte_libvirt.cil", ""),
    ] {
        let to = root.join(path);
        fs::create_dir_all(to.parent().context("parent")?)?;
        fs::write(to, text)?;
    }
    let names = || -> Result<[PathBuf; 3]> {
        let lab = Lab::open_at(&root, Release::Bookworm, scratch.0.clone())?;
        Ok([lab.base_folder(), lab.image_folder(), lab.snapshot_folder(Mac::Selinux)])
    };
    let mut last = names()?;
    // Each with how many of the three must change.
    for (path, changed) in [
        ("lab/src/machine.rs", 1),
        ("packaging/selinux/baluarte_libvirt.cil", 2),
        ("lab/guest/root/etc/x", 2),
        ("lab/guest/packages", 3),
    ] {
        fs::write(root.join(path), "another")?;
        let now = names()?;
        let differ = now.iter().zip(&last).filter(|(a, b)| a != b).count();
        assert_eq!(differ, changed, "{path}");
        last = now;
    }
    Ok(())
}
