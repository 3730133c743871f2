//! Reading of world files: the nouns of their messages, and the end of the texts that one world shares.

use crewpass_diagnostics::{Noun, Problem, Recovered, Source};

use super::WorldFile;
use super::pools::end_sharing;
use crate::policy::Policies;

/// The largest world file in bytes: a million documents take less.
pub(super) const MAX_WORLD_BYTES: u64 = 1 << 30;

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
