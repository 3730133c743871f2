//! Bytes in memory that lie in a file as well, from which the kernel sends them without a copy.
//!
//! Rationale: to copy 64 KiB into a socket takes longer than everything else that the program does for the answer, and
//! drives the program out of the processor's caches meanwhile. A library can't do it: hyper writes what lies in memory,
//! and knows no file. So hyper is given the bytes as ever, and the socket looks whether it may send them from the file.

use std::fs::File;
use std::io::{self, IoSlice};
use std::ops::{Deref, Range};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// What is shorter is copied: a system call more takes as long. (Pieces of what is longer are not, however short.)
const WORTH_IT: usize = 32 << 10;

/// How much one mirror holds. What it has no room for is copied.
const AT_MOST: u64 = 64 << 20;

/// How many files a process has. Each is an open file, and some processes may open few.
const MIRRORS_AT_MOST: usize = 64;

/// A piece that begins a page fills as few of them as can be.
const PAGE: u64 = 4096;

static MIRRORS: AtomicUsize = AtomicUsize::new(0);

/// A file of a few bodies, in memory and without a name. It is there once something is worth it.
#[derive(Debug, Default)]
pub struct SendfileCache {
    file: Option<Arc<MemoryFile>>,
    end: u64,
}

impl SendfileCache {
    /// Takes bytes in, if they are worth it and there is room. They come back in any case.
    pub fn take(&mut self, bytes: Bytes) -> SendfileBytes {
        let place = self.written(&bytes);
        SendfileBytes { bytes, place }
    }

    fn written(&mut self, bytes: &[u8]) -> Option<Place> {
        let end = self.end + bytes.len() as u64;
        if bytes.len() < WORTH_IT || end > AT_MOST {
            return None;
        }
        if self.file.is_none() {
            self.file = Some(Arc::new(MemoryFile::create()?));
        }
        let place = Place { file: Arc::clone(self.file.as_ref()?), at: self.end };
        // Without memory for it, the bytes are copied, and the next ones may have the room.
        place.file.file.write_all_at(bytes, place.at).ok()?;
        self.end = end.next_multiple_of(PAGE);
        Some(place)
    }
}

/// A file in memory, which nobody else can open.
#[derive(Debug)]
struct MemoryFile {
    file: File,
    _permit: FdPermit,
}

impl MemoryFile {
    fn create() -> Option<Self> {
        Some(Self { _permit: FdPermit::acquire(&MIRRORS)?, file: kernel::memory_file().ok()? })
    }
}

/// One among those that are counted, for as long as it lives.
#[derive(Debug)]
struct FdPermit(&'static AtomicUsize);

impl FdPermit {
    /// Nothing if there are as many as may be.
    fn acquire(count: &'static AtomicUsize) -> Option<Self> {
        let one_more = |files| (files < MIRRORS_AT_MOST).then_some(files + 1);
        count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok().map(|_| Self(count))
    }
}

impl Drop for FdPermit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Bytes, and where they lie in a mirror, if they do. Two are equal if the bytes are.
#[derive(Clone, Debug)]
pub struct SendfileBytes {
    bytes: Bytes,
    place: Option<Place>,
}

/// A place in a mirror. What lies there never changes.
#[derive(Clone, Debug)]
struct Place {
    file: Arc<MemoryFile>,
    at: u64,
}

impl SendfileBytes {
    /// Those of them in `range`, which must lie inside.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let moved = |place: &Place| Place { file: Arc::clone(&place.file), at: place.at + range.start as u64 };
        Self { place: self.place.as_ref().map(moved), bytes: self.bytes.slice(range) }
    }

    /// The bytes alone.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// Whether they lie in a mirror, and are many enough.
    pub(super) fn is_worth_it(&self) -> bool {
        self.place.is_some() && self.bytes.len() >= WORTH_IT
    }

    /// Whether `part` is a part of these very bytes, by where it lies in memory. As long as this lives nothing else can
    /// lie there.
    pub(super) fn holds(&self, part: &[u8]) -> bool {
        !part.is_empty() && self.offset(part).is_some_and(|offset| offset + part.len() <= self.bytes.len())
    }

    /// Whether nothing comes after `part`, which is a part of them.
    pub(super) fn ends_with(&self, part: &[u8]) -> bool {
        self.offset(part).is_some_and(|offset| offset + part.len() == self.bytes.len())
    }

    fn offset(&self, part: &[u8]) -> Option<usize> {
        part.as_ptr().addr().checked_sub(self.bytes.as_ptr().addr())
    }

    /// Sends `before`, and then `part` of these bytes from the mirror; tells how many bytes of both are sent.
    pub(super) fn poll_send(
        &self,
        tcp: &TcpStream,
        cx: &mut Context<'_>,
        before: &[IoSlice<'_>],
        part: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(tcp.poll_write_ready(cx))?;
            match tcp.try_io(Interest::WRITABLE, || self.send(tcp, before, part)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }

    fn send(&self, tcp: &TcpStream, before: &[IoSlice<'_>], part: &[u8]) -> io::Result<usize> {
        let (Some(place), Some(offset)) = (&self.place, self.offset(part)) else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let mut sent = 0;
        if !before.is_empty() {
            sent = kernel::send_with_more_to_come(tcp, before)?;
            // There was no room for all of it, but there may be some by now.
            if sent < before.iter().map(|slice| slice.len()).sum() {
                return Ok(sent);
            }
        }
        match kernel::send_file(tcp, &place.file.file, place.at + offset as u64, part.len()) {
            Ok(0) if sent == 0 => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(of_part) => Ok(sent + of_part),
            // Whatever it is, the next call meets it with nothing in front.
            Err(_) if sent > 0 => Ok(sent),
            Err(error) => Err(error),
        }
    }
}

impl Deref for SendfileBytes {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.bytes
    }
}

impl<T: Into<Bytes>> From<T> for SendfileBytes {
    /// Bytes that lie in no mirror.
    fn from(bytes: T) -> Self {
        Self { bytes: bytes.into(), place: None }
    }
}

impl PartialEq for SendfileBytes {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for SendfileBytes {}

#[cfg(target_os = "linux")]
mod kernel {
    use std::fs::File;
    use std::io::{self, IoSlice};

    use rustix::fs::{MemfdFlags, memfd_create, sendfile};
    use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
    use tokio::net::TcpStream;

    pub(super) fn memory_file() -> io::Result<File> {
        Ok(memfd_create("crewpass-mock", MemfdFlags::CLOEXEC)?.into())
    }

    /// Writes without pushing: a head goes out with the first bytes of its body.
    pub(super) fn send_with_more_to_come(tcp: &TcpStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(sendmsg(tcp, slices, &mut SendAncillaryBuffer::default(), SendFlags::MORE | SendFlags::NOSIGNAL)?)
    }

    pub(super) fn send_file(tcp: &TcpStream, file: &File, mut at: u64, length: usize) -> io::Result<usize> {
        Ok(sendfile(tcp, file, Some(&mut at), length)?)
    }
}

/// Elsewhere there are no files, and all is copied.
#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::fs::File;
    use std::io::{self, IoSlice};

    use tokio::net::TcpStream;

    pub(super) fn memory_file() -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn send_with_more_to_come(_: &TcpStream, _: &[IoSlice<'_>]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn send_file(_: &TcpStream, _: &File, _: u64, _: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
impl SendfileBytes {
    /// Bytes that are others in memory than in their mirror, so that a client sees where an answer comes from.
    pub(super) fn in_two_forms(in_memory: impl Into<Bytes>, in_mirror: impl Into<Bytes>) -> Self {
        let (bytes, Self { place, bytes: mirrored }) =
            (in_memory.into(), SendfileCache::default().take(in_mirror.into()));
        assert_eq!(bytes.len(), mirrored.len());
        Self { bytes, place }
    }

    /// The same with a mirror in which there is nothing.
    pub(super) fn with_mirror_lost(mut self) -> Self {
        self.place.iter_mut().for_each(|place| place.at += 1 << 40);
        self
    }

    /// The same with a mirror that can't be read.
    pub(super) fn with_mirror_unreadable(mut self) -> Self {
        let file = File::options().write(true).open("/dev/null").unwrap();
        let file = Arc::new(MemoryFile { file, _permit: FdPermit::acquire(&MIRRORS).unwrap() });
        self.place.iter_mut().for_each(|place| place.file = Arc::clone(&file));
        self
    }

    /// How many hold the mirror.
    pub(super) fn holders(&self) -> usize {
        self.place.as_ref().map_or(0, |place| Arc::strong_count(&place.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mirrored: &SendfileBytes) -> Option<Vec<u8>> {
        let place = mirrored.place.as_ref()?;
        let mut bytes = vec![0; mirrored.len()];
        place.file.file.read_exact_at(&mut bytes, place.at).unwrap();
        Some(bytes)
    }

    #[test]
    fn what_is_worth_it_lies_in_the_mirror_each_on_pages_of_its_own() {
        let mut mirror = SendfileCache::default();
        assert_eq!(read(&mirror.take(vec![1; WORTH_IT - 1].into())), None);
        assert!(mirror.file.is_none(), "no file is opened for nothing");
        let taken: Vec<_> = (1..=3).map(|byte| mirror.take(vec![byte; WORTH_IT + 1].into())).collect();
        for (bytes, byte) in taken.iter().zip(1..) {
            assert_eq!(read(bytes).unwrap(), vec![byte; WORTH_IT + 1]);
            assert_eq!(bytes.place.as_ref().unwrap().at % PAGE, 0);
            assert_eq!(read(&bytes.slice(10..20)).unwrap(), vec![byte; 10]);
            assert_eq!(bytes.slice(10..20).place.unwrap().at % PAGE, 10);
        }
    }

    #[test]
    fn a_mirror_has_room_to_its_bound_and_not_beyond() {
        let mut mirror = SendfileCache { end: AT_MOST - WORTH_IT as u64, ..SendfileCache::default() };
        assert!(mirror.take(vec![1; WORTH_IT + 1].into()).place.is_none());
        assert!(mirror.take(vec![1; WORTH_IT].into()).place.is_some());
        assert!(mirror.take(vec![1; WORTH_IT].into()).place.is_none());
    }

    #[test]
    fn there_are_so_many_mirrors_and_no_more() {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let mut all: Vec<_> = (0..MIRRORS_AT_MOST).map(|_| FdPermit::acquire(&COUNT).unwrap()).collect();
        assert!(FdPermit::acquire(&COUNT).is_none());
        all.pop();
        assert!(FdPermit::acquire(&COUNT).is_some());
    }

    #[test]
    fn two_are_equal_if_the_bytes_are() {
        let [one, other] = [1, 2].map(|byte| SendfileBytes::from(vec![byte; WORTH_IT]));
        assert_eq!(one, SendfileCache::default().take(one.bytes.clone()));
        assert_ne!(one, other);
    }

    #[test]
    fn a_part_is_known_by_where_it_lies() {
        let all: Bytes = vec![7; 300].into();
        let bytes = SendfileBytes::from(all.slice(100..200));
        for (range, holds, ends) in [
            (100..200, true, true),
            (100..150, true, false),
            (150..150, false, false),
            (150..200, true, true),
            (99..200, false, true),
            (100..201, false, false),
            (0..100, false, false),
            (200..300, false, false),
        ] {
            let part = &all[range.clone()];
            assert_eq!(
                (bytes.holds(part), bytes.ends_with(part) && bytes.holds(part)),
                (holds, holds && ends),
                "{range:?}"
            );
        }
        assert!(!bytes.holds(&Bytes::from(vec![7; 100])), "the same bytes elsewhere");
    }
}
