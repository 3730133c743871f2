//! Reads and writes of a file at a position, under one name on each system.

#[cfg(unix)]
pub(crate) use std::os::unix::fs::FileExt as PositionedFile;
#[cfg(windows)]
pub(crate) use windows::PositionedFile;

#[cfg(windows)]
mod windows {
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::FileExt;

    /// The functions that a file has on Unix. They move the file's own position, which nobody else uses.
    pub(crate) trait PositionedFile {
        /// Reads some bytes from a position on.
        fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

        /// Reads as many bytes as the buffer has.
        fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()>;

        /// Writes all bytes from a position on.
        fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()>;
    }

    impl PositionedFile for File {
        fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
            self.seek_read(buffer, position)
        }

        fn read_exact_at(&self, mut buffer: &mut [u8], mut position: u64) -> io::Result<()> {
            while !buffer.is_empty() {
                match self.seek_read(buffer, position)? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    read => (buffer, position) = (&mut buffer[read..], position + read as u64),
                }
            }
            Ok(())
        }

        fn write_all_at(&self, mut bytes: &[u8], mut position: u64) -> io::Result<()> {
            while !bytes.is_empty() {
                match self.seek_write(bytes, position)? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    written => (bytes, position) = (&bytes[written..], position + written as u64),
                }
            }
            Ok(())
        }
    }
}
