//! What is printed goes through here: colours only where they can be seen, a closed pipe is no error.

use std::{
    borrow::Cow,
    io::{self, Write as _},
};

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

/// Columns of the screen, within what can be read; without a screen there is no end to a line.
pub(crate) fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout());
    size.map_or(usize::MAX, |size| usize::from(size.ws_col).clamp(60, 160))
}

/// Text in a style; the stream takes the style away again where it cannot be seen.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// What a stranger wrote (a host's, a VM's or a file's name, a value, bytes of a file), with nothing in it that a terminal
/// would obey: control characters of either set, line ends too, and those that turn the direction of writing.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let strange = |c: char| c.is_control() || turns(c);
    if text.contains(strange) { text.replace(strange, "\u{fffd}").into() } else { text.into() }
}

/// The same for a file that is shown in part: every place in it stays where it is, for what is put in has as many bytes. Its
/// lines stay, and control characters of one byte are the renderer's to show.
pub(crate) fn plain_source(text: &str) -> Cow<'_, str> {
    let second_set = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    if !text.contains(|c| second_set(c) || turns(c)) {
        return text.into();
    }
    text.replace(second_set, "\u{b7}").replace(turns, "\u{fffd}").into()
}

/// Characters that turn the direction of writing (Unicode Standard Annex 9).
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Prints to standard output.
///
/// # Errors
/// Anything but a closed pipe: `baluarte check | head` is no failure of the check.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    open_pipe(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Prints JSON as it is: it has no colours, and what a terminal would obey is escaped.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_json(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    open_pipe(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// A reader that has seen enough is no failure of the check.
fn open_pipe(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
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
