//! `xtask bench lab`: what the lab costs to build, to restore and to boot, in wall time against its limits.
use super::page::{figure, machine, table};
use crate::lab::progress;
use crate::lab::suite::Suite;
use crate::test::report::Totals;
use crate::tools;
use anyhow::{Context, Result, bail};
use lab::{Lab, Release, Request};
use std::time::{Duration, Instant};

/// One line of the page.
struct Row {
    what: String,
    /// Seconds, ascending; none if not measured, and why.
    took: Result<Vec<f64>, String>,
    /// Which of them is judged: 0.5 the median, 1 the slowest.
    quantile: f64,
    limit: f64,
}

impl Row {
    fn judged(&self) -> Option<f64> {
        let took = self.took.as_ref().ok()?;
        // The least that so many of a hundred do not pass.
        let at = (took.len() as f64 * self.quantile).ceil() as usize;
        took.get(at.saturating_sub(1)).copied()
    }
    fn over(&self) -> bool {
        self.judged().is_some_and(|t| t > self.limit)
    }
    fn cells(&self) -> Vec<String> {
        let end = match (&self.took, self.judged()) {
            (Ok(took), Some(judged)) => [
                took.len().to_string(),
                figure(judged),
                figure(self.limit),
                figure(judged / self.limit),
                if self.over() { "OVER" } else { "ok" }.to_owned(),
            ],
            (took, _) => {
                let why = took.as_ref().err().map_or("nothing", String::as_str);
                ["–".into(), "–".into(), figure(self.limit), "–".into(), format!("not measured: {why}")]
            }
        };
        std::iter::once(self.what.clone()).chain(end).collect()
    }
}

/// Measures, prints and writes the page; false if a limit was passed.
pub fn run(args: &[&str]) -> Result<bool> {
    let (mut runs, mut build, mut suite) = (20, false, false);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match *word {
            "--build" => build = true,
            "--suite" => suite = true,
            "--runs" => runs = tools::number("--runs", words.next())?.max(1),
            other => bail!("bench lab takes --build, --suite and --runs N, not {other}"),
        }
    }
    let lab = Lab::open(&tools::root(), Release::Bookworm)?;
    let mut rows = builds(&lab, build)?;
    rows.push(row(
        "`lab build`, cached",
        1.0,
        1.0,
        times(3, || Lab::open(&tools::root(), Release::Bookworm)?.build(&|_| ())),
    ));
    let restored = times(runs, || run_true(&lab, &Request::script("true"))).map_err(|why| format!("{why:#}"));
    for (quantile, limit) in [(0.5, 5.0), (0.95, 15.0)] {
        let took = restored.clone().map_err(anyhow::Error::msg);
        rows.push(row(
            &format!("`lab run -- true`, restored, p{:.0}", quantile * 100.0),
            quantile,
            limit,
            took,
        ));
    }
    let cold = Request { cold: true, ..Request::script("true") };
    rows.push(row("`lab run --cold -- true`, slowest", 1.0, 60.0, times(3, || run_true(&lab, &cold))));
    rows.push(suite_row(suite)?);
    let text = page(&rows, args);
    println!("{text}");
    let to = tools::root().join("book/src/benchmarks/lab.md");
    std::fs::write(&to, text).with_context(|| to.display().to_string())?;
    println!("written: {}", to.display());
    Ok(!rows.iter().any(Row::over))
}

fn row(what: &str, quantile: f64, limit: f64, took: Result<Vec<f64>>) -> Row {
    Row { what: what.to_owned(), took: took.map_err(|why| format!("{why:#}")), quantile, limit }
}

/// Building from nothing throws away what is there, so that it has to be asked for.
fn builds(lab: &Lab, build: bool) -> Result<Vec<Row>> {
    let why = || Err("needs --build".to_owned());
    let mut image = Row { what: "image from nothing".into(), took: why(), quantile: 1.0, limit: 300.0 };
    let mut snapshots = Row { what: "both snapshots".into(), took: why(), quantile: 1.0, limit: 150.0 };
    if build {
        lab.forget()?;
        image.took = Ok(times(1, || lab.build_image(&progress()))?);
        snapshots.took = Ok(times(1, || lab.build(&progress()))?);
    } else {
        lab.build(&progress())?;
    }
    Ok(vec![image, snapshots])
}

fn run_true(lab: &Lab, request: &Request) -> Result<()> {
    let outcome = lab.run(request)?;
    if outcome.code != 0 {
        bail!("exit code {}: {}", outcome.code, outcome.stderr);
    }
    Ok(())
}

fn suite_row(suite: bool) -> Result<Row> {
    let what = "lab tests of CI, two at a time";
    if !suite {
        return Ok(row(what, 1.0, 1200.0, Err(anyhow::anyhow!("needs --suite"))));
    }
    let begun = Instant::now();
    let mut totals = Totals::default();
    Suite { all: false, release: Release::Bookworm, names: Vec::new() }
        .run(Duration::from_secs(3600), &mut totals)?;
    let what = format!("{} lab tests of CI, two at a time ({} failed)", totals.passed, totals.failed);
    Ok(row(&what, 1.0, 1200.0, Ok(vec![begun.elapsed().as_secs_f64()])))
}

fn times(runs: usize, mut job: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    let mut took = Vec::new();
    for _ in 0..runs {
        let begun = Instant::now();
        job()?;
        took.push(begun.elapsed().as_secs_f64());
    }
    took.sort_by(f64::total_cmp);
    Ok(took)
}

fn page(rows: &[Row], args: &[&str]) -> String {
    let mut text = String::from(
        "# What the lab costs\n\nWritten by `cargo xtask bench lab`; seconds of wall time, whatever else ran.\n\n",
    );
    table(
        &mut text,
        &["measured", "runs", "s", "limit", "s / limit", "verdict"],
        rows.iter().map(Row::cells),
    );
    let words = args.iter().fold(String::new(), |all, a| format!("{all} {a}"));
    text.push_str(&format!(
        "\n## How to repeat\n\n```sh\ncargo xtask bench lab{words}\n```\n\nThe image is made of packages that are downloaded \
         in the same run. Measured on: {}.\n",
        machine()
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asked_quantile_is_judged() {
        let took: Vec<f64> = (1..=20).map(f64::from).collect();
        let at = |quantile| row("x", quantile, 15.0, Ok(took.clone()));
        assert_eq!(
            (at(0.5).judged(), at(0.95).judged(), at(1.0).judged()),
            (Some(10.0), Some(19.0), Some(20.0))
        );
        assert!(!at(0.5).over() && at(0.95).over());
        assert!(page(&[at(0.95)], &["--runs", "20"]).contains("OVER"));
        let none = row("x", 1.0, 1.0, Err(anyhow::anyhow!("needs --build")));
        assert!(none.cells().join(" ").contains("not measured: needs --build") && !none.over());
    }
}
