//! The page of the manual: the numbers, the machine, and how to repeat them.
use super::Options;
use super::peers::Peer;
use super::rows::{Outcome, Row};
use crate::tools;
use std::fmt::Write as _;
use std::process::Command;

/// Markdown that reads as well in a terminal.
pub fn write(options: &Options, ours: &[Row], peers: &[Peer]) -> String {
    let mut text = String::from(
        "# What a check costs\n\nWritten by `cargo xtask bench check`; CPU is user and system time of the process, \
         peak its resident set.\n\n",
    );
    table(
        &mut text,
        &["measured", "unit", "best", "median", "limit", "best / limit", "verdict"],
        ours.iter().map(cells),
    );
    let counted = ours.iter().filter_map(|r| match r.outcome {
        Outcome::Measured { instructions: Some(n), .. } => Some(format!("- {}: {n} instructions\n", r.what)),
        _ => None,
    });
    let counted: String = counted.collect();
    if !counted.is_empty() {
        let _ = write!(text, "\n{counted}");
    }
    text.push_str("\n## Beside others\n\n");
    table(
        &mut text,
        &["peer", "job", "unit", "peer's cost", "ours", "peer / ours"],
        peers.iter().map(beside),
    );
    let peers = if options.peers { " --peers" } else { "" };
    let _ = write!(
        text,
        "\nOpenSCAP's content has no rule for what Baluarte judges, nor has Lynis: theirs is the price of another job \
         on the same host.\n\n## How to repeat\n\n```sh\ncargo xtask bench check --runs {} --vms {}{peers}\n```\n\nThe \
         binary is built by `cargo build --release`. Each command runs once unmeasured and then {} times; the best is \
         judged, since other work on the machine only adds. The domain XMLs are generated from five templates, the same \
         in each run. Measured on: {}.\n",
        options.runs,
        options.vms,
        options.runs,
        machine()
    );
    text
}

fn cells(row: &Row) -> Vec<String> {
    let dash = || "–".to_owned();
    let (numbers, verdict) = match &row.outcome {
        Outcome::Measured { best, median, limit, .. } => {
            let verdict = if row.failed() { "OVER" } else { "ok" };
            ([figure(*best), figure(*median), figure(*limit), figure(best / limit)], verdict.to_owned())
        }
        Outcome::Holds(yes) => ([dash(), dash(), dash(), dash()], if *yes { "yes" } else { "NO" }.to_owned()),
        Outcome::Broken(why) => ([dash(), dash(), dash(), dash()], format!("BROKEN: {why}")),
        Outcome::NotMeasured(why) => ([dash(), dash(), dash(), dash()], format!("not measured: {why}")),
    };
    let mut cells = vec![row.what.clone(), row.unit.to_owned()];
    cells.extend(numbers);
    cells.push(verdict);
    cells
}

fn beside(peer: &Peer) -> Vec<String> {
    let ours = peer.ours.map_or("–".to_owned(), figure);
    let (cost, ratio) = match (&peer.cost, peer.ours) {
        (Ok(cost), Some(ours)) => (figure(*cost), figure(cost / ours)),
        (Ok(cost), None) => (figure(*cost), "–".into()),
        (Err(why), _) => (format!("not measured: {why}"), "–".into()),
    };
    vec![peer.name.clone(), peer.job.clone(), peer.unit.to_owned(), cost, ours, ratio]
}

/// Three significant digits.
pub fn figure(n: f64) -> String {
    if n == 0.0 || !n.is_finite() {
        return format!("{n}");
    }
    let decimals = (2 - n.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{n:.decimals$}")
}

/// Columns padded to their widest cell.
pub fn table(text: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut all = vec![head.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>()];
    all.extend(rows);
    let width = |i: usize| all.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for (i, row) in all.iter().enumerate() {
        let padded: Vec<String> = row.iter().zip(&widths).map(|(c, w)| format!("{c:<w$}")).collect();
        let _ = writeln!(text, "| {} |", padded.join(" | "));
        if i == 0 {
            let rules: Vec<String> = widths.iter().map(|w| "-".repeat(w + 2)).collect();
            let _ = writeln!(text, "|{}|", rules.join("|"));
        }
    }
}

/// Processor, cores, kernel, compiler; no name of the machine.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model =
        cpuinfo.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": ")).map_or("?", |(_, m)| m);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let rustc = tools::output(Command::new("rustc").arg("--version")).unwrap_or_default();
    format!("{model}, {cores} cores, Linux {}, {}", kernel.trim(), rustc.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        let shown: Vec<String> = [85.04, 0.0084, 0.25, 1234.5, 0.0].into_iter().map(figure).collect();
        assert_eq!(shown, ["85.0", "0.00840", "0.250", "1234", "0"]);
    }

    #[test]
    fn the_page_says_what_is_over_and_what_was_not_measured() {
        let measured = |best| Outcome::Measured { best, median: best, limit: 1.0, instructions: Some(7) };
        let row = |what: &str, outcome| Row { what: what.into(), unit: "s", outcome };
        let rows =
            [row("a", measured(2.0)), row("b", measured(0.5)), row("c", Outcome::NotMeasured("why".into()))];
        let peer = Peer { name: "p".into(), job: "j".into(), cost: Ok(5.0), unit: "s", ours: Some(0.5) };
        let options = Options { peers: false, runs: 5, vms: 10, binary: None, instructions: true };
        let page = write(&options, &rows, &[peer]);
        let line = |begin: &str| page.lines().find(|l| l.starts_with(begin)).unwrap().to_owned();
        assert!(line("| a ").contains("OVER") && line("| b ").contains("| ok"));
        assert!(line("| c ").contains("not measured: why"));
        assert!(line("| p ").contains("| 10.0"));
        assert!(page.contains("How to repeat") && page.contains("- a: 7 instructions"));
    }
}
