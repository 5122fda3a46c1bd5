//! What others cost for the same or a like job, in the same run on the same machine.
use super::rows::{HOST_CPU, PER_VM, Row};
use super::{Options, sample, tree};
use crate::tools;
use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One peer.
pub struct Peer {
    pub name: String,
    /// What it did.
    pub job: String,
    /// Its cost in the unit, or why there is none.
    pub cost: Result<f64, String>,
    pub unit: &'static str,
    /// Ours beside it.
    pub ours: Option<f64>,
}

/// XML files that `xmllint` gets: its cost a file is constant, and it is slow.
const SUBSET: usize = 500;
const SCHEMA: &str = "/usr/share/libvirt/schemas/domain.rng";
const SCAP: &str = "/usr/share/xml/scap/ssg/content";

/// All peers that are here; the others say why not.
pub fn all(options: &Options, full: &Path, ours: &[Row]) -> Result<Vec<Peer>> {
    let best = |what: &str| ours.iter().find(|r| r.what == what).and_then(Row::best);
    let peer = |name: &str, job: &str, unit, of, cost: Result<Result<f64, String>>| {
        let cost = cost.unwrap_or_else(|why| Err(format!("{why:#}")));
        Peer { name: name.into(), job: job.into(), cost, unit, ours: best(of) }
    };
    Ok(vec![
        peer("Lynis", "`audit system --quick`", "s CPU", HOST_CPU, lynis(options)),
        peer("OpenSCAP", "`xccdf eval`, SSG for Debian, standard profile", "s CPU", HOST_CPU, oscap()),
        peer("xmllint", "a domain XML against libvirt's schema", "ms CPU", PER_VM, xmllint(options, full)),
        peer(
            "roxmltree",
            "the same XML parsed and walked, nothing judged",
            "ms CPU",
            PER_VM,
            roxmltree(options, full),
        ),
    ])
}

fn lynis(options: &Options) -> Result<Result<f64, String>> {
    if !options.peers {
        return Ok(Err("only with --peers (minutes)".into()));
    }
    let Some(lynis) = tools::on_path("lynis") else { return Ok(Err("not installed".into())) };
    println!("bench: running Lynis");
    let mut command = Command::new(lynis);
    command.args(["audit", "system", "--quick", "--logfile", "/dev/null", "--report-file", "/dev/null"]);
    once(&mut command, &[0])
}

fn oscap() -> Result<Result<f64, String>> {
    let Some(oscap) = tools::on_path("oscap") else { return Ok(Err("not installed".into())) };
    let Some(content) = newest_content() else {
        return Ok(Err("no SSG content for Debian installed".into()));
    };
    let mut command = Command::new(oscap);
    command
        .args(["xccdf", "eval", "--profile", "xccdf_org.ssgproject.content_profile_standard"])
        .arg(content);
    // 2: evaluated, and not every rule passed.
    once(&mut command, &[0, 2])
}

fn newest_content() -> Option<PathBuf> {
    let name = |p: &PathBuf| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(SCAP).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
    found.retain(|p| name(p).starts_with("ssg-debian") && name(p).ends_with("-ds.xml"));
    found.sort();
    found.pop()
}

fn once(command: &mut Command, good: &[i32]) -> Result<Result<f64, String>> {
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let usage = crate::sys::measure(command)?;
    Ok(match usage.status.code() {
        Some(code) if good.contains(&code) => Ok(usage.cpu.as_secs_f64()),
        _ => Err(format!("failed: {}", usage.status)),
    })
}

/// Many files less one file, so that reading the schema isn't counted.
fn xmllint(options: &Options, full: &Path) -> Result<Result<f64, String>> {
    let Some(xmllint) = tools::on_path("xmllint") else { return Ok(Err("not installed".into())) };
    if !Path::new(SCHEMA).is_file() {
        return Ok(Err("libvirt's schemas are not installed".into()));
    }
    let files = domains(full)?;
    let cost = |count: usize| -> Result<(f64, Option<i32>)> {
        let mut command = Command::new(&xmllint);
        command.args(["--noout", "--relaxng", SCHEMA]).args(files.iter().take(count));
        let samples = sample(&mut command, options.runs.min(3))?;
        Ok((samples.best(), samples.code))
    };
    let count = SUBSET.min(files.len().saturating_sub(1));
    if count == 0 {
        return Ok(Err("needs two domains".into()));
    }
    let ((one, _), (many, code)) = (cost(1)?, cost(count + 1)?);
    Ok(match code {
        Some(0) => Ok((many - one) / count as f64 * 1e3),
        code => Err(format!("exit code {code:?}: not all of the tree validates")),
    })
}

fn roxmltree(options: &Options, full: &Path) -> Result<Result<f64, String>> {
    let xtask = crate::target::release("xtask")?;
    let mut best = f64::INFINITY;
    for _ in 0..options.runs {
        let printed = tools::output(Command::new(&xtask).args(["bench", "check", "roxmltree"]).arg(full))?;
        best = best.min(printed.trim().parse().context(printed)?);
    }
    Ok(Ok(best))
}

/// Milliseconds of CPU for each file of a tree, reading not counted: one pass over all nodes and attributes.
pub fn parse_and_walk(tree: &Path) -> Result<f64> {
    let files = domains(tree)?;
    let now = || {
        let t = clock_gettime(ClockId::ProcessCPUTime);
        t.tv_sec as f64 * 1e3 + t.tv_nsec as f64 / 1e6
    };
    let (mut spent, mut seen) = (0.0, 0usize);
    for file in &files {
        let text = std::fs::read_to_string(file)?;
        let begun = now();
        let document = roxmltree::Document::parse(&text)?;
        for node in document.descendants() {
            seen += node.tag_name().name().len() + node.attributes().map(|a| a.value().len()).sum::<usize>();
        }
        drop(document);
        spent += now() - begun;
    }
    std::hint::black_box(seen);
    Ok(spent / files.len().max(1) as f64)
}

/// The domain XMLs of a tree, sorted so that every run takes the same.
fn domains(root: &Path) -> Result<Vec<PathBuf>> {
    let entries: Result<Vec<_>, _> =
        std::fs::read_dir(root.join(tree::DOMAINS))?.map(|e| e.map(|e| e.path())).collect();
    let mut files = entries?;
    files.retain(|p| p.extension().is_some_and(|e| e == "xml"));
    // By number, not by name: the templates alternate.
    let number = |p: &PathBuf| p.file_stem().and_then(|s| s.to_str()?.rsplit('-').next().map(str::to_owned));
    files.sort_by_key(number);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_walked() {
        let root = tree::write(&tools::empty_dir("peers"), 10).unwrap();
        assert_eq!(domains(&root).unwrap().len(), 10);
        assert!(domains(&root).unwrap()[5].ends_with("web-00006.xml"));
        assert!(parse_and_walk(&root).unwrap() > 0.0);
    }

    #[test]
    fn a_peer_that_fails_has_no_cost() {
        assert!(once(&mut Command::new("false"), &[0]).unwrap().is_err());
        assert!(once(&mut Command::new("true"), &[0]).unwrap().is_ok());
    }
}
