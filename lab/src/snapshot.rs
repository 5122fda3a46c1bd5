//! Snapshots: a booted hypervisor with its guests running, as a memory file, the devices' state, two disk overlays and a
//! TPM's state.
//!
//! Memory is a file that the saved VM shares and that restored ones map private (`x-ignore-shared` keeps it out of the
//! devices' state), as Kata's VM templates do it. What that asks for: nothing mounted over 9p while saving ("Migration is
//! disabled when VirtFS export path is mounted"), and no device that QEMU can't save (NVMe, AMD's IOMMU).
use crate::machine::{self, Machine, Storage};
use crate::process;
use crate::qmp::{self, Monitor};
use crate::request::{Iommu, Mac};
use crate::run::{self, Port};
use crate::share::Share;
use crate::store::{Lab, Progress};
use crate::tools;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// From power on to two running guests; a minute on two quiet cores.
const READY: Duration = Duration::from_secs(600);
const SAVE: Duration = Duration::from_secs(120);

/// Boots, waits until the agent says ready, saves.
///
/// # Errors
/// The VM doesn't come up (its console's end is in the error), or QEMU can't save it.
pub(crate) fn make(lab: &Lab, mac: Mac, to: &Path, progress: Progress) -> Result<()> {
    process::need_memory(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default(), machine::NEEDED)?;
    let image = lab.image_folder();
    overlay(Some(&image.join("root.img")), &to.join("root.qcow2"))?;
    overlay(None, &to.join("data.qcow2"))?;
    let share = Share::new()?;
    let machine = Machine {
        image,
        run: share.folder().to_owned(),
        storage: Storage::Save(to.to_owned()),
        mac,
        iommu: Iommu::Intel,
        tpm: true,
        prepare: true,
        terminal: false,
        append: String::new(),
    };
    progress(&format!("snapshot {}: booting", mac.name()));
    let result = save(&machine, to, mac, progress);
    let state = share.folder().join("vm/tpm");
    result.with_context(|| format!("the console's end:\n{}", tools::tail(&share.out("console"), 15)))?;
    std::fs::write(to.join("console"), share.out("console"))?;
    for entry in std::fs::read_dir(state)?.flatten() {
        let name = format!("tpm-{}", entry.file_name().to_string_lossy().trim_start_matches('.'));
        std::fs::copy(entry.path(), to.join(name))?;
    }
    Ok(())
}

fn save(machine: &Machine, to: &Path, mac: Mac, progress: Progress) -> Result<()> {
    let tpm = process::tpm(machine)?;
    let mut qemu = process::qemu(machine)?;
    let until = Instant::now() + READY;
    let mut alive = || run::alive(&mut qemu, machine);
    let mut monitor = Monitor::new(qmp::connect(&machine.monitor_socket(), until, &mut alive)?)?;
    let mut port = Port::new(qmp::connect(&machine.port_socket(), until, &mut alive)?)?;
    let mut told = Vec::new();
    while port.line(Duration::from_secs(1))?.as_deref() != Some("ready") {
        alive()?;
        if Instant::now() > until {
            bail!("not ready after {} s", READY.as_secs());
        }
        steps(machine, &mut told, &|step| progress(&format!("snapshot {}: {step}", mac.name())));
    }
    progress(&format!("snapshot {}: saving", mac.name()));
    // The disk's writes that are on their way, and the firmware of the guests.
    sleep(Duration::from_secs(1));
    ignore_shared(&mut monitor)?;
    monitor.ask("stop", json!({}))?;
    monitor.ask(
        "migrate",
        json!({ "uri": format!("exec:cat > {}", tools::quoted(&to.join("state").to_string_lossy())) }),
    )?;
    let until = Instant::now() + SAVE;
    loop {
        let state = monitor.ask("query-migrate", json!({}))?;
        match state.get("status").and_then(Value::as_str) {
            Some("completed") => break,
            Some("failed") => {
                bail!("QEMU can't save: {}", state.get("error-desc").and_then(Value::as_str).unwrap_or("?"))
            }
            _ if Instant::now() > until => bail!("not saved after {} s", SAVE.as_secs()),
            _ => sleep(Duration::from_millis(50)),
        }
    }
    monitor.quit();
    if !qemu.wait(Duration::from_secs(60)) {
        bail!("QEMU doesn't end");
    }
    // It writes its state when QEMU is gone.
    let mut tpm = tpm;
    tpm.wait(Duration::from_secs(5));
    Ok(())
}

/// Tells the steps of lab-prepare that are new on the console.
fn steps(machine: &Machine, told: &mut Vec<String>, progress: Progress) {
    let console = std::fs::read(machine.run.join("out/console")).unwrap_or_default();
    for line in String::from_utf8_lossy(&console).lines() {
        let Some(at) = line.find("LAB-PREPARE ") else { continue };
        let step = line.get(at..).unwrap_or_default().trim().to_owned();
        if !told.contains(&step) {
            progress(step.trim_start_matches("LAB-PREPARE "));
            told.push(step);
        }
    }
}

/// Loads a snapshot into a QEMU that was started with `-incoming defer`, and lets it run.
///
/// # Errors
/// QEMU refuses it, or isn't done within a minute.
pub(crate) fn load(monitor: &mut Monitor, from: &Path) -> Result<()> {
    ignore_shared(monitor)?;
    let state = from.join("state");
    monitor.ask(
        "migrate-incoming",
        json!({ "uri": format!("exec:cat {}", tools::quoted(&state.to_string_lossy())) }),
    )?;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let status = monitor.ask("query-status", json!({}))?;
        match status.get("status").and_then(Value::as_str) {
            Some("inmigrate" | "restore-vm") if Instant::now() > until => {
                bail!("not restored after a minute")
            }
            Some("inmigrate" | "restore-vm") => sleep(Duration::from_millis(10)),
            Some("running") => return Ok(()),
            _ => {
                monitor.ask("cont", json!({}))?;
                return Ok(());
            }
        }
    }
}

fn ignore_shared(monitor: &mut Monitor) -> Result<()> {
    let capability = json!([{ "capability": "x-ignore-shared", "state": true }]);
    monitor.ask("migrate-set-capabilities", json!({ "capabilities": capability })).map(|_| ())
}

fn overlay(backing: Option<&Path>, file: &Path) -> Result<()> {
    let mut create = Command::new("qemu-img");
    create.args(["create", "-q", "-f", "qcow2"]);
    if let Some(backing) = backing {
        create.arg("-F").arg("raw").arg("-b").arg(backing).arg(file);
    } else {
        create.arg(file).arg("128M");
    }
    tools::output(&mut create).map(|_| ())
}
