//! What stands in the paths of the API: ids and tokens.

/// What the path of a list begins with, before the person's id.
const BEFORE_CREW: &str = "/api/v2/employers/me/crew/";
/// What stands between the ids of the person and of the document.
const BEFORE_DOCUMENT: &str = "documents/";
/// What the path of every file begins with, before the token.
pub(crate) const BEFORE_TOKEN: &str = "/api/v2/files/";

/// The id in the path of a list or a link, as it stands there, and what follows it.
pub(crate) fn crew(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix(BEFORE_CREW).map(segment)
}

/// The ids in the path of a link, as they stand there.
pub(crate) fn crew_and_document(path: &str) -> Option<(&str, &str)> {
    let (crew, rest) = crew(path)?;
    Some((crew, segment(rest.strip_prefix(BEFORE_DOCUMENT)?).0))
}

/// The token in the path of a file.
pub(crate) fn token(path: &str) -> Option<&str> {
    path.strip_prefix(BEFORE_TOKEN).map(|rest| segment(rest).0)
}

/// Whether it is the path of a file: behind its beginning stands one segment that is not empty.
pub(crate) fn is_file(path: &str) -> bool {
    let token = path.strip_prefix(BEFORE_TOKEN).unwrap_or_default();
    !token.is_empty() && memchr::memchr(b'/', token.as_bytes()).is_none()
}

/// The first segment of a path without its slash, and what follows the slash behind it.
fn segment(path: &str) -> (&str, &str) {
    let end = memchr::memchr(b'/', path.as_bytes());
    end.map_or((path, ""), |end| (&path[..end], &path[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_segment_for_a_token() {
        assert!(is_file("/api/v2/files/{token}") && is_file("/api/v2/files/é"));
        for other in [BEFORE_TOKEN, "/api/v2/files/a/", "/api/v2/files", "/api/v2/partners/me"] {
            assert!(!is_file(other), "{other}");
        }
    }
}
