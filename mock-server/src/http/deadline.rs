//! The deadline for a request head.
//!
//! hyper's own `header_read_timeout` also runs while a kept-alive connection waits for its next
//! request, so it would close idle connections. But hyper creates a sleep exactly when it starts to
//! wait for a head, and drops it when the head is complete. [`HeadTimer`] gives hyper a sleep that
//! never fires and reports these two moments; [`Deadline`] does the timing.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant as StdInstant};

use hyper::rt::{Sleep, Timer};
use tokio::time::Instant;

use super::connection::ConnectionHandle;
use super::head::{FIRST, HeadState};

/// A hyper timer whose sleeps report when hyper waits for a head.
pub(super) struct HeadTimer {
    connection: ConnectionHandle,
    now: StdInstant,
}

impl HeadTimer {
    pub(super) fn new(connection: ConnectionHandle) -> Self {
        Self { connection, now: StdInstant::now() }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        self.connection.head().note_waiting();
        Box::pin(HeadWait(self.connection.clone()))
    }

    fn sleep_until(&self, _: StdInstant) -> Pin<Box<dyn Sleep>> {
        self.sleep(Duration::ZERO)
    }

    /// Returns a constant: hyper only uses it for the deadline that the sleeps ignore.
    fn now(&self) -> StdInstant {
        self.now
    }
}

/// A sleep that never fires. It lives while hyper waits for a head.
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
        self.0.head().note_end();
    }
}

/// The deadline of the open head. A timer exists only while a head is still open after a poll, so
/// the usual request, whose head comes in one read, never sets one.
pub(super) struct Deadline {
    start: Instant,
    limit: Duration,
    armed: Option<(u32, Pin<Box<tokio::time::Sleep>>)>,
}

impl Deadline {
    pub(super) fn new(start: Instant, limit: Duration) -> Self {
        Self { start, limit, armed: None }
    }

    /// Returns the deadline of the connection's first head.
    pub(super) fn first_head(&self) -> Instant {
        self.start + self.limit
    }

    /// Returns ready once the open head has taken too long.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, head: &HeadState) -> Poll<()> {
        let Some(number) = head.open() else {
            self.armed = None;
            return Poll::Pending;
        };
        match &mut self.armed {
            Some((armed, sleep)) if *armed == number => sleep.as_mut().poll(cx),
            armed => {
                // The first head's time includes the TLS handshake, so it counts from the
                // connection's start.
                let at = if number == FIRST { self.start + self.limit } else { Instant::now() + self.limit };
                let (_, sleep) = armed.insert((number, Box::pin(tokio::time::sleep_until(at))));
                sleep.as_mut().poll(cx)
            }
        }
    }
}
