//! The heads of a request and its response as one text, parsed only when the journal is read.
//!
//! Rationale: hyper's headers are slices of its read buffer. Kept as they are, each entry would
//! keep a buffer of 8 KiB alive, and hyper would have to allocate another. A header map would cost
//! more than the rest of an entry. So the few bytes that matter are copied, into a buffer that an
//! evicted entry left behind.

use std::fmt::Write;
use std::sync::OnceLock;

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Uri};

/// The initial capacity of a buffer: the heads of a typical exchange.
const TYPICAL_BYTES: usize = 384;

/// The maximum capacity of a buffer that is reused.
const MAX_REUSED_BYTES: usize = 4 << 10;

/// A request's target and headers, and a response's headers. The text holds `target`, then one
/// `name:value` per header, each with a line end, which none of them can contain.
#[derive(Clone, Default)]
pub(super) struct Heads {
    text: Vec<u8>,
    target_end: usize,
    request_end: usize,
    parsed: OnceLock<Box<ParsedHeads>>,
}

/// The parsed form of [`Heads`].
#[derive(Clone)]
struct ParsedHeads {
    uri: Uri,
    request: HeaderMap,
    response: HeaderMap,
}

impl Heads {
    /// Copies the head of a request into a buffer.
    pub(super) fn from_request(mut text: Vec<u8>, uri: &Uri, headers: &HeaderMap) -> Self {
        text.clear();
        text.reserve(TYPICAL_BYTES);
        match (uri.authority(), uri.path_and_query()) {
            (None, Some(target)) => text.extend_from_slice(target.as_str().as_bytes()),
            _ => write_uri(&mut text, uri),
        }
        let target_end = text.len();
        text.push(b'\n');
        write_headers(&mut text, headers);
        let request_end = text.len();
        Self { text, target_end, request_end, parsed: OnceLock::new() }
    }

    /// Adds the head of the response.
    pub(super) fn add_response(&mut self, headers: &HeaderMap) {
        write_headers(&mut self.text, headers);
    }

    /// Returns the buffer for reuse, or an empty one if it grew too large.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        if self.text.capacity() <= MAX_REUSED_BYTES { self.text } else { Vec::new() }
    }

    /// Returns the bytes that the text takes.
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity()
    }

    /// Returns the request target.
    pub(super) fn target(&self) -> &str {
        std::str::from_utf8(&self.text[..self.target_end]).unwrap_or_default()
    }

    /// Returns the parsed request target.
    pub(super) fn uri(&self) -> &Uri {
        &self.parsed().uri
    }

    /// Returns the request headers.
    pub(super) fn request(&self) -> &HeaderMap {
        &self.parsed().request
    }

    /// Returns the response headers.
    pub(super) fn response(&self) -> &HeaderMap {
        &self.parsed().response
    }

    fn parsed(&self) -> &ParsedHeads {
        self.parsed.get_or_init(|| {
            let request = self.text.get(self.target_end + 1..self.request_end).unwrap_or_default();
            let response = headers(&self.text[self.request_end..]);
            // It was parsed from a request, so it parses again.
            let uri = self.target().parse().unwrap_or_default();
            Box::new(ParsedHeads { uri, request: headers(request), response })
        })
    }
}

/// Writes a target that is more than a path, such as that of HTTP/2.
fn write_uri(text: &mut Vec<u8>, uri: &Uri) {
    let mut whole = String::new();
    // Writing to a `String` can't fail.
    let _ = write!(whole, "{uri}");
    text.extend_from_slice(whole.as_bytes());
}

fn write_headers(text: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.push(b':');
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
}

fn headers(text: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in text.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&line[colon + 1..])) {
            headers.append(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header_map(lines: &[(&'static str, &'static [u8])]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap())).fold(
            HeaderMap::new(),
            |mut map, (name, value)| {
                map.append(name, value);
                map
            },
        )
    }

    #[test]
    fn heads_are_parsed_back_as_they_were() {
        let request = header_map(&[("host", b"a:80"), ("x-a", b""), ("x-a", b"1: 2"), ("x-b", b"\xff\t:")]);
        let response = header_map(&[("content-type", b"text/plain"), ("x-a", b"3")]);
        for target in ["/a/b?c=%0A:d", "http://a:80/b?c", "*", "/", "a:443"] {
            let uri: Uri = target.parse().unwrap();
            let mut heads = Heads::from_request(b"left over".to_vec(), &uri, &request);
            assert!(heads.clone().response().is_empty());
            heads.add_response(&response);
            assert_eq!((heads.target(), heads.uri()), (&*uri.to_string(), &uri));
            assert_eq!((heads.request(), heads.response()), (&request, &response), "{target}");
        }
    }

    #[test]
    fn a_buffer_is_reused_unless_it_is_large() {
        let with_target = |target: &str| Heads::from_request(Vec::new(), &target.parse().unwrap(), &HeaderMap::new());
        assert!(with_target("/a").into_buffer().capacity() >= TYPICAL_BYTES);
        assert_eq!(with_target(&format!("/{}", "a".repeat(MAX_REUSED_BYTES))).into_buffer().capacity(), 0);
        let none = Heads::default();
        assert_eq!((none.target(), none.request().len(), none.response().len()), ("", 0, 0));
    }
}
