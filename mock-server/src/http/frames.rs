//! Just enough of HTTP/2 framing to know whether a client has begun a head and not ended it.
//!
//! hyper has no limit on the time that an HTTP/2 head takes. Its keep-alive pings would catch a head that trickles, but
//! also a client that stands at a breakpoint. So the frame headers are followed here, 9 bytes each.

/// The frame types that carry parts of a head, the one that does not matter for it, and the flag that ends it.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
/// The client's preface, treated as a frame of a type that does not exist.
const PREFACE: u8 = u8::MAX;
/// The preface's length.
pub(super) const PREFACE_LEN: usize = 24;
/// A frame header's length.
const HEADER_LEN: usize = 9;

/// Follows the frames that a client sends, from its preface on.
#[derive(Debug)]
pub(super) struct Frames {
    header: [u8; HEADER_LEN],
    have: usize,
    left: usize,
    kind: u8,
    in_head: bool,
    ended: u32,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self { header: [0; HEADER_LEN], have: 0, left: PREFACE_LEN, kind: PREFACE, in_head: false, ended: 0 }
    }

    /// Takes the next bytes of the connection.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let wanted = if self.left > 0 { self.left } else { HEADER_LEN - self.have };
            let (now, later) = bytes.split_at(wanted.min(bytes.len()));
            bytes = later;
            if self.left > 0 {
                self.left -= now.len();
            } else {
                self.take_header(now);
            }
            if self.left == 0 && self.have == 0 {
                self.end_frame();
            }
        }
    }

    /// A number for what has begun and not ended, another one for each; nothing between frames, in the data of a body,
    /// or once the first frame is whole. The connection's own beginning has number 1.
    pub(super) fn open(&self) -> Option<u32> {
        let in_frame = self.have > 0 || (self.left > 0 && self.kind != DATA);
        (self.ended == 0 || self.in_head || in_frame).then(|| self.ended.wrapping_add(1).max(1))
    }

    fn take_header(&mut self, part: &[u8]) {
        self.header[self.have..self.have + part.len()].copy_from_slice(part);
        self.have += part.len();
        if self.have == HEADER_LEN {
            let [a, b, c, kind, ..] = self.header;
            self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            self.kind = kind;
            self.have = 0;
        }
    }

    fn end_frame(&mut self) {
        if matches!(self.kind, HEADERS | CONTINUATION) {
            self.in_head = self.header[4] & END_HEADERS == 0;
        }
        if self.kind != PREFACE && !self.in_head {
            self.ended = self.ended.wrapping_add(1).max(1);
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

    /// Feeds `bytes` one by one, and shows after each whether something is open.
    fn trace(frames: &mut Frames, bytes: &[u8]) -> String {
        let mut trace = String::new();
        for byte in bytes {
            frames.feed(&[*byte]);
            trace.push(if frames.open().is_some() { 'o' } else { '.' });
        }
        trace
    }

    fn greeted() -> Frames {
        let mut frames = Frames::new();
        frames.feed(&[b'P'; PREFACE_LEN]);
        assert_eq!(frames.open(), Some(1));
        assert_eq!(trace(&mut frames, &frame(4, 0, 0)), "oooooooo.");
        frames
    }

    #[test]
    fn a_head_is_open_until_its_last_frame_ends() {
        let mut frames = greeted();
        assert_eq!(trace(&mut frames, &frame(HEADERS, 0, 2)), "ooooooooooo");
        let number = frames.open();
        assert_eq!(trace(&mut frames, &frame(CONTINUATION, 0, 0)), "ooooooooo");
        assert_eq!(frames.open(), number, "a continuation is no new head");
        assert_eq!(trace(&mut frames, &frame(CONTINUATION, END_HEADERS, 1)), "ooooooooo.");
    }

    #[test]
    fn the_data_of_a_body_may_take_its_time() {
        assert_eq!(trace(&mut greeted(), &frame(DATA, 0, 3)), "oooooooo....");
    }

    #[test]
    fn a_head_that_follows_in_the_same_bytes_is_another_one() {
        let mut frames = greeted();
        frames.feed(&frame(HEADERS, END_HEADERS, 5)[..9]);
        let first = frames.open();
        frames.feed(b"12345\0\0");
        assert!(first.is_some() && frames.open().is_some());
        assert_ne!(frames.open(), first);
    }
}
