//! What every file of the suite uses: a wall a line, or a script and what became of it.
#![allow(
    dead_code,
    clippy::panic,
    clippy::print_stdout,
    reason = "no file uses all; a test that can't go on must say so"
)]
use anyhow::Result;
use lab::wall::{Bench, PRELUDE, Verdicts, Wall, read};
use lab::{Mac, Request};

/// One test a line: name, security module, control (and, after `+`, others that must see the same), and the script that takes
/// the wall away. After `given`: what has to be so before it can stand.
#[allow(unused_macros, reason = "no file uses all")]
macro_rules! walls {
    ($( $(#[$meta:meta])* $name:ident $mac:ident $control:literal $(+ $also:literal)* $(given $given:literal)? : $script:literal; )*) => { $(
        $(#[$meta])*
        #[test]
        fn $name() {
            let wall = lab::wall::Wall {
                control: $control, mac: lab::Mac::$mac, given: concat!($($given)?), script: $script, also: &[$($also),*], boot: None,
            };
            $crate::wall::test(&wall, lab::wall::Wall::removed);
        }
    )* };
}
#[allow(unused_imports, reason = "no file uses all")]
pub(crate) use walls;

/// The lab, if it is built; a line that says why not.
pub fn bench(mac: Mac) -> Option<Bench> {
    Bench::ready(mac).map_err(|why| println!("skipped: {why}")).ok()
}

/// Tests one wall and prints its row.
pub fn test<'a>(wall: &Wall<'a>, how: fn(&Wall<'a>, &Bench) -> Result<String>) {
    let Some(bench) = bench(wall.mac) else { return };
    match how(wall, &bench) {
        Ok(row) => println!("{row}"),
        Err(why) => panic!("{} on {}: {why:#}", wall.control, wall.mac.name()),
    }
}

/// A wall that the lab lacks: not there before the script, there after it.
pub fn raised(control: &str, script: &str) {
    let wall = Wall { control, mac: Mac::Selinux, given: "", script, also: &[], boot: None };
    test(&wall, Wall::raised);
}

/// Runs a script, and gives what it printed and the verdicts of its last `check report`.
pub fn see(request: Request) -> Option<(String, Verdicts)> {
    let bench = bench(request.mac)?;
    let script = format!("{PRELUDE}\nset -e\n{}", request.script);
    let outcome = bench.run(&Request { script, ..request }).unwrap_or_else(|why| panic!("{why:#}"));
    let verdicts = match outcome.made.contains_key("report") {
        true => read(&outcome, "report").unwrap_or_else(|why| panic!("{why:#}")),
        false => Verdicts::new(),
    };
    Some((outcome.stdout, verdicts))
}
