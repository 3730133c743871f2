//! A claim such as `saved PST-12345 (2) (3409 bytes)`, checked against the disk.

use std::path::Path;

use super::case_view::CaseView;
use super::run_view::RunView;
use crate::client::case::Expected;

/// The result of a check of a `saved` claim against the disk.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::client::judge) enum ClaimCheck {
    /// The named document or file is on disk, with the bytes of a current document.
    True,
    /// The claim is wrong; the text says why.
    False(String),
    /// The claim names no known document or file.
    Unknown,
}

/// A name that a claim may contain, with what it names.
#[derive(Clone, Copy)]
enum Named<'a> {
    /// A file below the folder to save into, by its SHA-256.
    File(&'a str),
    /// A current document.
    Document(&'a Expected),
}

/// Words that may come before the name in a claim.
const BEFORE: [&str; 12] = ["a", "as", "at", "bytes", "document", "file", "from", "id", "in", "into", "the", "to"];

/// Checks a claim against the disk. The claim is about the first known name in it: of two names at
/// one place the longer, so that a name with spaces is never taken for its first word.
pub(in crate::client::judge) fn check_claim(view: &CaseView<'_>, run_view: &RunView<'_>, claim: &str) -> ClaimCheck {
    let found = known_names(view, run_view)
        .into_iter()
        .filter_map(|(name, named)| Some((place_of(&name, claim)?, std::cmp::Reverse(name.len()), named)))
        .min_by_key(|(place, length, _)| (*place, *length));
    let Some((place, _, named)) = found else { return ClaimCheck::Unknown };
    if !may_come_before(&claim[..place]) {
        return ClaimCheck::Unknown;
    }
    match named {
        Named::Document(one) if run_view.has_document(view.out_dir(), one) => ClaimCheck::True,
        Named::Document(one) => ClaimCheck::False(format!("the bytes of `{}` are not on disk", one.id)),
        Named::File(hash) if run_view.run.current.iter().any(|one| one.sha256 == hash) => ClaimCheck::True,
        Named::File(_) => ClaimCheck::False("that file is not a current document".to_owned()),
    }
}

/// Returns every name that a claim may contain. Of equal names the first counts: ids of documents,
/// then files, then names of documents.
fn known_names<'a>(view: &CaseView<'a>, run_view: &'a RunView<'a>) -> Vec<(String, Named<'a>)> {
    let current = &run_view.run.current;
    let ids = current.iter().map(|one| (one.id.clone(), Named::Document(one)));
    let files = run_view.run.after.files().filter(|(path, ..)| path.starts_with(view.out_dir()));
    let files: Vec<_> = files.map(|(path, _, hash)| (path.as_path(), Named::File(hash))).collect();
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let whole = files.iter().map(|(path, named)| (text(path.file_name()), *named));
    let stems = files.iter().map(|(path, named)| (text(Path::new(path).file_stem()), *named));
    let given = current.iter().filter_map(|one| Some((one.file_name.clone()?, Named::Document(one))));
    // Spaces around a name can't be distinguished from those of the claim.
    let all = ids.chain(whole).chain(given).chain(stems).map(|(name, named)| (name.trim().to_owned(), named));
    all.filter(|(name, _)| !name.is_empty()).collect()
}

/// Returns the place of a name in a claim: the first one where it is not a part of a longer word.
fn place_of(name: &str, claim: &str) -> Option<usize> {
    let is_of_a_word = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    let ends_before = |rest: &str| {
        let mut letters = rest.chars();
        match letters.next() {
            // A full stop may end the sentence.
            Some('.') => !letters.next().is_some_and(is_of_a_word),
            next => !next.is_some_and(is_of_a_word),
        }
    };
    let found = claim.match_indices(name).find(|(place, _)| {
        let before = claim[..*place].chars().next_back();
        let starts = !before.is_some_and(|letter| is_of_a_word(letter) || letter == '.');
        starts && ends_before(&claim[place + name.len()..])
    });
    found.map(|(place, _)| place)
}

/// Returns true if a claim that begins so is about the name that follows: a path, numbers, and
/// words such as `document`.
fn may_come_before(text: &str) -> bool {
    let (before, path) = text.rsplit_once('/').map_or((text, false), |(before, _)| (before, true));
    let words = before.split(|letter: char| letter.is_whitespace() || "\"'`:;,#()[]".contains(letter));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    // The last word before a slash is the beginning of the path.
    let words = if path { words.split_last().map_or(&[][..], |(_, rest)| rest) } else { &words[..] };
    words.iter().all(|word| {
        let word = word.to_ascii_lowercase();
        BEFORE.contains(&word.as_str()) || word.parse::<f64>().is_ok()
    })
}
