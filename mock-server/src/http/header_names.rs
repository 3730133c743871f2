//! How the names of response headers are written.

/// How the names of response headers are written over HTTP/1. Both mean the same (RFC 9110 section 5.1), but a client
/// that compares names letter by letter knows only one. HTTP/2 has only lower case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderNames {
    /// In lower case, such as `content-type`.
    #[default]
    LowerCase,
    /// With a capital letter at the start of each word, such as `Content-Type`: as many servers and proxies write them.
    TitleCase,
}
