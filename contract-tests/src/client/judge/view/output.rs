//! What a client printed, and what it claims by it.

use crate::client::case::Run;

/// What it printed to both streams, as far as it is text.
pub(in crate::client::judge) fn prints(run: &Run) -> String {
    let both = [&run.process.stdout, &run.process.stderr].map(|stream| String::from_utf8_lossy(stream).into_owned());
    both.join("\n")
}

/// The lines `saved X` of its output: each X, without what surrounds it.
pub(in crate::client::judge) fn claims(run: &Run) -> Vec<String> {
    let printed = prints(run);
    let lines = printed.lines().filter_map(|line| {
        let line = line.trim();
        let (word, rest) = line.split_once([' ', ':', '\t'])?;
        word.eq_ignore_ascii_case("saved").then(|| rest.trim_matches([' ', ':', '\t', '"', '\'', '`']).to_owned())
    });
    lines.filter(|claim| !claim.is_empty()).collect()
}
