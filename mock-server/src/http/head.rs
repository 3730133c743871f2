//! The state of the request head that a connection reads: when it starts and when it ends.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// The number of the connection's first head, which is open from the start.
pub(super) const FIRST: u32 = 1;

/// The last bytes of a head: an empty line, with or without carriage returns.
const EMPTY_LINE: u32 = u32::from_be_bytes(*b"\r\n\r\n");

/// The state of the request head that is being read. Only the connection's task writes it; it is
/// shared so that reading, timing and answering can reach it. Hence the relaxed orderings.
#[derive(Debug)]
pub(super) struct HeadState {
    /// The number of the head that has started but not ended; 0 for none.
    open: AtomicU32,
    /// The highest number assigned.
    last: AtomicU32,
    /// Is true while hyper waits for an HTTP/1 head.
    is_waiting: AtomicBool,
    /// The last four bytes read.
    tail: AtomicU32,
    /// Is true if the latest request announced a body.
    has_body: AtomicBool,
}

impl Default for HeadState {
    fn default() -> Self {
        Self {
            open: AtomicU32::new(FIRST),
            last: AtomicU32::new(FIRST),
            is_waiting: AtomicBool::new(false),
            tail: AtomicU32::new(EMPTY_LINE),
            has_body: AtomicBool::new(false),
        }
    }
}

impl HeadState {
    /// Returns the number of the head that has started but not ended.
    pub(super) fn open(&self) -> Option<u32> {
        Some(self.open.load(Ordering::Relaxed)).filter(|number| *number != 0)
    }

    /// Sets the open head from the frame parser (HTTP/2).
    pub(super) fn set_open(&self, open: Option<u32>) {
        self.open.store(open.unwrap_or(0), Ordering::Relaxed);
    }

    /// Records bytes that were read (HTTP/1). The first ones after hyper began to wait start a
    /// head.
    pub(super) fn note_read(&self, bytes: &[u8]) {
        let tail = match bytes.last_chunk::<4>() {
            Some(tail) => u32::from_be_bytes(*tail),
            None => bytes.iter().fold(self.tail.load(Ordering::Relaxed), |tail, byte| tail << 8 | u32::from(*byte)),
        };
        self.tail.store(tail, Ordering::Relaxed);
        if !bytes.is_empty() && self.is_waiting.load(Ordering::Relaxed) {
            self.begin();
        }
    }

    /// Records that a request head was read, and whether a body follows.
    pub(super) fn note_request(&self, has_body: bool) {
        self.has_body.store(has_body, Ordering::Relaxed);
    }

    /// Returns true if the latest request announced a body.
    pub(super) fn had_body(&self) -> bool {
        self.has_body.load(Ordering::Relaxed)
    }

    /// Records that hyper starts to wait for a head.
    pub(super) fn note_waiting(&self) {
        self.is_waiting.store(true, Ordering::Relaxed);
        // A pipelining client may have sent the start of the next head together with the request
        // before; then no later read marks it. A head ends with an empty line, so other last bytes
        // mean that the next head has started. After a body the last bytes prove nothing: there the
        // deadline starts with the next byte.
        if !self.had_body() && !is_blank_line(self.tail.load(Ordering::Relaxed)) {
            self.begin();
        }
    }

    fn begin(&self) {
        if self.open().is_none() {
            let number = self.last.load(Ordering::Relaxed).wrapping_add(1).max(FIRST + 1);
            self.last.store(number, Ordering::Relaxed);
            self.set_open(Some(number));
        }
    }

    /// Records that the head is complete.
    pub(super) fn note_end(&self) {
        self.is_waiting.store(false, Ordering::Relaxed);
        self.set_open(None);
    }
}

fn is_blank_line(tail: u32) -> bool {
    tail & 0xffff == u32::from_be_bytes(*b"\0\0\n\n") || tail & 0x00ff_ffff == u32::from_be_bytes(*b"\0\n\r\n")
}
