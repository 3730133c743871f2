//! The one owner of a connection's TCP socket, and the handle that breaks it beneath HTTP and TLS.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use super::head::HeadWatch;
use super::sendfile::SendfileBytes;

/// Who is on the connection that a request came by.
#[derive(Debug)]
pub struct Peer {
    /// Which connection of its listener this is, counted from 1 in the order of accepting.
    pub number: u64,
    /// The address that the client reached.
    pub local: SocketAddr,
    /// The client's own address.
    pub remote: SocketAddr,
    /// Whether the connection is encrypted: the scheme of a link depends on it.
    pub tls: bool,
    /// The connection itself, to break it.
    pub line: ConnectionHandle,
}

/// A handle to one TCP connection, shared by all its requests. Holding it does not keep the socket open.
#[derive(Clone)]
pub struct ConnectionHandle(Arc<Inner>);

/// The socket is behind a mutex, so that a fault can take it away at once from any thread. The lock is never contended
/// but by a fault, and costs some nanoseconds beside the system call it guards.
struct Inner {
    tcp: Mutex<Tcp>,
    takes_offers: AtomicBool,
    broken: AtomicBool,
    driver: Mutex<Option<Waker>>,
    flush_wanted: AtomicBool,
    flush: Arc<Notify>,
    head: HeadWatch,
}

/// The socket, for as long as it is there, and what was offered to be sent by it.
struct Tcp {
    stream: Option<TcpStream>,
    offer: Option<SendfileBytes>,
}

impl ConnectionHandle {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self(Arc::new(Inner {
            tcp: Mutex::new(Tcp { stream: Some(tcp), offer: None }),
            takes_offers: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            driver: Mutex::new(None),
            flush_wanted: AtomicBool::new(false),
            flush: Arc::new(Notify::new()),
            head: HeadWatch::default(),
        }))
    }

    /// Ends the TCP connection with a RST, at once: what the kernel had not sent yet is thrown away too. The client
    /// sees "connection reset by peer". With HTTP/2 every stream of the connection ends.
    pub fn reset(&self) {
        // Linger 0 makes the close, which is the drop, send a RST. If it can't be set, the client sees a FIN.
        drop(self.take_for_reset());
        self.break_off();
    }

    /// Ends the connection with a FIN, at once. What was written before still arrives; nothing follows, no TLS
    /// `close_notify` either. With HTTP/2 every stream of the connection ends.
    pub fn close(&self) {
        if let Some(tcp) = self.tcp().stream.as_ref() {
            // An error means that the connection is gone already.
            let _ = SockRef::from(tcp).shutdown(Shutdown::Write);
        }
        self.break_off();
    }

    /// Resolves when everything that hyper holds for the socket is in the kernel's hands, or the connection is over.
    ///
    /// A response body that has given out n bytes awaits this, then fails: the client sees exactly those n bytes. Call
    /// it from the poll after the one that gave the bytes out, when hyper has them. On HTTP/2, bytes that the client's
    /// window has no room for stay behind, and a failing body takes them along: there "exactly" holds for bodies that
    /// fit the window.
    pub fn flushed(&self) -> Flushed {
        let notified = Arc::clone(&self.0.flush).notified_owned();
        self.0.flush_wanted.store(true, Ordering::Release);
        // hyper flushes whenever it is polled. Without the wake, a flush that came before this call could have been
        // the last one (an HTTP/2 body runs in a task of its own).
        self.wake_driver();
        Flushed(Box::pin(notified))
    }

    /// Tells that these bytes are about to be written, as the body of an answer or as pieces of it: as far as they come
    /// by as they are, they are sent from their mirror. The last offer counts; it is held until all of it is sent,
    /// another one is made or the connection ends. On HTTP/2 and beneath TLS nothing comes of it.
    pub fn offer(&self, bytes: &SendfileBytes) {
        if bytes.is_worth_it() && self.0.takes_offers.load(Ordering::Relaxed) {
            self.tcp().offer = Some(bytes.clone());
        }
    }

    /// Whether the client has ended its side, or the connection is over. To tell, nothing is read.
    ///
    /// A client that half-closes and waits looks the same; whoever asks has no answer for it anyway.
    pub fn client_left(&self) -> bool {
        let tcp = self.tcp();
        let Some(tcp) = tcp.stream.as_ref() else { return true };
        let ready = pin!(tcp.ready(Interest::READABLE)).poll(&mut Context::from_waker(Waker::noop()));
        match ready {
            Poll::Ready(Ok(ready)) => ready.is_read_closed(),
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        }
    }

    /// Whether [`ConnectionHandle::reset`] or [`ConnectionHandle::close`] was called.
    pub(super) fn is_broken(&self) -> bool {
        self.0.broken.load(Ordering::Acquire)
    }

    /// What is known about the head that is being read.
    pub(super) fn head(&self) -> &HeadWatch {
        &self.0.head
    }

    /// Tells those who wait that hyper's buffer is empty.
    pub(super) fn note_flush(&self) {
        if self.0.flush_wanted.load(Ordering::Relaxed) && self.0.flush_wanted.swap(false, Ordering::AcqRel) {
            self.0.flush.notify_waiters();
        }
    }

    /// Whether closing now could throw away bytes that the client still sends, and by that answer it with a RST which
    /// may overtake the response: a body nobody read, the rest of a head that was refused, requests after a close.
    pub(super) fn may_have_unread(&self) -> bool {
        self.is_broken() || self.head().had_body() || self.head().open().is_some()
    }

    /// Runs `io` on the socket, or fails as on a connection that is gone.
    pub(super) fn with<T>(&self, io: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.with_offer(|tcp, _| io(tcp))
    }

    /// The same, with what was offered to be sent.
    pub(super) fn with_offer<T>(
        &self,
        io: impl FnOnce(Pin<&mut TcpStream>, &mut Option<SendfileBytes>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let Tcp { stream, offer } = &mut *self.tcp();
        match stream {
            Some(stream) => io(Pin::new(stream), offer),
            None => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
        }
    }

    /// Lets offers be made: what HTTP writes comes to the socket as it is.
    pub(super) fn take_offers(&self) {
        self.0.takes_offers.store(true, Ordering::Relaxed);
    }

    /// Takes the socket away; every later use of it fails.
    pub(super) fn take(&self) -> Option<TcpStream> {
        let mut tcp = self.tcp();
        tcp.offer = None;
        tcp.stream.take()
    }

    /// Sets whom to wake when the line is broken, or a flush is wanted.
    pub(super) fn set_driver(&self, waker: &Waker) {
        *lock(&self.0.driver) = Some(waker.clone());
    }

    /// Lets go of everything, when the connection's task ends.
    pub(super) fn finish(&self) {
        drop(self.take());
        lock(&self.0.driver).take();
        self.0.flush.notify_waiters();
    }

    fn take_for_reset(&self) -> Option<TcpStream> {
        let tcp = self.take()?;
        let _ = SockRef::from(&tcp).set_linger(Some(Duration::ZERO));
        Some(tcp)
    }

    fn break_off(&self) {
        self.0.broken.store(true, Ordering::Release);
        self.wake_driver();
    }

    fn wake_driver(&self) {
        let waker = lock(&self.0.driver).clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn tcp(&self) -> MutexGuard<'_, Tcp> {
        lock(&self.0.tcp)
    }
}

impl fmt::Debug for ConnectionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionHandle").field("broken", &self.is_broken()).finish_non_exhaustive()
    }
}

/// The future of [`ConnectionHandle::flushed`]; a type with a name, so that a body can keep it in a field.
#[must_use = "a future does nothing unless it is polled"]
#[derive(Debug)]
pub struct Flushed(Pin<Box<OwnedNotified>>);

impl Future for Flushed {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

/// Locks, also after a panic: what is behind these locks is whole at every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
