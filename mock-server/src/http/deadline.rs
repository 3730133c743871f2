//! The deadline that a request head has to end by.
//!
//! hyper's own `header_read_timeout` also runs while a kept connection waits for its next request, so it would close
//! idle connections. But hyper makes a sleep exactly when it begins to wait for a head and drops it when the head is
//! whole: [`HeadTimer`] gives it a sleep that never fires and tells these two moments, and [`Deadline`] does the timing.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant as StdInstant};

use hyper::rt::{Sleep, Timer};
use tokio::time::Instant;

use super::connection::ConnectionHandle;
use super::head::{FIRST, HeadWatch};

/// Gives hyper sleeps that tell when it waits for a head.
pub(super) struct HeadTimer {
    line: ConnectionHandle,
    now: StdInstant,
}

impl HeadTimer {
    pub(super) fn new(line: ConnectionHandle) -> Self {
        Self { line, now: StdInstant::now() }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        self.line.head().wait();
        Box::pin(HeadWait(self.line.clone()))
    }

    fn sleep_until(&self, _: StdInstant) -> Pin<Box<dyn Sleep>> {
        self.sleep(Duration::ZERO)
    }

    /// Always the same: hyper only uses it for the deadline that the sleeps ignore.
    fn now(&self) -> StdInstant {
        self.now
    }
}

/// Lives as long as hyper waits for a head.
struct HeadWait(ConnectionHandle);

impl Sleep for HeadWait {}

impl Future for HeadWait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Drop for HeadWait {
    fn drop(&mut self) {
        self.0.head().end();
    }
}

/// The time by which the open head has to be whole. A timer exists only while a head is open after a poll, so the usual
/// request, whose head comes in one read, never sets one.
pub(super) struct Deadline {
    start: Instant,
    limit: Duration,
    armed: Option<(u32, Pin<Box<tokio::time::Sleep>>)>,
}

impl Deadline {
    pub(super) fn new(start: Instant, limit: Duration) -> Self {
        Self { start, limit, armed: None }
    }

    /// When the first head has to be whole.
    pub(super) fn first(&self) -> Instant {
        self.start + self.limit
    }

    /// Ready once the open head has taken too long.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, head: &HeadWatch) -> Poll<()> {
        let Some(number) = head.open() else {
            self.armed = None;
            return Poll::Pending;
        };
        match &mut self.armed {
            Some((armed, sleep)) if *armed == number => sleep.as_mut().poll(cx),
            armed => {
                let at = if number == FIRST { self.start + self.limit } else { Instant::now() + self.limit };
                let (_, sleep) = armed.insert((number, Box::pin(tokio::time::sleep_until(at))));
                sleep.as_mut().poll(cx)
            }
        }
    }
}
