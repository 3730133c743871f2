//! Reading of world files: the nouns of their messages, and the end of the texts that one world shares.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path as FilePath;

use crewpass_diagnostics::{Noun, Problem, Recovered, Source};

use super::WorldFile;
use super::pools::end_sharing;
use crate::policy::Policies;

/// The largest world file in bytes: a million documents take less.
pub(super) const MAX_WORLD_BYTES: u64 = 1 << 30;

/// Reads a regular file of at most `most` bytes. A pipe or a device is refused before it is opened, which could wait.
pub(crate) fn read_regular(path: &FilePath, most: u64) -> io::Result<Vec<u8>> {
    let refused = |why: String| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return refused("it is not a regular file".to_owned());
    }
    // It may have grown since.
    let mut bytes = Vec::new();
    if about.len() <= most {
        File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    }
    if about.len() > most || bytes.len() as u64 > most {
        return refused(format!("it has more than {most} bytes"));
    }
    Ok(bytes)
}

/// Takes a text with the name by which messages call it.
pub(crate) fn new_source(name: &str, text: &str) -> Source {
    Source::new(name, text).with_nouns(nouns)
}

/// Reads a world; no later world shares its texts.
pub(super) fn read_world(source: &Source) -> Result<WorldFile, Problem> {
    let file = source.read();
    end_sharing();
    file
}

/// Looks for all mistakes of form of a world that was refused.
pub(super) fn recover_world(source: &Source, first: Problem) -> Recovered<WorldFile> {
    let recovered = source.recover(first);
    end_sharing();
    recovered
}

/// Returns what messages call the names that are expected in one place.
fn nouns(expected: &[&str]) -> Noun {
    let (field, fields) =
        if Policies::names().eq(expected.iter().copied()) { ("policy", "policies") } else { ("field", "fields") };
    let value = if expected.iter().any(|name| name.contains(":read")) { "scope" } else { "value" };
    Noun { field, fields, value }
}
