//! Output to standard output and the error stream. `print!` would panic if it can't be written.

use std::io::{self, ErrorKind, IsTerminal, Write};

use crewpass_diagnostics::terminal;

use crate::report::Look;

use super::error::CliError;

/// The width without a terminal.
const NO_TERMINAL: usize = 80;

/// Writes a text to standard output and flushes it. A reader that closed the pipe, such as `head`,
/// is not an error.
pub(crate) fn say(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Stdout(error)),
        _ => Ok(()),
    }
}

/// Writes a text to the error stream; errors are ignored, since they can't be shown.
pub(crate) fn note(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Returns the terminal's width in columns, or 80 without a terminal.
pub(crate) fn width() -> usize {
    terminal::width(NO_TERMINAL)
}

/// Returns the width at which a table is cut: that of the terminal, and none where something else reads it.
pub(crate) fn table_width() -> usize {
    if io::stdout().is_terminal() { width() } else { usize::MAX }
}

/// Returns true if the error stream shows colours.
pub(crate) fn is_colored() -> bool {
    terminal::has_color(&io::stderr())
}

/// Returns the look of a text on standard output.
pub(crate) fn look() -> Look {
    look_of(&io::stdout())
}

/// Returns the look of a text on the error stream.
pub(crate) fn look_of_errors() -> Look {
    look_of(&io::stderr())
}

/// Returns the look of a text on a stream: only a terminal has a height that is worth cutting for.
fn look_of(stream: &impl IsTerminal) -> Look {
    Look { color: terminal::has_color(stream), whole: !stream.is_terminal(), ..Look::from(width()) }
}

/// Returns the look of a text in a file.
pub(crate) fn look_of_file() -> Look {
    Look { whole: true, ..Look::from(NO_TERMINAL) }
}
