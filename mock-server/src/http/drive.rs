//! Runs hyper on a connection until one of them is done: hyper, the line, the head's deadline.

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

/// What HTTP/1 and HTTP/2 connections of hyper have in common; hyper has no name for it.
pub(super) trait Conversation: Future<Output = hyper::Result<()>> {
    /// Ends the connection once the requests in flight are answered; at once if there are none.
    fn wind_down(self: Pin<&mut Self>);
}

impl<I, S, B> Conversation for http1::Connection<I, S>
where
    Self: Future<Output = hyper::Result<()>>,
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: http_body::Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn wind_down(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S, B> Conversation for http2::Connection<I, S, Streams>
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
    fn wind_down(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Resolves when the connection is over, with whether the client may still be sending (see `ConnectionHandle::may_have_unread`).
///
/// hyper's errors are dropped: they are a client that went away, a body that was made to fail, a head that was refused.
pub(super) async fn drive(
    conversation: impl Conversation,
    line: &ConnectionHandle,
    stop: &Shutdown,
    mut deadline: Deadline,
) -> bool {
    let mut conversation = pin!(conversation);
    let mut stopping = pin!(stop.wait());
    let mut told = false;
    let mut known: Option<Waker> = None;
    poll_fn(|cx| {
        // The waker of a task stays the same, so the line and the stop are told once, not at every poll.
        let new_waker = !known.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
        if new_waker {
            known = Some(cx.waker().clone());
            line.set_driver(cx.waker());
        }
        if !told && (new_waker || stop.is_triggered()) && stopping.as_mut().poll(cx).is_ready() {
            told = true;
            conversation.as_mut().wind_down();
        }
        // A line that this very poll breaks wakes the task, so it is seen by the next one.
        let over = line.is_broken() || conversation.as_mut().poll(cx).is_ready();
        if over || deadline.poll(cx, line.head()).is_ready() {
            return Poll::Ready(over && line.may_have_unread());
        }
        Poll::Pending
    })
    .await
}

/// Runs the streams of one HTTP/2 connection as tasks of one set.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    tasks: Arc<Mutex<JoinSet<()>>>,
    panics: Arc<AtomicUsize>,
}

impl Streams {
    /// Panics of streams are added to `panics`.
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

/// Counts the last panics when the connection ends. The streams end with it: h2 tells them, and else their set does.
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
