//! The output of a client, and the `saved` claims in it.

use crate::client::case::Run;

/// Returns both output streams as text.
pub(in crate::client::judge) fn printed_text(run: &Run) -> String {
    let both = [&run.process.stdout, &run.process.stderr].map(|stream| String::from_utf8_lossy(stream).into_owned());
    both.join("\n")
}

/// Returns each X of the lines `saved X` in the output, without surrounding marks.
pub(in crate::client::judge) fn saved_claims(run: &Run) -> Vec<String> {
    let printed = printed_text(run);
    let lines = printed.lines().filter_map(|line| {
        let line = line.trim();
        let (word, rest) = line.split_once([' ', ':', '\t'])?;
        word.eq_ignore_ascii_case("saved").then(|| rest.trim_matches([' ', ':', '\t', '"', '\'', '`']).to_owned())
    });
    lines.filter(|claim| !claim.is_empty()).collect()
}
