//! When a request head begins and ends, and the deadline it has to end by.
//!
//! hyper's own `header_read_timeout` also runs while a kept connection waits for its next request, so it would close
//! idle connections. But hyper makes a sleep exactly when it begins to wait for a head and drops it when the head is
//! whole: [`HeadTimer`] gives it a sleep that never fires and tells these two moments, and [`Deadline`] does the timing.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant as StdInstant};

use hyper::rt::{Sleep, Timer};
use tokio::time::Instant;

use super::line::Line;

/// The number of the head that the connection begins with; open from the first moment on.
const FIRST: u32 = 1;

/// The last bytes of a head: an empty line, with or without carriage returns.
const BLANK: u32 = u32::from_be_bytes(*b"\r\n\r\n");

/// What is known of the head that is being read. Only the connection's task writes to it, and it is shared only to be
/// within reach of reading, timing and answering: hence the relaxed orderings.
#[derive(Debug)]
pub(super) struct HeadWatch {
    /// The number of the head that has begun and not ended; 0 for none.
    open: AtomicU32,
    /// The highest number given so far.
    last: AtomicU32,
    /// Whether hyper waits for an HTTP/1 head.
    waiting: AtomicBool,
    /// The last four bytes read.
    tail: AtomicU32,
    /// Whether the latest request announced a body.
    body: AtomicBool,
}

impl Default for HeadWatch {
    fn default() -> Self {
        Self {
            open: AtomicU32::new(FIRST),
            last: AtomicU32::new(FIRST),
            waiting: AtomicBool::new(false),
            tail: AtomicU32::new(BLANK),
            body: AtomicBool::new(false),
        }
    }
}

impl HeadWatch {
    /// The number of the head that has begun and not ended.
    pub(super) fn open(&self) -> Option<u32> {
        Some(self.open.load(Ordering::Relaxed)).filter(|number| *number != 0)
    }

    /// HTTP/2: takes over what the frames say.
    pub(super) fn set(&self, open: Option<u32>) {
        self.open.store(open.unwrap_or(0), Ordering::Relaxed);
    }

    /// HTTP/1: bytes have come. The first ones after hyper began to wait begin a head.
    pub(super) fn note_read(&self, bytes: &[u8]) {
        let tail = match bytes.last_chunk::<4>() {
            Some(tail) => u32::from_be_bytes(*tail),
            None => bytes.iter().fold(self.tail.load(Ordering::Relaxed), |tail, byte| tail << 8 | u32::from(*byte)),
        };
        self.tail.store(tail, Ordering::Relaxed);
        if !bytes.is_empty() && self.waiting.load(Ordering::Relaxed) {
            self.begin();
        }
    }

    /// A request has been read, with or without a body to come.
    pub(super) fn note_request(&self, has_body: bool) {
        self.body.store(has_body, Ordering::Relaxed);
    }

    /// Whether the latest request announced a body.
    pub(super) fn had_body(&self) -> bool {
        self.body.load(Ordering::Relaxed)
    }

    fn wait(&self) {
        self.waiting.store(true, Ordering::Relaxed);
        // A client that pipelines may have sent the next head's beginning along with the request before: then no read
        // marks it. A head ends with an empty line; if the last bytes are no such thing, there is more than a head.
        // After a body this can't be told, and the next byte has to come before the time runs.
        if !self.had_body() && !is_blank_line(self.tail.load(Ordering::Relaxed)) {
            self.begin();
        }
    }

    fn begin(&self) {
        if self.open().is_none() {
            let number = self.last.load(Ordering::Relaxed).wrapping_add(1).max(FIRST + 1);
            self.last.store(number, Ordering::Relaxed);
            self.set(Some(number));
        }
    }

    fn end(&self) {
        self.waiting.store(false, Ordering::Relaxed);
        self.set(None);
    }
}

fn is_blank_line(tail: u32) -> bool {
    tail & 0xffff == u32::from_be_bytes(*b"\0\0\n\n") || tail & 0x00ff_ffff == u32::from_be_bytes(*b"\0\n\r\n")
}

/// Gives hyper sleeps that tell when it waits for a head.
pub(super) struct HeadTimer {
    line: Line,
    now: StdInstant,
}

impl HeadTimer {
    pub(super) fn new(line: Line) -> Self {
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
struct HeadWait(Line);

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
