//! What goes to standard output, and how wide it may be. `print!` would panic where it can't be written.

use std::io::{self, ErrorKind, Write};

use crewpass_diagnostics::terminal;

use super::error::CliError;

/// The width where there is no terminal.
const NO_TERMINAL: usize = 80;

/// Writes a text, and sees it out. A reader that went away, such as `head`, has what it wanted.
pub(crate) fn say(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::System(error)),
        _ => Ok(()),
    }
}

/// Writes a line for people to the error stream; where it can't be written there is nobody to tell.
pub(crate) fn note(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Returns the terminal's width, or 80.
pub(crate) fn width() -> usize {
    terminal::width(NO_TERMINAL)
}
