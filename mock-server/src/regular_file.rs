//! Regular files, opened and read without ever waiting for what lies in their place: a pipe without a writer, or a
//! device without an end.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file. Anything else is refused, also if it is put there meanwhile.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    // Asked first, since opening a device may do something already.
    check(&std::fs::metadata(path)?)?;
    let file = options().open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file of at most `most` bytes.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    if file.metadata()?.len() > most { Err(too_long(most)) } else { read_at_most(file, most) }
}

/// Reads to the end, which must come after `most` bytes at most.
pub(crate) fn read_at_most(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if length as u64 > most { Err(too_long(most)) } else { Ok(bytes) }
}

fn too_long(most: u64) -> io::Error {
    refused(format!("it has more than {most} bytes"))
}

fn check(about: &std::fs::Metadata) -> io::Result<()> {
    if about.is_file() { Ok(()) } else { Err(refused("it is not a regular file".to_owned())) }
}

fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(unix)]
fn options() -> std::fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = File::options();
    // Without this, a pipe that was put in the place of the file is opened only once somebody writes into it.
    let no_wait = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    options.read(true).custom_flags(no_wait);
    options
}

#[cfg(not(unix))]
fn options() -> std::fs::OpenOptions {
    let mut options = File::options();
    options.read(true);
    options
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_a_regular_file_is_read_and_only_up_to_a_size() {
        let folder = tempfile::tempdir().unwrap();
        let [file, pipe, device] = ["file", "pipe", "device"].map(|name| folder.path().join(name));
        std::fs::write(&file, "four").unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink("/dev/zero", &device).unwrap();
        assert_eq!(read_regular(&file, 4).unwrap(), b"four");
        assert!(read_regular(&file, 3).unwrap_err().to_string().contains("more than 3 bytes"));
        for path in [&pipe, &device, &folder.path().to_owned()] {
            assert!(read_regular(path, 4).unwrap_err().to_string().contains("not a regular file"), "{path:?}");
        }
        assert!(read_at_most(File::open(&device).unwrap(), 4).unwrap_err().to_string().contains("more than 4 bytes"));
        // A pipe that is put there after the first look.
        check(&options().open(&pipe).unwrap().metadata().unwrap()).unwrap_err();
    }
}
