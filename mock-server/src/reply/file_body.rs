//! The bytes of a file on their way out: whole from memory, or from disk in large reads of which two are held at most.

use std::fs::File;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::body::Body;
use crate::http::{ConnectionHandle, SendfileBytes};
use crate::positioned::PositionedFile;
use crate::session::{LinkId, Session};
use crate::world::{Content, FileStamp};

/// The number of bytes of one read. Large, since each read is a hand-over between threads.
const READ: u64 = 512 << 10;

/// The number of bytes of a file in memory that are given at once, if it matters how far the body came.
const PIECE: usize = 64 << 10;

/// The bytes of a file, not yet on their way.
#[derive(Debug)]
pub(crate) struct FileBody {
    source: Source,
    once: Option<Once>,
}

#[derive(Debug)]
enum Source {
    Memory(SendfileBytes),
    Disk(OpenFile),
}

/// An open file on the disk.
#[derive(Clone, Debug)]
struct OpenFile {
    file: Arc<File>,
    /// The state when its world was loaded; `None` for a file that only the fake can write.
    stamp: Option<FileStamp>,
}

impl OpenFile {
    /// Reads bytes. A file that somebody has written to meanwhile is an error: its bytes would be mixed.
    fn read(&self, from: u64, length: u64) -> io::Result<Bytes> {
        let mut piece = vec![0; usize::try_from(length).unwrap_or_default()];
        self.file.read_exact_at(&mut piece, from)?;
        // Checked after the read, so that no write before it is missed.
        self.stamp.map_or(Ok(()), |stamp| stamp.check(&self.file))?;
        Ok(piece.into())
    }
}

impl FileBody {
    /// Takes hold of a file; one on disk is opened here, so that what can't be read is known before an answer begins.
    pub(crate) fn open(content: &Content) -> io::Result<Self> {
        let source = match content {
            Content::Memory(bytes) => Source::Memory(bytes.clone()),
            Content::Disk(file) => Source::Disk(OpenFile { file: Arc::new(file.open()?), stamp: Some(file.stamp()) }),
            Content::Unnamed { file, .. } => Source::Disk(OpenFile { file: Arc::clone(&file.0), stamp: None }),
        };
        Ok(Self { source, once: None })
    }

    /// Spends the link with the last byte of the body; if the body ends early, the link is free again.
    pub(crate) fn once(self, session: Arc<Session>, link: LinkId) -> Self {
        Self { once: Some(Once { session, link, spent: false }), ..self }
    }

    /// Moves the reservation to the code that sends these bytes in another way.
    pub(super) fn take_once(&mut self) -> Option<Once> {
        self.once.take()
    }

    /// Creates a body of unknown length, for HEAD: nothing of it is ever read.
    pub(crate) fn of_unknown_length() -> Body {
        Sending::begin(Rest::Memory(Bytes::new()), None, true)
    }

    /// Sends `length` bytes from `start` on by a line; `hide_length` makes HTTP/1 send chunks.
    pub(crate) fn send(self, line: &ConnectionHandle, start: u64, length: u64, hide_length: bool) -> Body {
        let rest = match self.source {
            Source::Memory(bytes) => {
                let bytes = cut(&bytes, start, length);
                line.offer(&bytes);
                if self.once.is_none() && !hide_length {
                    return Body::from(bytes.into_bytes());
                }
                Rest::Memory(bytes.into_bytes())
            }
            Source::Disk(file) => Rest::Disk { file, at: start, end: start + length },
        };
        Sending::begin(rest, self.once, hide_length)
    }
}

fn cut(bytes: &SendfileBytes, start: u64, length: u64) -> SendfileBytes {
    let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(at(start)..at(start + length))
}

/// A body in pieces, so that who stops reading stops it; one from disk reads a piece ahead.
struct Sending {
    rest: Rest,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    left: u64,
    once: Option<Once>,
    hide_length: bool,
}

/// What was not asked for yet.
enum Rest {
    Memory(Bytes),
    Disk { file: OpenFile, at: u64, end: u64 },
}

impl Sending {
    fn begin(rest: Rest, once: Option<Once>, hide_length: bool) -> Body {
        let left = match &rest {
            Rest::Memory(bytes) => bytes.len() as u64,
            Rest::Disk { at, end, .. } => end - at,
        };
        let mut sending = Self { rest, reading: None, left, once, hide_length };
        sending.read_ahead();
        sending.spend_if_out();
        Body::new(sending)
    }

    fn read_ahead(&mut self) {
        let Rest::Disk { file, at, end } = &mut self.rest else { return };
        if at == end {
            return;
        }
        let (from, length, file) = (*at, READ.min(*end - *at), file.clone());
        *at += length;
        self.reading = Some(tokio::task::spawn_blocking(move || file.read(from, length)));
    }

    fn next(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if let Rest::Memory(bytes) = &mut self.rest {
            let length = bytes.len().min(PIECE);
            return Poll::Ready(Ok(bytes.split_to(length)));
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(Ok(Bytes::new())) };
        let piece =
            ready!(Pin::new(reading).poll(cx)).unwrap_or_else(|_| Err(io::Error::other("the read was cut off")));
        self.reading = None;
        if piece.is_ok() {
            self.read_ahead();
        }
        Poll::Ready(piece)
    }

    /// Spends the link if the last byte is out. HTTP/1 with a length stops asking once it has every byte, so the last
    /// byte that it gets is the last sign of life.
    fn spend_if_out(&mut self) {
        if self.left == 0 && !self.hide_length {
            self.once.iter_mut().for_each(Once::spend);
        }
    }
}

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.left == 0 {
            self.once.iter_mut().for_each(Once::spend);
            return Poll::Ready(None);
        }
        let piece = ready!(self.next(cx));
        if let Ok(bytes) = &piece {
            self.left -= bytes.len() as u64;
            self.spend_if_out();
        } else {
            self.left = 0;
            self.once = None;
        }
        Poll::Ready(Some(piece.map(Frame::data).map_err(Into::into)))
    }

    fn size_hint(&self) -> SizeHint {
        if self.hide_length { SizeHint::default() } else { SizeHint::with_exact(self.left) }
    }
}

/// A link that may be used once, reserved for as long as this lives.
#[derive(Debug)]
pub(crate) struct Once {
    session: Arc<Session>,
    link: LinkId,
    spent: bool,
}

impl Once {
    /// Spends the link: the last byte is out.
    pub(super) fn spend(&mut self) {
        self.spent = true;
        self.session.lock().used_links.spend(self.link);
    }
}

impl Drop for Once {
    fn drop(&mut self) {
        if !self.spent {
            self.session.lock().used_links.free(self.link);
        }
    }
}
