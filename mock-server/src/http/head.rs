//! When a request head begins and ends, as far as a connection has told.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// The number of the head that the connection begins with; open from the first moment on.
pub(super) const FIRST: u32 = 1;

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

    /// hyper waits for a head from now on.
    pub(super) fn wait(&self) {
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

    /// The head is whole.
    pub(super) fn end(&self) {
        self.waiting.store(false, Ordering::Relaxed);
        self.set(None);
    }
}

fn is_blank_line(tail: u32) -> bool {
    tail & 0xffff == u32::from_be_bytes(*b"\0\0\n\n") || tail & 0x00ff_ffff == u32::from_be_bytes(*b"\0\n\r\n")
}
