//! A file that is not whole yet: under a temporary name, bounded, unpacked once, gone if it comes to nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use flate2::write::MultiGzDecoder;

use crate::bugs::Bug;
use crate::config::Config;
use crate::failure::Failure;

/// The largest document that is saved.
pub(crate) const LARGEST: u64 = 256 << 20;

/// A file that grows.
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    writer: Writer,
    bug: Option<Bug>,
    whole: bool,
    kept: bool,
}

enum Writer {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

/// A file and how much more may go into it.
struct Bounded {
    file: File,
    left: u64,
    held: Option<Vec<u8>>,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        match &mut self.held {
            Some(held) => held.extend_from_slice(bytes),
            None => self.file.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.held.take().unwrap_or_default())
    }
}

impl Part {
    /// Begins a file; `final_path` is for the variant that writes there at once.
    pub(crate) fn begin(config: &Config, gzip: bool, final_path: &Path) -> Result<Self, Failure> {
        let path = if config.has(Bug::LeavesPartialFile) {
            final_path.to_owned()
        } else {
            config.out_dir.join(format!("crewpass-{}.part", std::process::id()))
        };
        // `create_new` follows no symlink and opens nothing that is there.
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let left = if config.has(Bug::NoSizeLimit) { u64::MAX } else { LARGEST };
        let bounded = Bounded { file, left, held: config.has(Bug::BuffersWholeFile).then(Vec::new) };
        let writer = if gzip && !config.has(Bug::NeverDecodes) {
            Writer::Gzip(Box::new(MultiGzDecoder::new(bounded)))
        } else {
            Writer::Plain(bounded)
        };
        Ok(Self { path, writer, bug: config.bug, whole: false, kept: false })
    }

    /// Variants that take a download for text do so where its name says that it is one.
    pub(crate) fn named(mut self, file_name: Option<&str>) -> Self {
        let of_text = matches!(self.bug, Some(Bug::TextMode | Bug::StripsBom | Bug::StopsAtCtrlZ | Bug::StopsAtNul));
        let extension = file_name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
        let is_meant = match extension {
            Some("txt" | "csv") => !self.has(Bug::ReadsJson),
            Some("json") => !of_text,
            _ => !of_text && !self.has(Bug::ReadsJson),
        };
        if !is_meant {
            self.bug = None;
        }
        self
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Adds bytes as they came over the wire.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let changed = self.changed(bytes);
        let bytes = changed.as_deref().unwrap_or(bytes);
        let written = match &mut self.writer {
            Writer::Plain(file) => file.write_all(bytes),
            Writer::Gzip(decoder) => decoder.write_all(bytes),
        };
        written.map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => Failure::contract("the file is too large"),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Failure::broken("the file can't be unpacked"),
            kind => Failure::local(kind.to_string()),
        })
    }

    /// Returns the bytes as a variant changes them.
    fn changed(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let up_to = |end: u8| bytes.split(|byte| *byte == end).next().map(<[u8]>::to_vec);
        match self.bug? {
            Bug::TextMode => {
                let kept = |at: usize| bytes[at] != b'\r' || bytes.get(at + 1) != Some(&b'\n');
                Some((0..bytes.len()).filter(|at| kept(*at)).map(|at| bytes[at]).collect())
            }
            Bug::StripsBom => {
                let at = bytes.windows(2).position(|mark| mark == b"\xff\xfe");
                at.map(|at| [&bytes[..at], &bytes[at + 2..]].concat())
                    .or_else(|| bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec))
            }
            Bug::ReadsJson => {
                serde_json::from_slice::<serde_json::Value>(bytes).ok().map(|json| json.to_string().into())
            }
            Bug::StopsAtCtrlZ => up_to(0x1a),
            Bug::StopsAtNul => up_to(0),
            _ => None,
        }
    }

    /// Brings all of it to the disk; tells how much it is.
    pub(crate) fn end(&mut self) -> Result<u64, Failure> {
        let file = match &mut self.writer {
            Writer::Plain(bounded) => bounded,
            Writer::Gzip(decoder) => {
                let ended = decoder.try_finish();
                if ended.is_err() && !self.bug.is_some_and(|bug| bug == Bug::ShortIsWhole) {
                    return Err(Failure::broken("the packed file is cut short"));
                }
                decoder.get_mut()
            }
        };
        file.flush()?;
        file.file.sync_all()?;
        if self.has(Bug::DoubleDecodes) {
            self.decode_again()?;
        }
        if self.has(Bug::SavesExecutable) {
            fs::set_permissions(&self.path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        }
        self.whole = true;
        Ok(fs::metadata(&self.path)?.len())
    }

    fn decode_again(&self) -> Result<(), Failure> {
        let mut unpacked = Vec::new();
        if GzDecoder::new(File::open(&self.path)?).read_to_end(&mut unpacked).is_ok() {
            fs::write(&self.path, unpacked)?;
        }
        Ok(())
    }

    /// Makes room for a length, as a variant does that leaves it there.
    pub(crate) fn reserve(&mut self, length: u64) -> Result<(), Failure> {
        OpenOptions::new().write(true).open(&self.path)?.set_len(length)?;
        self.kept = true;
        Ok(())
    }

    /// Keeps the file: it has its name now.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }

    /// Removes the file, and the process goes on.
    pub(crate) fn discard(mut self) {
        if self.has(Bug::LeavesPartialFile) {
            self.remove();
        }
    }

    fn remove(&mut self) {
        self.kept = true;
        // It is in the folder's way, but nothing can be done about that here.
        let _ = fs::remove_file(&self.path);
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let left = self.has(Bug::LeavesParts) && !self.whole || self.has(Bug::LeavesPartialFile);
        if !self.kept && !left {
            self.remove();
        }
    }
}
