//! A progress line, on a terminal alone, and only once something takes over half a second.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

/// How long it stays silent.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line changes at most.
const PACE: Duration = Duration::from_millis(100);

/// A progress line on standard error; it is wiped when dropped.
pub(crate) struct Progress {
    what: &'static str,
    terminal: bool,
    next: Instant,
    shown: bool,
}

impl Progress {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, terminal: io::stderr().is_terminal(), next: Instant::now() + PATIENCE, shown: false }
    }

    pub(crate) fn tell(&mut self, done: usize, of: usize) {
        if !self.terminal || Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + PACE;
        self.shown = true;
        // A line nobody can see is no reason to stop.
        let _ = write!(io::stderr(), "\r\x1b[2K{}: {done} of {of}", self.what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}
