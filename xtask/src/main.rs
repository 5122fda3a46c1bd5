//! The project's own tasks: `cargo xtask --help`.
mod bench;
mod coverage;
mod deny;
mod fmt;
mod generated;
mod lab;
mod soak;
mod sys;
mod target;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask TASK [OPTION…]: what the project does to itself

  test [--tier N] [--no-install]
      Everything that must hold before a change lands. As root on Debian it first installs what the
      tests of real parts need; otherwise it says what is missing and what it skips.
        1  build and laws   fmt, tidy, deny, clippy, build of every target
        2  units            unit tests, properties, every control
        3  real parts       tests named real_*: a private libvirtd, nftables, audit …; needs root
        4  the lab          a hypervisor in a VM (built first: 10 minutes); needs root
      Each tier has a deadline (an hour for all). What a deadline drops is named, and goes first next time.
      The last line is `N passed, N failed, N skipped`.
  tidy            the laws of the project, as code: path:line: law N: what, and how to mend it
  fmt [--check]   cargo fmt, and the control files that it can't see
  deny            licences, banned crates and sources (fetches cargo-deny once: 4 minutes on 2 cores)
  gen [--check]   the generated files: hosts/neglected.zst, the manual's list of controls
  coverage        the controls by topic and severity, with their examples and remedies
  bench check [--peers] [--runs N] [--vms N] [--binary FILE] [--instructions]
      Measures `baluarte check` against its limits and its peers; writes book/src/benchmarks/check.md.
      --peers runs Lynis too (minutes). --instructions counts them with valgrind (slow).
  bench lab [--build] [--suite] [--runs N]
      What the lab costs, against its limits; writes book/src/benchmarks/lab.md. --build builds it from nothing,
      --suite runs its tests: minutes each.
  lab build|run|shell|test|hosts
      A whole hypervisor in a VM, with SELinux or AppArmor enforcing: cargo xtask lab --help
  soak lab [--release bookworm|trixie]
      All of the lab's tests.
  soak fuzz [--seconds N]
      Each target under fuzz/fuzz_targets, N seconds each (60).

Built files go to $CARGO_TARGET_DIR, or to a folder in the cache: $BALUARTE_CACHE, or $XDG_CACHE_HOME/baluarte,
or ~/.cache/baluarte. There is one per Cargo.lock and compiler, shared by clones, and one more for each run at the
same time; old ones may be deleted when nothing runs.
Exit code: 0 all well, 1 something failed, 2 not a task.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] | ["help" | "--help" | "-h", ..] => {
            println!("{HELP}");
            Ok(true)
        }
        [task, "--help" | "-h", ..] if *task != "lab" => {
            println!("{HELP}");
            Ok(true)
        }
        ["test", rest @ ..] => test::run(rest),
        ["tidy"] => tidy::run(),
        ["fmt", rest @ ..] => fmt::run(rest),
        ["deny"] => deny::run(),
        ["gen", rest @ ..] => generated::run(rest),
        ["bench", "check", rest @ ..] => bench::run(rest),
        ["bench", "lab", rest @ ..] => bench::lab::run(rest),
        ["coverage"] => {
            coverage::run();
            Ok(true)
        }
        ["soak", "fuzz", rest @ ..] => soak::run(rest),
        ["soak", "lab", rest @ ..] => {
            let words: Vec<&str> = ["test", "--all"].into_iter().chain(rest.iter().copied()).collect();
            return finish(lab::run(&words));
        }
        ["lab", rest @ ..] => return finish(lab::run(rest)),
        _ => {
            eprintln!("no such task: {}\n\n{HELP}", words.join(" "));
            return ExitCode::from(2);
        }
    };
    finish(done.map(|good| if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }))
}

fn finish(done: anyhow::Result<ExitCode>) -> ExitCode {
    done.unwrap_or_else(|why| {
        eprintln!("xtask: {why:#}");
        ExitCode::FAILURE
    })
}
