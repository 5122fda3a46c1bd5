//! What is printed goes through here: colours only where they can be seen, a closed pipe is no error.

use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};

/// Headings and names.
pub(crate) const BOLD: Style = Style::new().bold();
/// Less important text.
pub(crate) const DIM: Style = Style::new().dimmed();
/// Hints and commands.
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
/// What stands.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What nobody can tell.
pub(crate) const DOUBT: Style = AnsiColor::Yellow.on_default();
/// What is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Text in a style; the stream takes the style away again where it cannot be seen.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints to standard output.
///
/// # Errors
/// Anything but a closed pipe: `baluarte check | head` is no failure of the check.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Prints an error to standard error; if even that cannot be written, there is nobody to tell.
pub(crate) fn error(text: &str) {
    note(&format!("{} {text}", paint(BAD, "error:")));
}

/// Prints a line to standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
