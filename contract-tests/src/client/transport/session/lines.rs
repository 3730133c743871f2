//! Lines of a bounded length from a pipe.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::unix::pipe::Receiver;

/// The longest line, in bytes.
const LONGEST: u64 = 1 << 20;

/// A pipe that is read line by line. After a cancelled read, the next one continues the same line.
#[derive(Debug)]
pub(super) struct Lines {
    pipe: BufReader<Receiver>,
    begun: Vec<u8>,
}

impl Lines {
    pub(super) fn new(pipe: impl Into<OwnedFd>) -> io::Result<Self> {
        Ok(Self { pipe: BufReader::new(Receiver::from_owned_fd(pipe.into())?), begun: Vec::new() })
    }

    /// Returns the next line without its end; `None` at the end of the pipe. The error is a line
    /// that is too long.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        loop {
            let room = (LONGEST + 1).saturating_sub(self.begun.len() as u64);
            let read = (&mut self.pipe).take(room).read_until(b'\n', &mut self.begun).await;
            if self.begun.last() == Some(&b'\n') {
                self.begun.pop();
                let line = std::mem::take(&mut self.begun);
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return Ok(Some(line));
            }
            if self.begun.len() as u64 > LONGEST {
                return Err("it sent a line of more than one mebibyte".to_owned());
            }
            if !matches!(read, Ok(1..)) {
                return Ok(None);
            }
        }
    }
}
