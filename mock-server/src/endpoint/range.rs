//! The preconditions and the range of a request for a file (RFC 9110 sections 13 and 14).

use std::cmp::Ordering;

use http::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE};

use crate::reply::Part;

/// Returns the part of a file that a request gets where ranges are honoured. `etag` is the file's strong tag.
pub(super) fn part(headers: &HeaderMap, is_head: bool, etag: &HeaderValue, length: u64) -> Part {
    // In the order of RFC 9110 section 13.2.2. Without `Last-Modified`, the conditions on a date are ignored.
    if headers.contains_key(IF_MATCH) && !is_wanted(headers, etag) {
        return Part::PreconditionFailed;
    }
    if is_listed(headers, etag) {
        return Part::NotModified;
    }
    // Only GET has a range (RFC 9110 section 14.2).
    let wanted = only(headers, &RANGE).filter(|_| !is_head && is_same_version(headers, etag));
    let Some(range) = wanted.and_then(|value| value.to_str().ok()).and_then(ByteRange::parse) else {
        return Part::WholeOfRanges;
    };
    range.part(length)
}

/// Returns the value of a header that may have one line; of several lines none counts.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    lines.next().filter(|_| lines.next().is_none())
}

/// Returns true if `If-Match` names the version, by strong comparison, or any version.
fn is_wanted(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let mut lines = headers.get_all(IF_MATCH).iter().map(HeaderValue::as_bytes);
    lines.any(|line| line.trim_ascii() == b"*" || tags(line).any(|(is_weak, tag)| !is_weak && tag == etag.as_bytes()))
}

/// Returns true if `If-None-Match` names the version, by weak comparison, or any version.
fn is_listed(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).iter().map(HeaderValue::as_bytes);
    lines.into_iter().any(|line| line.trim_ascii() == b"*" || tags(line).any(|(_, tag)| tag == etag.as_bytes()))
}

/// Splits a list of entity tags into whether each is weak, and the tag without that mark. A comma may be inside a tag.
fn tags(line: &[u8]) -> impl Iterator<Item = (bool, &[u8])> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let open = rest.iter().position(|byte| *byte == b'"')?;
        let close = rest[open + 1..].iter().position(|byte| *byte == b'"')? + open + 1;
        let (tag, is_weak) = (&rest[open..=close], rest[..open].ends_with(b"W/"));
        rest = &rest[close + 1..];
        Some((is_weak, tag))
    })
}

/// Returns true if `If-Range` is not there or names exactly this version. A date never does, since files
/// have no `Last-Modified`; nor does a weak tag (RFC 9110 section 13.1.5).
fn is_same_version(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    !headers.contains_key(IF_RANGE) || only(headers, &IF_RANGE).is_some_and(|wanted| wanted == etag)
}

/// A single range of bytes. Its numbers may be of any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByteRange {
    From { first: u64, last: Option<u64> },
    Last(u64),
}

impl ByteRange {
    /// Parses the value of `Range`. Returns `None` for what is ignored: another unit, bad syntax, several ranges.
    fn parse(text: &str) -> Option<Self> {
        let (unit, set) = text.split_once('=')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        // A list may have empty elements (RFC 9110 section 5.6.1).
        let mut ranges = set.split(',').map(|range| range.trim_matches([' ', '\t'])).filter(|range| !range.is_empty());
        let (first, last) = ranges.next().filter(|_| ranges.next().is_none())?.split_once('-')?;
        match (first, last) {
            ("", length) => Some(Self::Last(number(length)?)),
            (first, "") => Some(Self::From { first: number(first)?, last: None }),
            (first, last) => {
                let range = Self::From { first: number(first)?, last: Some(number(last)?) };
                (compare(first, last) != Ordering::Greater).then_some(range)
            }
        }
    }

    /// Returns the part of a file of that length.
    fn part(self, length: u64) -> Part {
        match self {
            Self::From { first, .. } if first >= length => Part::Unsatisfiable,
            Self::From { first, last } => Part::Range(first, last.unwrap_or(u64::MAX).min(length - 1)),
            Self::Last(0) => Part::Unsatisfiable,
            // An empty file has no bytes that Content-Range could name.
            Self::Last(_) if length == 0 => Part::WholeOfRanges,
            Self::Last(count) => Part::Range(length.saturating_sub(count), length - 1),
        }
    }
}

/// Reads digits alone; what is larger than any file counts as the largest number.
fn number(text: &str) -> Option<u64> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Compares two numbers of any size.
fn compare(one: &str, other: &str) -> Ordering {
    let [one, other] = [one, other].map(|text| text.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETAG: HeaderValue = HeaderValue::from_static("\"a,b\"");

    fn with(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn asked(range: &str, length: u64) -> Part {
        part(&with(&[(RANGE, range)]), false, &ETAG, length)
    }

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        let huge = "99999999999999999999999";
        for (range, expected) in [
            ("bytes=0-9", Part::Range(0, 9)),
            ("Bytes=0-9", Part::Range(0, 9)),
            ("bytes= ,\t0-9 ,", Part::Range(0, 9)),
            ("bytes=90-", Part::Range(90, 99)),
            ("bytes=-10", Part::Range(90, 99)),
            ("bytes=-1000", Part::Range(0, 99)),
            ("bytes=50-1000", Part::Range(50, 99)),
            ("bytes=0000-0009", Part::Range(0, 9)),
            (&format!("bytes=5-{huge}"), Part::Range(5, 99)),
            (&format!("bytes=-{huge}"), Part::Range(0, 99)),
            (&format!("bytes={huge}-"), Part::Unsatisfiable),
            (&format!("bytes={huge}-{huge}"), Part::Unsatisfiable),
            ("bytes=100-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
        ] {
            assert_eq!(asked(range, 100), expected, "{range}");
        }
        let beyond = format!("bytes={huge}-{}", &huge[1..]);
        let others = ["9-0", "a-b", "0-1,3-4", "-", "1-x", "+0-3", "0-+3", "0 - 3", "--1", "", "0"];
        let others = others.map(|set| format!("bytes={set}"));
        for ignored in others.iter().map(String::as_str).chain(["lines=0-1", "bytes 0-1", "bytes =0-1", &beyond]) {
            assert_eq!(asked(ignored, 100), Part::WholeOfRanges, "{ignored}");
        }
    }

    #[test]
    fn an_empty_file_has_no_range() {
        assert_eq!(asked("bytes=0-", 0), Part::Unsatisfiable);
        assert_eq!(asked("bytes=-5", 0), Part::WholeOfRanges);
        assert_eq!(asked("bytes=-0", 0), Part::Unsatisfiable);
    }

    #[test]
    fn several_lines_and_head_have_no_range() {
        let twice = with(&[(RANGE, "bytes=0-1"), (RANGE, "bytes=0-1")]);
        assert_eq!(part(&twice, false, &ETAG, 9), Part::WholeOfRanges);
        assert_eq!(part(&with(&[(RANGE, "bytes=0-1")]), true, &ETAG, 9), Part::WholeOfRanges);
        assert_eq!(part(&with(&[(RANGE, "bytes=9-")]), true, &ETAG, 9), Part::WholeOfRanges);
    }

    #[test]
    fn only_the_strong_tag_of_the_version_lets_if_range_pass() {
        let asked = |lines: &[&str], range| {
            let mut headers = with(&[(RANGE, range)]);
            for line in lines {
                headers.append(IF_RANGE, HeaderValue::from_str(line).unwrap());
            }
            part(&headers, false, &ETAG, 9)
        };
        assert_eq!(asked(&["\"a,b\""], "bytes=0-1"), Part::Range(0, 1));
        assert_eq!(asked(&["\"a,b\""], "bytes=9-"), Part::Unsatisfiable);
        for lines in
            [&["W/\"a,b\""][..], &["\"other\""], &["Mon, 08 Jun 2026 10:00:00 GMT"], &[""], &["\"a,b\"", "\"a,b\""]]
        {
            assert_eq!(asked(lines, "bytes=0-1"), Part::WholeOfRanges, "{lines:?}");
            assert_eq!(asked(lines, "bytes=9-"), Part::WholeOfRanges, "{lines:?}");
        }
    }

    #[test]
    fn if_none_match_comes_before_the_range() {
        let asked = |lines: &[&str], is_head| {
            let mut headers = with(&[(RANGE, "bytes=0-1")]);
            for line in lines {
                headers.append(IF_NONE_MATCH, HeaderValue::from_str(line).unwrap());
            }
            part(&headers, is_head, &ETAG, 9)
        };
        for lines in [&["\"a,b\""][..], &["W/\"a,b\""], &["\"x\", \"a,b\""], &["\"x\"", "\"a,b\""], &[" * "]] {
            assert_eq!(asked(lines, false), Part::NotModified, "{lines:?}");
            assert_eq!(asked(lines, true), Part::NotModified, "{lines:?}");
        }
        for lines in [&["\"x\""][..], &["a,b"], &["\"a\", \"b\""], &[""]] {
            assert_eq!(asked(lines, false), Part::Range(0, 1), "{lines:?}");
        }
    }
}
