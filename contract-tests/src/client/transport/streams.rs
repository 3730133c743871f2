//! What a client prints: always read, so that it never waits for us, and kept up to a bound.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::task::JoinHandle;

/// How much of a stream is kept.
const KEPT: usize = 1 << 20;

/// How long the rest of a stream may take to arrive when every process that could write is gone, as far as is known.
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
    /// Reads the stream in a task of its own, and keeps the beginning.
    pub(super) fn read(pipe: impl Into<OwnedFd>) -> io::Result<Self> {
        Self::read_up_to(KEPT, pipe)
    }

    /// The same, with as much kept.
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

    /// How much of what was printed is kept so far.
    pub(super) fn kept(&self) -> usize {
        lock(&self.printed).kept.len()
    }

    /// What was printed from there on, as far as it is kept, a mebibyte at most.
    pub(super) fn since(&self, from: usize) -> Vec<u8> {
        let printed = lock(&self.printed);
        let rest = printed.kept.get(from..).unwrap_or_default();
        rest[..rest.len().min(KEPT)].to_vec()
    }

    /// What was printed: the beginning, and how much in all.
    pub(super) async fn end(mut self) -> (Vec<u8>, u64) {
        // A process that hides from us may hold the stream open; what it prints is not waited for.
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

/// Locks, also after a panic: a counter and a text are whole at every step.
fn lock(printed: &Mutex<Printed>) -> MutexGuard<'_, Printed> {
    printed.lock().unwrap_or_else(PoisonError::into_inner)
}
