//! `baluarte check`.

use anyhow::{Context as _, Result, bail};
use controls::Selection;
use host::store;
use model::{
    evidence::{Evidence, Parsed},
    fact::Fact,
    profile::Profile,
};

use crate::{
    arguments::{Check, Format},
    collect, render, terminal,
};

pub(crate) fn run(arguments: &Check) -> Result<u8> {
    // The text shows failures alone, unless asked for everything.
    let brief = arguments.format == Format::Text && !arguments.all;
    let selection = Selection { only: arguments.only.clone(), vm: arguments.vm.clone(), brief };
    if selection.controls().next().is_none() {
        bail!(
            "no control matches --only {}; `baluarte explain --list` names them all",
            arguments.only.join(" --only ")
        );
    }
    let (recording, parsed) = match &arguments.from.evidence {
        Some(path) => (store::load(path)?, Parsed::default()),
        None => collect::record(arguments.from.root.as_deref())?,
    };
    if let Some(path) = &arguments.record {
        store::save(path, &recording)?;
    }
    let evidence = Evidence::with(recording, parsed);
    if let Some(named) = &arguments.vm {
        known(&evidence, named)?;
    }
    let profile = profile(&evidence)?;
    let report = engine::check(&evidence, &selection, &profile);
    let printed = match arguments.format {
        Format::Text => terminal::print(&render::text(&report, &evidence, arguments)),
        Format::Json => terminal::print_json(&(serde_json::to_string_pretty(&report)? + "\n")),
        Format::Sarif => {
            terminal::print_json(&(serde_json::to_string_pretty(&engine::sarif::of(&report))? + "\n"))
        }
    };
    printed.context("standard output")?;
    let fail_on = arguments.fail_on.map_or(profile.fail_on, Into::into);
    let code = engine::exit::code(&report, &profile, fail_on);
    // The process ends here: to give back the memory of ten thousand VMs piece by piece would be time for nothing.
    std::mem::forget((report, evidence));
    Ok(code)
}

/// The profile of the host judged.
fn profile(evidence: &Evidence) -> Result<Profile> {
    let path = "/etc/baluarte/profile.toml";
    match &evidence.profile {
        Fact::Known(profile, _) => Ok(profile.clone()),
        Fact::Unreadable(_, why) => bail!("{path}: {why}"),
        _ => Ok(Profile::default()),
    }
}

fn known(evidence: &Evidence, named: &str) -> Result<()> {
    if evidence.vms.iter().any(|vm| vm.name == named || vm.uuid == named) {
        return Ok(());
    }
    let names: Vec<&str> = evidence.vms.iter().map(|vm| vm.name.as_str()).take(10).collect();
    match names.as_slice() {
        [] => bail!("--vm {named}: this host has no VM"),
        names => bail!("--vm {named}: no such VM; there are {}", names.join(", ")),
    }
}
