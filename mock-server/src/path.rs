//! The paths of the API, and what stands in them.

/// Who the key belongs to.
pub(crate) const ME: &str = "/api/v2/partners/me";
/// The documents of a person.
pub(crate) const LIST: &str = "/api/v2/employers/me/crew/{crew_unique_id}/documents";
/// A link to one of them.
pub(crate) const LINK: &str = "/api/v2/employers/me/crew/{crew_unique_id}/documents/{document_id}/download";
/// A file.
pub(crate) const FILE: &str = "/api/v2/files/{token}";

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
    fn ids_stand_where_the_patterns_have_them() {
        for [crew_id, other] in [["crew_001", "doc_1"], ["%2F", "a%2Fb"], ["é.", "eyJ.-_~"], ["documents", "download"]]
        {
            let list = LIST.replace("{crew_unique_id}", crew_id);
            assert_eq!(crew(&list), Some((crew_id, "documents")));
            let link = LINK.replace("{crew_unique_id}", crew_id).replace("{document_id}", other);
            assert_eq!(crew_and_document(&link), Some((crew_id, other)));
            assert_eq!(token(&FILE.replace("{token}", other)), Some(other));
        }
        assert!(is_file(FILE) && is_file("/api/v2/files/é") && !is_file(LIST));
        assert!(!is_file(BEFORE_TOKEN) && !is_file("/api/v2/files/a/") && !is_file("/api/v2/files"));
        assert_eq!((crew(ME), crew_and_document(ME), token(ME)), (None, None, None));
    }
}
