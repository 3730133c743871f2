//! Runs hyper on a connection until hyper is done, the connection breaks, or a head's deadline
//! passes.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use tokio::task::{JoinError, JoinSet};

use super::connection::ConnectionHandle;
use super::deadline::Deadline;
use super::shutdown::Shutdown;

/// The common interface of hyper's HTTP/1 and HTTP/2 connections. hyper itself has no trait for it.
pub(super) trait HttpConnection: Future<Output = hyper::Result<()>> {
    /// Ends the connection once the requests in flight are answered; at once if there are none.
    fn begin_graceful_shutdown(self: Pin<&mut Self>);
}

impl<I, S, B> HttpConnection for http1::Connection<I, S>
where
    Self: Future<Output = hyper::Result<()>>,
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: http_body::Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn begin_graceful_shutdown(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S, B> HttpConnection for http2::Connection<I, S, Streams>
where
    Self: Future<Output = hyper::Result<()>>,
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send + 'static,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn begin_graceful_shutdown(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Resolves when the connection has ended. Returns true if the client may still be sending (see
/// `ConnectionHandle::may_have_unread`).
///
/// hyper's errors are ignored: a client that went away, a body that failed on purpose, a refused
/// head.
pub(super) async fn drive(
    http_connection: impl HttpConnection,
    connection: &ConnectionHandle,
    shutdown: &Shutdown,
    mut deadline: Deadline,
) -> bool {
    let mut http_connection = pin!(http_connection);
    let mut shutdown_signal = pin!(shutdown.wait());
    let mut shutdown_started = false;
    let mut known_waker: Option<Waker> = None;
    poll_fn(|cx| {
        // A task's waker stays the same, so the handle and the signal get it once, not at every
        // poll.
        let new_waker = !known_waker.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
        if new_waker {
            known_waker = Some(cx.waker().clone());
            connection.set_driver(cx.waker());
        }
        if !shutdown_started && (new_waker || shutdown.is_triggered()) && shutdown_signal.as_mut().poll(cx).is_ready() {
            shutdown_started = true;
            http_connection.as_mut().begin_graceful_shutdown();
        }
        // A break during this poll wakes the task, so the next poll sees it.
        let is_done = connection.is_broken() || http_connection.as_mut().poll(cx).is_ready();
        if is_done || deadline.poll(cx, connection.head()).is_ready() {
            // After a deadline there is no response to protect, so the connection is closed at
            // once.
            return Poll::Ready(is_done && connection.may_have_unread());
        }
        Poll::Pending
    })
    .await
}

/// An executor that runs the streams of one HTTP/2 connection as one set of tasks.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    tasks: Arc<Mutex<JoinSet<()>>>,
    panics: Arc<AtomicUsize>,
}

impl Streams {
    /// Creates an empty set. Panics of streams are counted in `panics`.
    pub(super) fn new(panics: Arc<AtomicUsize>) -> Self {
        Self { tasks: Arc::default(), panics }
    }

    fn reap(&self) -> MutexGuard<'_, JoinSet<()>> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(done) = tasks.try_join_next() {
            count_panic(&self.panics, &done);
        }
        tasks
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        self.reap().spawn(stream);
    }
}

/// A guard that counts the last panics when the connection ends. The streams end with it too: h2
/// ends them, or else dropping their set does.
pub(super) struct StreamsEnd(pub(super) Streams);

impl Drop for StreamsEnd {
    fn drop(&mut self) {
        drop(self.0.reap());
    }
}

/// Adds one if a task panicked.
pub(super) fn count_panic(panics: &AtomicUsize, done: &Result<(), JoinError>) {
    if done.as_ref().is_err_and(JoinError::is_panic) {
        panics.fetch_add(1, Ordering::Relaxed);
    }
}
