//! Response bytes that are in memory and in a memory file, from which the kernel sends them without
//! a copy.
//!
//! Rationale: copying 64 KiB into a socket takes longer than all other work for the response, and
//! evicts the program from the processor's caches. No library does this: hyper writes bytes from
//! memory and knows no files. So hyper gets the bytes as usual, and the socket checks whether it
//! can send them from the file instead.

use std::fs::File;
use std::io::{self, IoSlice};
use std::ops::{Deref, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::positioned::PositionedFile;

/// The minimum size for sendfile, in bytes. Shorter bodies are copied: the extra system call takes
/// as long. (Pieces of a longer body are sent from the file, also short ones.)
const MIN_SENDFILE_BYTES: usize = 32 << 10;

/// The capacity of one cache file, in bytes. Bytes that do not fit are copied.
const MAX_CACHE_BYTES: u64 = 64 << 20;

/// The maximum number of cache files in a process. Each takes a file descriptor, and some processes
/// have few.
const MAX_CACHE_FILES: usize = 64;

/// The page size. A body that starts on a page boundary occupies the fewest pages.
const PAGE: u64 = 4096;

static OPEN_CACHE_FILES: AtomicUsize = AtomicUsize::new(0);

/// A memory file with the bytes of several bodies. The file is created with the first body that is
/// large enough.
#[derive(Debug, Default)]
pub struct SendfileCache {
    file: Option<Arc<MemoryFile>>,
    end: u64,
}

impl SendfileCache {
    /// Writes bytes to the file if they are large enough and fit. Returns them in any case.
    pub fn insert(&mut self, bytes: Bytes) -> SendfileBytes {
        let position = self.write(&bytes);
        SendfileBytes { bytes, position }
    }

    fn write(&mut self, bytes: &[u8]) -> Option<FilePosition> {
        let end = self.end + bytes.len() as u64;
        if bytes.len() < MIN_SENDFILE_BYTES || end > MAX_CACHE_BYTES {
            return None;
        }
        if self.file.is_none() {
            self.file = Some(Arc::new(MemoryFile::create()?));
        }
        let position = FilePosition { file: Arc::clone(self.file.as_ref()?), offset: self.end };
        // Without memory for them, these bytes are copied; later ones may fit again.
        position.file.file.write_all_at(bytes, position.offset).ok()?;
        // Each body starts on a page boundary, so that it occupies the fewest pages.
        self.end = end.next_multiple_of(PAGE);
        Some(position)
    }
}

/// An anonymous memory file.
#[derive(Debug)]
struct MemoryFile {
    file: File,
    _permit: FdPermit,
}

impl MemoryFile {
    fn create() -> Option<Self> {
        Some(Self { _permit: FdPermit::acquire(&OPEN_CACHE_FILES)?, file: kernel::memory_file().ok()? })
    }
}

/// A permit for one file descriptor, released on drop.
#[derive(Debug)]
struct FdPermit(&'static AtomicUsize);

impl FdPermit {
    /// Takes a permit. Returns `None` if [`MAX_CACHE_FILES`] are taken.
    fn acquire(count: &'static AtomicUsize) -> Option<Self> {
        let add_one = |files| (files < MAX_CACHE_FILES).then_some(files + 1);
        count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add_one).ok().map(|_| Self(count))
    }
}

impl Drop for FdPermit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Bytes, with their position in a cache file if they have one. Equality compares the bytes only.
#[derive(Clone, Debug)]
pub struct SendfileBytes {
    bytes: Bytes,
    position: Option<FilePosition>,
}

/// A position in a cache file. The bytes there never change.
#[derive(Clone, Debug)]
struct FilePosition {
    file: Arc<MemoryFile>,
    offset: u64,
}

impl FilePosition {
    fn shifted(&self, by: usize) -> Self {
        Self { file: Arc::clone(&self.file), offset: self.offset + by as u64 }
    }
}

impl SendfileBytes {
    /// Returns the bytes in `range`.
    ///
    /// Panics if `range` is out of bounds.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self {
            position: self.position.as_ref().map(|position| position.shifted(range.start)),
            bytes: self.bytes.slice(range),
        }
    }

    /// Returns the bytes without their position.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// Returns true if the bytes are in a cache file and numerous enough for sendfile.
    pub(super) fn is_sendfile_eligible(&self) -> bool {
        self.position.is_some() && self.bytes.len() >= MIN_SENDFILE_BYTES
    }

    /// Returns true if `part` is a slice of these bytes, compared by address. While `self` lives,
    /// no other bytes can have that address.
    pub(super) fn contains(&self, part: &[u8]) -> bool {
        !part.is_empty() && self.offset(part).is_some_and(|offset| offset + part.len() <= self.bytes.len())
    }

    /// Returns true if `part`, a slice of these bytes, reaches to their end.
    pub(super) fn ends_with(&self, part: &[u8]) -> bool {
        self.offset(part).is_some_and(|offset| offset + part.len() == self.bytes.len())
    }

    fn offset(&self, part: &[u8]) -> Option<usize> {
        part.as_ptr().addr().checked_sub(self.bytes.as_ptr().addr())
    }

    /// Sends `before`, then `part` of these bytes from the file. Returns the number of bytes sent
    /// of both.
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
        let (Some(position), Some(offset)) = (&self.position, self.offset(part)) else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let mut sent = 0;
        if !before.is_empty() {
            sent = kernel::send_with_more_to_come(tcp, before)?;
            // The socket buffer was full. It may have room again, but the caller must poll first.
            if sent < before.iter().map(|slice| slice.len()).sum() {
                return Ok(sent);
            }
        }
        match kernel::send_file(tcp, &position.file.file, position.offset + offset as u64, part.len()) {
            Ok(0) if sent == 0 => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(part_sent) => Ok(sent + part_sent),
            // The next call meets the same error with nothing in front of it, and reports it.
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
    /// Wraps bytes that are in no cache file.
    fn from(bytes: T) -> Self {
        Self { bytes: bytes.into(), position: None }
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

    /// Writes `slices` with `MSG_MORE`, so that a head goes out together with the first bytes of
    /// its body.
    pub(super) fn send_with_more_to_come(tcp: &TcpStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(sendmsg(tcp, slices, &mut SendAncillaryBuffer::default(), SendFlags::MORE | SendFlags::NOSIGNAL)?)
    }

    pub(super) fn send_file(tcp: &TcpStream, file: &File, mut offset: u64, length: usize) -> io::Result<usize> {
        Ok(sendfile(tcp, file, Some(&mut offset), length)?)
    }
}

/// On other systems no files are created, and all bytes are copied.
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
    /// Creates bytes that differ between memory and file, so that a test sees which of them were
    /// sent.
    pub(super) fn with_different_file(in_memory: impl Into<Bytes>, in_file: impl Into<Bytes>) -> Self {
        let (bytes, Self { position, bytes: in_file }) =
            (in_memory.into(), SendfileCache::default().insert(in_file.into()));
        assert_eq!(bytes.len(), in_file.len());
        Self { bytes, position }
    }

    /// Moves the position behind the end of the file, so that reads there return nothing.
    pub(super) fn with_file_lost(mut self) -> Self {
        self.position.iter_mut().for_each(|position| position.offset += 1 << 40);
        self
    }

    /// Replaces the file with one that can't be read.
    pub(super) fn with_file_unreadable(mut self) -> Self {
        let file = File::options().write(true).open("/dev/null").unwrap();
        let file = Arc::new(MemoryFile { file, _permit: FdPermit::acquire(&OPEN_CACHE_FILES).unwrap() });
        self.position.iter_mut().for_each(|position| position.file = Arc::clone(&file));
        self
    }

    /// Returns the number of handles to the file.
    pub(super) fn holders(&self) -> usize {
        self.position.as_ref().map_or(0, |position| Arc::strong_count(&position.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(in_file: &SendfileBytes) -> Option<Vec<u8>> {
        let position = in_file.position.as_ref()?;
        let mut bytes = vec![0; in_file.len()];
        position.file.file.read_exact_at(&mut bytes, position.offset).unwrap();
        Some(bytes)
    }

    #[test]
    fn large_bodies_are_stored_in_the_file_on_separate_pages() {
        let mut cache = SendfileCache::default();
        assert_eq!(read(&cache.insert(vec![1; MIN_SENDFILE_BYTES - 1].into())), None);
        assert!(cache.file.is_none(), "no file is opened for nothing");
        let taken: Vec<_> = (1..=3).map(|byte| cache.insert(vec![byte; MIN_SENDFILE_BYTES + 1].into())).collect();
        for (bytes, byte) in taken.iter().zip(1..) {
            assert_eq!(read(bytes).unwrap(), vec![byte; MIN_SENDFILE_BYTES + 1]);
            assert_eq!(bytes.position.as_ref().unwrap().offset % PAGE, 0);
            assert_eq!(read(&bytes.slice(10..20)).unwrap(), vec![byte; 10]);
            assert_eq!(bytes.slice(10..20).position.unwrap().offset % PAGE, 10);
        }
    }

    #[test]
    fn a_cache_file_stores_bytes_up_to_its_capacity() {
        let mut cache = SendfileCache { end: MAX_CACHE_BYTES - MIN_SENDFILE_BYTES as u64, ..SendfileCache::default() };
        assert!(cache.insert(vec![1; MIN_SENDFILE_BYTES + 1].into()).position.is_none());
        assert!(cache.insert(vec![1; MIN_SENDFILE_BYTES].into()).position.is_some());
        assert!(cache.insert(vec![1; MIN_SENDFILE_BYTES].into()).position.is_none());
    }

    #[test]
    fn the_number_of_cache_files_is_limited() {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let mut all: Vec<_> = (0..MAX_CACHE_FILES).map(|_| FdPermit::acquire(&COUNT).unwrap()).collect();
        assert!(FdPermit::acquire(&COUNT).is_none());
        all.pop();
        assert!(FdPermit::acquire(&COUNT).is_some());
    }

    #[test]
    fn equality_compares_the_bytes_only() {
        let [one, other] = [1, 2].map(|byte| SendfileBytes::from(vec![byte; MIN_SENDFILE_BYTES]));
        assert_eq!(one, SendfileCache::default().insert(one.bytes.clone()));
        assert_ne!(one, other);
    }

    #[test]
    fn a_slice_is_recognised_by_its_address() {
        let all: Bytes = vec![7; 300].into();
        let bytes = SendfileBytes::from(all.slice(100..200));
        for (range, contains, ends) in [
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
                (bytes.contains(part), bytes.ends_with(part) && bytes.contains(part)),
                (contains, contains && ends),
                "{range:?}"
            );
        }
        assert!(!bytes.contains(&Bytes::from(vec![7; 100])), "the same bytes elsewhere");
    }
}
