//! The owner of a connection's TCP socket, and the handle that breaks the connection below HTTP and
//! TLS.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use super::head::HeadState;
use super::sendfile::SendfileBytes;

/// The interval at which [`ConnectionHandle::client_left`] looks.
const CLIENT_CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// The connection that a request came by: its two addresses, its number and its handle.
#[derive(Debug)]
pub struct Peer {
    /// The connection's number on its listener, counted from 1 in the order of accepting.
    pub number: u64,
    /// The server's address that the client connected to.
    pub local: SocketAddr,
    /// The client's address.
    pub remote: SocketAddr,
    /// Is true if the connection is encrypted. The scheme of download links depends on it.
    pub tls: bool,
    /// Is true if the server listens on a loopback address only.
    pub is_bound_to_loopback: bool,
    /// The first valid `Host` of the connection. Clients repeat it, so it is parsed once.
    pub host: OnceLock<KnownHost>,
    /// A handle that can break the connection.
    pub connection: ConnectionHandle,
}

/// A `Host` header that was parsed before.
#[derive(Debug)]
pub struct KnownHost {
    /// The value of the header.
    pub line: Box<[u8]>,
    /// The host as a URL has it.
    pub host: Box<str>,
    /// Is true if it is this machine as seen from itself.
    pub is_loopback: bool,
}

/// A handle to one TCP connection, shared by all its requests. It does not keep the socket open.
#[derive(Clone)]
pub struct ConnectionHandle(Arc<Inner>);

/// The shared state of a connection. The socket is behind a mutex, so that a fault can take it away
/// from any thread. Only a fault ever contends for the lock; it costs some nanoseconds beside the
/// system call that it guards.
struct Inner {
    tcp: Mutex<Tcp>,
    offers_enabled: AtomicBool,
    broken: AtomicBool,
    driver: Mutex<Option<Waker>>,
    flush_wanted: AtomicBool,
    flush: Arc<Notify>,
    head: HeadState,
}

/// The socket, while it is open, and the bytes offered for sendfile.
struct Tcp {
    stream: Option<TcpStream>,
    offer: Option<SendfileBytes>,
}

impl ConnectionHandle {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self(Arc::new(Inner {
            tcp: Mutex::new(Tcp { stream: Some(tcp), offer: None }),
            offers_enabled: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            driver: Mutex::new(None),
            flush_wanted: AtomicBool::new(false),
            flush: Arc::new(Notify::new()),
            head: HeadState::default(),
        }))
    }

    /// Ends the TCP connection with a RST at once and discards what the kernel has not sent yet.
    /// The client sees "connection reset by peer". With HTTP/2 every stream of the connection ends.
    pub fn reset(&self) {
        // With linger 0 the close (here: the drop) sends a RST. If it can't be set, the client sees
        // a FIN.
        drop(self.take_for_reset());
        self.mark_broken();
    }

    /// Ends the connection with a FIN at once. Bytes written before still arrive; nothing follows,
    /// not even a TLS `close_notify`. With HTTP/2 every stream of the connection ends.
    pub fn close(&self) {
        if let Some(tcp) = self.tcp().stream.as_ref() {
            // An error means that the connection is closed already.
            let _ = SockRef::from(tcp).shutdown(Shutdown::Write);
        }
        self.mark_broken();
    }

    /// Returns a future that resolves when hyper has written all its buffered bytes to the kernel,
    /// or when the connection ends.
    ///
    /// A response body that has yielded n bytes awaits this future and then fails, so that the
    /// client receives exactly n bytes. Call `flushed` in the poll after the one that yielded the
    /// bytes: by then, hyper has received them. With HTTP/2, hyper keeps bytes beyond the client's
    /// flow-control window and loses them when the body fails: the body must fit the window.
    pub fn flushed(&self) -> Flushed {
        let notified = Arc::clone(&self.0.flush).notified_owned();
        self.0.flush_wanted.store(true, Ordering::Release);
        // hyper flushes whenever it is polled. Without this wake, a flush that came before this
        // call could have been the last one (an HTTP/2 body runs in its own task).
        self.wake_driver();
        Flushed(Box::pin(notified))
    }

    /// Offers the bytes of a response body for sendfile, before the body is written. Parts that
    /// reach the socket unchanged are sent from the cache file. An offer lasts until all its bytes
    /// are sent, a later offer replaces it, or the connection ends. Ignored with HTTP/2 and TLS.
    pub fn offer(&self, bytes: &SendfileBytes) {
        if bytes.is_sendfile_eligible() && self.0.offers_enabled.load(Ordering::Relaxed) {
            self.tcp().offer = Some(bytes.clone());
        }
    }

    /// Returns true if the client has closed its side, or the connection has ended. Reads no bytes.
    ///
    /// A client that half-closes and waits looks the same. The callers send it nothing in either
    /// case.
    pub fn has_client_left(&self) -> bool {
        let tcp = self.tcp();
        let Some(tcp) = tcp.stream.as_ref() else { return true };
        let readiness = pin!(tcp.ready(Interest::READABLE)).poll(&mut Context::from_waker(Waker::noop()));
        match readiness {
            Poll::Ready(Ok(ready)) => ready.is_read_closed(),
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        }
    }

    /// Resolves when [`ConnectionHandle::has_client_left`] is true.
    ///
    /// It looks now and then: the socket keeps the waker of one reader only, and that is hyper's.
    pub async fn client_left(&self) {
        while !self.has_client_left() {
            tokio::time::sleep(CLIENT_CHECK_INTERVAL).await;
        }
    }

    /// Returns true if [`ConnectionHandle::reset`] or [`ConnectionHandle::close`] was called.
    pub(super) fn is_broken(&self) -> bool {
        self.0.broken.load(Ordering::Acquire)
    }

    /// Returns the state of the request head that is being read.
    pub(super) fn head(&self) -> &HeadState {
        &self.0.head
    }

    /// Wakes the futures of [`ConnectionHandle::flushed`]: hyper's buffer is empty.
    pub(super) fn note_flush(&self) {
        // The relaxed load keeps the usual case, where nobody waits, free of a read-modify-write.
        if self.0.flush_wanted.load(Ordering::Relaxed) && self.0.flush_wanted.swap(false, Ordering::AcqRel) {
            self.0.flush.notify_waiters();
        }
    }

    /// Returns true if closing now could discard bytes that the client still sends: an unread body,
    /// the rest of a refused head, requests after a close. The kernel would answer them with a RST,
    /// which may overtake the response.
    pub(super) fn may_have_unread(&self) -> bool {
        self.is_broken() || self.head().had_body() || self.head().open().is_some()
    }

    /// Runs `io` on the socket. Fails with `ConnectionAborted` if the socket is gone.
    pub(super) fn with<T>(&self, io: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.with_offer(|tcp, _| io(tcp))
    }

    /// Runs `io` like [`ConnectionHandle::with`], and passes it the offered bytes too.
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

    /// Enables offers. For plain HTTP/1 only, where body bytes reach the socket unchanged.
    pub(super) fn enable_offers(&self) {
        self.0.offers_enabled.store(true, Ordering::Relaxed);
    }

    /// Takes the socket away. Every later use of it fails.
    pub(super) fn take(&self) -> Option<TcpStream> {
        let mut tcp = self.tcp();
        // An offer keeps its cache file open, so it must not outlive the socket.
        tcp.offer = None;
        tcp.stream.take()
    }

    /// Sets the waker to wake when the connection is broken or a flush is requested.
    pub(super) fn set_driver(&self, waker: &Waker) {
        *lock(&self.0.driver) = Some(waker.clone());
    }

    /// Releases the socket and all waiters when the connection's task ends.
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

    fn mark_broken(&self) {
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

/// The future of [`ConnectionHandle::flushed`]. A named type, so that a body can keep it in a
/// field.
#[must_use = "a future does nothing unless it is polled"]
#[derive(Debug)]
pub struct Flushed(Pin<Box<OwnedNotified>>);

impl Future for Flushed {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

/// Locks a mutex and ignores poisoning: each update behind these locks is a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
