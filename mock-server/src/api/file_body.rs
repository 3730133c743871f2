//! The bytes of a file on their way out: whole from memory, or from disk in large reads of which two are held at most.

use std::fs::File;
use std::future::Future;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::session::{LinkUse, Session};
use crate::world::Content;

/// How much is read at a time. Large, since each read is a hand-over between threads.
const READ: u64 = 512 << 10;

/// The bytes of a file, not yet on their way.
#[derive(Debug)]
pub(crate) struct FileBody {
    source: Source,
    once: Option<Once>,
}

#[derive(Debug)]
enum Source {
    Memory(Bytes),
    Disk(Arc<File>),
}

impl FileBody {
    /// Takes hold of a file; one on disk is opened here, so that what can't be read is known before an answer begins.
    pub(crate) fn open(content: &Content) -> io::Result<Self> {
        let source = match content {
            Content::Memory(bytes) => Source::Memory(bytes.clone()),
            Content::Disk { path, .. } => Source::Disk(Arc::new(File::open(path)?)),
        };
        Ok(Self { source, once: None })
    }

    /// The first bytes decide what a link is spent on: the last byte out spends it, a break sets it free.
    pub(crate) fn once(self, session: Arc<Session>, serial: u64) -> Self {
        Self { once: Some(Once { session, serial, spent: false }), ..self }
    }

    /// Sends `length` bytes from `start` on; `unsized` hides the length, so that HTTP/1 sends chunks.
    pub(crate) fn send(self, start: u64, length: u64, hide_length: bool) -> Body {
        match (self.source, self.once, hide_length) {
            (Source::Memory(bytes), None, false) => Body::from(cut(&bytes, start, length)),
            (Source::Memory(bytes), once, hide_length) => {
                let bytes = cut(&bytes, start, length);
                Body::new(Sending {
                    next: Next::Ready(bytes),
                    at: start + length,
                    end: start + length,
                    file: None,
                    once,
                    hide_length,
                })
            }
            (Source::Disk(file), once, hide_length) => {
                let end = start + length;
                let mut body = Sending { next: Next::Nothing, at: start, end, file: Some(file), once, hide_length };
                body.read_ahead();
                Body::new(body)
            }
        }
    }
}

fn cut(bytes: &Bytes, start: u64, length: u64) -> Bytes {
    let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(at(start)..at(start + length))
}

/// A body that reads one piece ahead.
struct Sending {
    next: Next,
    at: u64,
    end: u64,
    file: Option<Arc<File>>,
    once: Option<Once>,
    hide_length: bool,
}

enum Next {
    Nothing,
    Ready(Bytes),
    Reading(JoinHandle<io::Result<Bytes>>),
}

impl Sending {
    fn read_ahead(&mut self) {
        let Some(file) = self.file.clone().filter(|_| self.at < self.end) else { return };
        let (from, length) = (self.at, READ.min(self.end - self.at));
        self.at += length;
        self.next = Next::Reading(tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; usize::try_from(length).unwrap_or_default()];
            file.read_exact_at(&mut piece, from)?;
            Ok(piece.into())
        }));
    }
}

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let piece = match &mut self.next {
            Next::Nothing => {
                if let Some(once) = &mut self.once {
                    once.spend();
                }
                return Poll::Ready(None);
            }
            Next::Ready(bytes) => Ok(std::mem::take(bytes)),
            Next::Reading(read) => match ready!(Pin::new(read).poll(cx)) {
                Ok(piece) => piece,
                Err(_) => Err(io::Error::other("the read was cut off")),
            },
        };
        self.next = Next::Nothing;
        if piece.is_ok() {
            self.read_ahead();
        } else {
            self.once = None;
        }
        if matches!(self.next, Next::Nothing) && piece.is_ok() && !self.hide_length {
            // With a length, HTTP/1 stops asking once it has every byte: this is the last it asks for.
            if let Some(once) = &mut self.once {
                once.spend();
            }
        }
        Poll::Ready(Some(piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        if self.hide_length {
            return SizeHint::default();
        }
        let held = match &self.next {
            Next::Ready(bytes) => bytes.len() as u64,
            Next::Reading(_) => READ.min(self.at),
            Next::Nothing => 0,
        };
        match self.next {
            Next::Reading(_) => SizeHint::default(),
            _ => SizeHint::with_exact(held),
        }
    }
}

/// A link that may be used once, reserved for as long as this lives.
#[derive(Debug)]
struct Once {
    session: Arc<Session>,
    serial: u64,
    spent: bool,
}

impl Once {
    fn spend(&mut self) {
        self.spent = true;
        self.session.live().uses.insert(self.serial, LinkUse::Spent);
    }
}

impl Drop for Once {
    fn drop(&mut self) {
        if !self.spent {
            self.session.live().uses.remove(&self.serial);
        }
    }
}
