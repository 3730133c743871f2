//! Unfinished files: what a client writes before a download is complete, by the name or by the length.

use std::path::Path;

use super::run_view::RunView;
use crate::client::case::Expected;

/// Words that mark a name as temporary.
const WORDS: [&str; 11] = [
    "part",
    "partial",
    "tmp",
    "temp",
    "download",
    "downloading",
    "crdownload",
    "incomplete",
    "unfinished",
    "unconfirmed",
    "swp",
];

impl RunView<'_> {
    /// Returns true if the name marks a file as unfinished, such as `x.part`, `.download-1` or
    /// `tmpk2j3`. The name or the id of a document is never temporary.
    pub(in crate::client::judge) fn is_unfinished(&self, path: &Path) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let is_of_document = |one: &Expected| one.file_name.as_deref() == Some(&*name) || one.id == name;
        is_temporary(&name) && !self.run.current.iter().any(is_of_document)
    }

    /// Returns true if a file may be a download that the end of the client interrupted: it has a
    /// temporary name, or no more bytes than were sent of an incomplete body.
    pub(in crate::client::judge) fn is_interrupted(&self, path: &Path, len: u64) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let cut = |bytes: u64, whole: bool| !whole && bytes > 0 && len <= bytes;
        let of_a_cut_body = || self.files().any(|request| cut(request.exchange.bytes, request.exchange.whole));
        let is_final = || self.run.current.iter().any(|one| is_name_of(one, &name));
        self.is_unfinished(path) || (!is_final() && of_a_cut_body())
    }
}

/// Returns true if a document would be saved under this name: its file name, its id, or its id with
/// an extension.
fn is_name_of(one: &Expected, name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    one.file_name.as_deref() == Some(name) || one.id == name || one.id == stem
}

/// Returns true if the name looks like a temporary file: hidden, with such an extension, or from a function for
/// temporary files.
fn is_temporary(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_word = |part: &str| {
        let word = part.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
        WORDS.contains(&word)
    };
    let mut parts = name.split('.');
    let first = parts.next().unwrap_or_default();
    let has_extension = parts.clone().next().is_some();
    name.starts_with(['.', '~', '#'])
        || name.ends_with('~')
        || name.starts_with("tmp")
        || parts.any(is_word)
        || (!has_extension && is_word(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_name_is_one_of_any_library() {
        for name in [
            "a.pdf.part",
            "A.PART",
            "a.pdf.tmp.1234",
            "a.pdf.part-8f3a",
            ".download-k2j3",
            ".tmpAbC123",
            ".a.pdf.x8Yq2",
            "tmpk2j3_x8",
            "download-123456",
            "12345.tmp",
            "a.pdf~",
            "a.crdownload",
        ] {
            assert!(is_temporary(name), "{name}");
        }
        for name in ["a.pdf", "download.pdf", "part.pdf", "template.pdf", "doc_1", "more.txt", "partner.pdf"] {
            assert!(!is_temporary(name), "{name}");
        }
    }
}
