//! What a running VM adds to a check: a private libvirtd, first without VMs, then with some.
use super::rows::{Bench, Outcome};
use testkit::domains;
use testkit::libvirt::{Options, PrivateLibvirt, need};
use testkit::scratch::Scratch;

/// VMs that run.
const VMS: usize = 4;
/// Checks that are timed together: the kernel counts CPU time in steps too coarse for one.
const CHECKS: usize = 25;
/// Most that each running VM may add, in ms of CPU.
const LIMIT_MS: f64 = 5.0;

/// CPU time each running VM adds to a check, in ms.
pub fn measure(bench: &Bench) -> Outcome {
    match need().map_err(Outcome::NotMeasured).and_then(|()| added(bench).map_err(Outcome::Broken)) {
        Ok(samples) => {
            let mut sorted = samples;
            sorted.sort_by(f64::total_cmp);
            let best = sorted.first().copied().unwrap_or(f64::NAN);
            let median = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
            Outcome::Measured { best, median, limit: LIMIT_MS, instructions: None }
        }
        Err(outcome) => outcome,
    }
}

fn added(bench: &Bench) -> Result<Vec<f64>, String> {
    let libvirt = PrivateLibvirt::start(&Options::default())?;
    libvirt.add_bridge(domains::BRIDGE)?;
    let times = |libvirt: &PrivateLibvirt| -> Result<Vec<f64>, String> {
        (0..bench.options.runs.max(1)).map(|_| seconds(bench, libvirt)).collect()
    };
    let without = times(&libvirt)?;
    let scratch = Scratch::new().map_err(|error| error.to_string())?;
    for number in 0..VMS {
        let image = scratch.image(&format!("{number}.img"), "raw", 16, 0o600)?;
        let name = format!("vm{number}");
        libvirt.define(&domains::neglected(&name, &image))?;
        libvirt.start_domain(&name)?;
    }
    let with = times(&libvirt)?;
    let each = |(with, without): (&f64, &f64)| (with - without) / (VMS * CHECKS) as f64 * 1e3;
    Ok(with.iter().zip(&without).map(each).collect())
}

/// User and system time of all checks together.
fn seconds(bench: &Bench, libvirt: &PrivateLibvirt) -> Result<f64, String> {
    let script = format!(
        "TIMEFORMAT='%3U %3S'; time for i in $(seq {CHECKS}); do \"$0\" check --format json > /dev/null; done"
    );
    let binary = bench.binary.to_string_lossy();
    let output = libvirt.exec(&["bash", "-c", &script, &binary])?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = text.lines().last().unwrap_or_default();
    let parts: Vec<f64> = last.split_whitespace().filter_map(|part| part.parse().ok()).collect();
    match parts.as_slice() {
        [user, system] => Ok(user + system),
        _ => Err(format!("bash did not tell the time: {text}")),
    }
}
