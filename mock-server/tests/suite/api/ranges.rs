//! Ranges and preconditions of a file, where policy `ranges` honours them (RFC 9110 sections 13 and 14).

use crate::api::wire::{follow, link, send, starter};

/// The part of an answer that preconditions and ranges decide.
async fn asked(fake: &crewpass_mock::MockServer, method: &str, path: &str, lines: &[&str]) -> String {
    let answer = send(fake, method, path, lines).await;
    let range = answer.header("content-range").unwrap_or_default();
    format!("{} {} {range}", answer.status(), answer.body.len()).trim_end().to_owned()
}

#[tokio::test]
async fn a_range_is_for_the_version_that_if_range_names() {
    let fake = starter(&["ranges=honoured"]).await;
    let path = link(&fake, "doc_1").await;
    let whole = follow(&fake, &path).await;
    let (length, etag) = (whole.body.len(), whole.header("etag").unwrap().to_owned());
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10, "{etag}");
    let part = format!("206 4 bytes 0-3/{length}");
    let all = format!("200 {length}");
    let range = "Range: bytes=0-3";
    assert_eq!(asked(&fake, "GET", &path, &[range]).await, part);
    assert_eq!(asked(&fake, "GET", &path, &[range, &format!("If-Range: {etag}")]).await, part);
    for other in [&format!("W/{etag}"), "\"other\"", "Mon, 08 Jun 2026 10:00:00 GMT"] {
        assert_eq!(asked(&fake, "GET", &path, &[range, &format!("If-Range: {other}")]).await, all, "{other}");
    }
    assert_eq!(asked(&fake, "GET", &path, &[range, range]).await, all);
    assert_eq!(asked(&fake, "GET", &path, &["Range: bytes=+0-3"]).await, all);
    assert_eq!(asked(&fake, "GET", &path, &["Range: bytes=0-99999999999999999999999"]).await, {
        format!("206 {length} bytes 0-{}/{length}", length - 1)
    });
    let beyond = asked(&fake, "GET", &path, &["Range: bytes=99999999999999999999999-"]).await;
    assert_eq!(beyond, format!("416 0 bytes */{length}"));
}

#[tokio::test]
async fn head_ignores_a_range() {
    let fake = starter(&["ranges=honoured"]).await;
    let path = link(&fake, "doc_1").await;
    let whole = follow(&fake, &path).await;
    for range in ["bytes=0-3", "bytes=99999999-"] {
        let head = send(&fake, "HEAD", &path, &[&format!("Range: {range}")]).await;
        assert_eq!((head.status(), head.header("content-range")), (200, None));
        assert_eq!(head.header("content-length").unwrap(), whole.body.len().to_string());
        assert_eq!(head.header("etag"), whole.header("etag"));
    }
}

#[tokio::test]
async fn a_version_that_the_caller_has_is_304_and_uses_no_link_up() {
    let fake = starter(&["ranges=honoured", "link_use=once"]).await;
    let path = link(&fake, "doc_1").await;
    let etag = send(&fake, "HEAD", &path, &[]).await.header("etag").unwrap().to_owned();
    for line in [format!("If-None-Match: {etag}"), format!("If-None-Match: \"x\", W/{etag}"), "If-None-Match: *".into()]
    {
        for method in ["GET", "HEAD"] {
            let answer = send(&fake, method, &path, &[&line, "Range: bytes=0-3"]).await;
            assert_eq!((answer.status(), answer.header("etag")), (304, Some(&*etag)), "{method} {line}");
            assert_eq!((answer.header("content-type"), answer.header("content-length")), (None, None));
        }
    }
    assert_eq!(send(&fake, "GET", &path, &["If-None-Match: \"other\""]).await.status(), 200);
    assert_eq!(follow(&fake, &path).await.status(), 404, "it is spent now");
}

#[tokio::test]
async fn another_version_than_the_caller_wants_is_412_and_uses_no_link_up() {
    let fake = starter(&["ranges=honoured", "link_use=once"]).await;
    let path = link(&fake, "doc_1").await;
    let etag = send(&fake, "HEAD", &path, &[]).await.header("etag").unwrap().to_owned();
    for line in ["If-Match: \"other\"".to_owned(), format!("If-Match: W/{etag}"), "If-Match:".to_owned()] {
        for method in ["GET", "HEAD"] {
            // The condition comes before all others (RFC 9110 section 13.2.2).
            let answer = send(&fake, method, &path, &[&line, "If-None-Match: *", "Range: bytes=0-3"]).await;
            assert_eq!((answer.status(), answer.header("etag")), (412, Some(&*etag)), "{method} {line}");
            assert!(answer.body.is_empty() && answer.header("content-type").is_none(), "{method} {line}");
        }
    }
    for line in ["If-Match: *".to_owned(), format!("If-Match: \"other\", {etag}")] {
        assert_eq!(send(&fake, "HEAD", &path, &[&line]).await.status(), 200, "{line}");
    }
    // Files have no date of change, so a condition on it is ignored (RFC 9110 section 13.1.4).
    let date = "If-Unmodified-Since: Mon, 08 Jun 1970 10:00:00 GMT";
    assert_eq!(send(&fake, "GET", &path, &[date, &format!("If-Match: {etag}")]).await.status(), 200);
    assert_eq!(follow(&fake, &path).await.status(), 404, "it is spent now");
}

#[tokio::test]
async fn each_version_has_its_tag() {
    let fake = starter(&["ranges=honoured"]).await;
    let tag = async |document: &str| {
        let path = link(&fake, document).await;
        follow(&fake, &path).await.header("etag").unwrap().to_owned()
    };
    let (one, two) = (tag("doc_1").await, tag("doc_2").await);
    assert_ne!(one, two);
    assert_eq!(tag("doc_1").await, one);
    let session = fake.session();
    let first = session.reupload("crew_001", "doc_1", b"one".to_vec()).unwrap();
    let of_first = tag(&first).await;
    session.reset(jiff::Timestamp::UNIX_EPOCH);
    let second = session.reupload("crew_001", "doc_1", b"two".to_vec()).unwrap();
    assert_eq!(first, second, "ids begin again");
    assert_ne!(tag(&second).await, of_first);
}

#[tokio::test]
async fn where_ranges_are_ignored_there_is_no_tag() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    let answer = send(&fake, "GET", &path, &["Range: bytes=0-3", "If-None-Match: *", "If-Match: \"other\""]).await;
    assert_eq!((answer.status(), answer.header("etag"), answer.header("accept-ranges")), (200, None, None));
}
