//! A minimal HTTP/2 frame parser that tells whether a request head has started but not ended.
//!
//! hyper has no time limit for an HTTP/2 head. Its keep-alive pings would catch a trickled head,
//! but also a client paused at a breakpoint. So this parser follows the frame headers, 9 bytes
//! each.

/// The frame types that matter for a head, and the flag that ends one.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
/// The client's preface, treated as a frame of a type that does not exist.
const PREFACE: u8 = u8::MAX;
/// The length of the preface in bytes.
pub(super) const PREFACE_LEN: usize = 24;
/// The length of a frame header in bytes.
const HEADER_LEN: usize = 9;

/// A parser that follows a client's frames from the preface on.
#[derive(Debug)]
pub(super) struct FrameTracker {
    header: [u8; HEADER_LEN],
    header_len: usize,
    payload_left: usize,
    kind: u8,
    in_head: bool,
    completed: u32,
}

impl FrameTracker {
    pub(super) fn new() -> Self {
        Self {
            header: [0; HEADER_LEN],
            header_len: 0,
            payload_left: PREFACE_LEN,
            kind: PREFACE,
            in_head: false,
            completed: 0,
        }
    }

    /// Parses the next bytes of the connection.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let wanted = if self.payload_left > 0 { self.payload_left } else { HEADER_LEN - self.header_len };
            let (part, rest) = bytes.split_at(wanted.min(bytes.len()));
            bytes = rest;
            if self.payload_left > 0 {
                self.payload_left -= part.len();
            } else {
                self.take_header(part);
            }
            if self.payload_left == 0 && self.header_len == 0 {
                self.end_frame();
            }
        }
    }

    /// Returns the number of the head that has started but not ended; each head has another number.
    /// `None` between frames and in the data of a body. The connection's preface and first frame
    /// have number 1.
    pub(super) fn open_head(&self) -> Option<u32> {
        let in_frame = self.header_len > 0 || (self.payload_left > 0 && self.kind != DATA);
        (self.completed == 0 || self.in_head || in_frame).then(|| self.completed.wrapping_add(1).max(1))
    }

    fn take_header(&mut self, part: &[u8]) {
        self.header[self.header_len..self.header_len + part.len()].copy_from_slice(part);
        self.header_len += part.len();
        if self.header_len == HEADER_LEN {
            let [a, b, c, kind, ..] = self.header;
            self.payload_left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            self.kind = kind;
            self.header_len = 0;
        }
    }

    fn end_frame(&mut self) {
        if matches!(self.kind, HEADERS | CONTINUATION) {
            self.in_head = self.header[4] & END_HEADERS == 0;
        }
        // The number is never 0, also after it wraps: 0 means that the first frame is not complete.
        if self.kind != PREFACE && !self.in_head {
            self.completed = self.completed.wrapping_add(1).max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, len: u8) -> Vec<u8> {
        let mut frame = vec![0, 0, len, kind, flags, 0, 0, 0, 1];
        frame.extend(std::iter::repeat_n(b'x', usize::from(len)));
        frame
    }

    /// Feeds `bytes` one by one. Returns an `o` for each byte after which a head is open, else a
    /// dot.
    fn trace(frame_tracker: &mut FrameTracker, bytes: &[u8]) -> String {
        let mut trace = String::new();
        for byte in bytes {
            frame_tracker.feed(&[*byte]);
            trace.push(if frame_tracker.open_head().is_some() { 'o' } else { '.' });
        }
        trace
    }

    fn after_preface() -> FrameTracker {
        let mut frame_tracker = FrameTracker::new();
        frame_tracker.feed(&[b'P'; PREFACE_LEN]);
        assert_eq!(frame_tracker.open_head(), Some(1));
        assert_eq!(trace(&mut frame_tracker, &frame(4, 0, 0)), "oooooooo.");
        frame_tracker
    }

    #[test]
    fn a_head_is_open_until_its_last_frame_ends() {
        let mut frame_tracker = after_preface();
        assert_eq!(trace(&mut frame_tracker, &frame(HEADERS, 0, 2)), "ooooooooooo");
        let number = frame_tracker.open_head();
        assert_eq!(trace(&mut frame_tracker, &frame(CONTINUATION, 0, 0)), "ooooooooo");
        assert_eq!(frame_tracker.open_head(), number, "a continuation is no new head");
        assert_eq!(trace(&mut frame_tracker, &frame(CONTINUATION, END_HEADERS, 1)), "ooooooooo.");
    }

    #[test]
    fn the_data_of_a_body_may_take_its_time() {
        assert_eq!(trace(&mut after_preface(), &frame(DATA, 0, 3)), "oooooooo....");
    }

    #[test]
    fn a_head_that_follows_in_the_same_bytes_is_another_one() {
        let mut frame_tracker = after_preface();
        frame_tracker.feed(&frame(HEADERS, END_HEADERS, 5)[..9]);
        let first = frame_tracker.open_head();
        frame_tracker.feed(b"12345\0\0");
        assert!(first.is_some() && frame_tracker.open_head().is_some());
        assert_ne!(frame_tracker.open_head(), first);
    }
}
