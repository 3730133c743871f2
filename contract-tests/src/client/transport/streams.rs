//! The output of a client: always read, so that the client never blocks, and kept up to a limit.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::task::JoinHandle;

/// The most bytes of a stream that are kept.
const KEPT: usize = 1 << 20;

/// The time limit for the rest of a stream after every known writer has ended.
const REST: Duration = Duration::from_millis(500);

/// A stream that is being read.
#[derive(Debug)]
pub(super) struct Stream {
    printed: Arc<Mutex<Printed>>,
    reader: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Printed {
    kept: Vec<u8>,
    total: u64,
}

impl Stream {
    /// Reads the stream in its own task, and keeps the beginning.
    pub(super) fn read(pipe: impl Into<OwnedFd>) -> io::Result<Self> {
        Self::read_up_to(KEPT, pipe)
    }

    /// Reads the stream in its own task, and keeps the first `most` bytes.
    pub(super) fn read_up_to(most: usize, pipe: impl Into<OwnedFd>) -> io::Result<Self> {
        let mut pipe = Receiver::from_owned_fd(pipe.into())?;
        let printed: Arc<Mutex<Printed>> = Arc::default();
        let into = Arc::clone(&printed);
        let reader = tokio::spawn(async move {
            let mut piece = vec![0; 64 << 10];
            while let Ok(read @ 1..) = pipe.read(&mut piece).await {
                lock(&into).take(&piece[..read], most);
            }
        });
        Ok(Self { printed, reader })
    }

    /// Returns the number of kept bytes so far.
    pub(super) fn kept(&self) -> usize {
        lock(&self.printed).kept.len()
    }

    /// Returns the kept output from an offset on, at most one mebibyte.
    pub(super) fn since(&self, from: usize) -> Vec<u8> {
        let printed = lock(&self.printed);
        let rest = printed.kept.get(from..).unwrap_or_default();
        rest[..rest.len().min(KEPT)].to_vec()
    }

    /// Returns the kept output and the total number of bytes.
    pub(super) async fn end(mut self) -> (Vec<u8>, u64) {
        // A hidden process may hold the stream open; its output is not awaited.
        let _ = tokio::time::timeout(REST, &mut self.reader).await;
        self.reader.abort();
        let mut printed = lock(&self.printed);
        (std::mem::take(&mut printed.kept), printed.total)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Printed {
    fn take(&mut self, piece: &[u8], most: usize) {
        let room = most - self.kept.len();
        self.kept.extend_from_slice(&piece[..piece.len().min(room)]);
        self.total += piece.len() as u64;
    }
}

/// Locks, also after a panic: counter and text are consistent at every step.
fn lock(printed: &Mutex<Printed>) -> MutexGuard<'_, Printed> {
    printed.lock().unwrap_or_else(PoisonError::into_inner)
}
