//! What goes to standard output. `print!` would panic where it can't be written, such as on a full disk.

use std::io::{self, ErrorKind, Write};

use super::error::CliError;

/// Writes a text, and sees it out.
pub(crate) fn say(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    heard(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Ignores a closed output: a reader that went away, such as `head`, has what it wanted.
pub(crate) fn heard(written: io::Result<()>) -> Result<(), CliError> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::System(error)),
        _ => Ok(()),
    }
}
