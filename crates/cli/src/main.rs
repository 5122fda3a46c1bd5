//! The `baluarte` command: arguments in; text, JSON, SARIF out.

use std::process::ExitCode;

use clap::Parser as _;

mod arguments;
mod check;
mod collect;
mod explain;
mod progress;
mod render;
mod terminal;

use arguments::{Arguments, Command};

/// The typed model of ten thousand domains is two million small pieces; this halves what they cost beside glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    host::memory::start_small();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` and `--version` come this way as well; clap knows which stream each goes to.
            let code = if error.use_stderr() { engine::exit::ERROR } else { engine::exit::CLEAN };
            return ExitCode::from(if error.print().is_ok() { code } else { engine::exit::ERROR });
        }
    };
    let outcome = match &arguments.command {
        Command::Check(check) => check::run(check),
        Command::Explain(explain) => explain::run(explain),
        Command::Collect(collect) => collect::run(collect),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            terminal::error(&format!("{error:#}"));
            ExitCode::from(engine::exit::ERROR)
        }
    }
}
