//! The headers and bytes of a file: type, name, length, and the parts of it.

use bytes::Bytes;
use crewpass_mock::MockServer;
use crewpass_mock::http::SendfileCache;
use crewpass_mock::session::{Upload, UploadMetadata};
use crewpass_mock::world::Content;

use crate::api::wire::{Answer, START, builder, follow, link, origins, send, starter};
use crewpass_mock::world::World;

/// A fake whose `crew_001` has one document, `doc_1`, with that file; written as JSON.
pub(crate) async fn with_file(file: &str, settings: &[&str]) -> MockServer {
    let text = format!(
        r#"{{"partners": [{{"id": "p", "granted_scopes": ["crew:documents:read", "crew:documents:download"],
             "keys": [{{"name": "full"}}]}}],
            "vessels": [{{"id": "v", "name": "V", "partners": ["p"]}}],
            "crew": [{{"id": "crew_001", "vessels": ["v"],
              "consent": {{"p": ["crew:documents:read", "crew:documents:download"]}},
              "documents": [{{"id": "doc_1", "type": "STCW", "title": "Basic safety",
                              "verification_status": "verified", "file": {file}}}]}}]}}"#
    );
    let builder = MockServer::builder().world(World::parse(&text, "world.json", None).unwrap());
    let builder = builder.frozen_at(START.parse().unwrap()).origins(origins());
    let builder = settings.iter().fold(builder, |builder, setting| builder.policy_from(setting).unwrap());
    builder.start().await.unwrap()
}

/// Puts a file of these bytes in the place of a document of `crew_001`; gives its id.
pub(crate) fn upload(fake: &MockServer, supersedes: &str, bytes: impl Into<Bytes>) -> String {
    let note = UploadMetadata { supersedes: Some(supersedes.to_owned()), ..UploadMetadata::default() };
    // Where the kernel sends large files by itself, nobody may see a difference.
    let content = Content::Memory(SendfileCache::default().insert(bytes.into()));
    let upload = Upload { content };
    fake.session().lock().upload("crew_001", &note, upload, START.parse().unwrap()).unwrap()
}

async fn file_of(file: &str, settings: &[&str]) -> Answer {
    let fake = with_file(file, settings).await;
    let path = link(&fake, "doc_1").await;
    follow(&fake, &path).await
}

#[tokio::test]
async fn a_file_of_unknown_type_and_name() {
    let answer = file_of(r#"{"generate": "bytes"}"#, &[]).await;
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.header("content-disposition"), Some("attachment"));
}

#[tokio::test]
async fn a_name_that_is_not_ascii_is_sent_twice() {
    let answer = file_of(r#"{"generate": "pdf", "name": "Zertifikat für Léa.pdf"}"#, &[]).await;
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"Zertifikat f_r L_a.pdf\"; filename*=UTF-8''Zertifikat%20f%C3%BCr%20L%C3%A9a.pdf")
    );
}

#[tokio::test]
async fn a_name_can_not_add_a_header() {
    let answer = file_of(r#"{"generate": "pdf", "name": "a\"\r\nX-Evil: 1\\.pdf"}"#, &[]).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("x-evil"), None);
}

#[tokio::test]
async fn the_policy_chooses_the_headers() {
    for (value, length, chunked, disposition) in
        [("full", true, false, true), ("chunked", false, true, true), ("no_disposition", true, false, false)]
    {
        let answer = file_of(r#"{"generate": "bytes", "size": 3000000}"#, &[&format!("file_headers={value}")]).await;
        assert_eq!(answer.header("content-length").is_some(), length, "{value}");
        assert_eq!(answer.header("transfer-encoding") == Some("chunked"), chunked, "{value}");
        assert_eq!(answer.header("content-disposition").is_some(), disposition, "{value}");
        assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{value}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{value}");
        let whole = file_of(r#"{"generate": "bytes", "size": 3000000}"#, &[]).await;
        assert!(answer.body == whole.body, "{value}");
    }
}

#[tokio::test]
async fn a_head_says_what_the_get_would() {
    for value in ["full", "chunked", "no_disposition"] {
        let fake = builder(&[&format!("file_headers={value}")]).start().await.unwrap();
        let path = link(&fake, "doc_1").await;
        let (head, get) = (send(&fake, "HEAD", &path, &[]).await, follow(&fake, &path).await);
        for name in ["content-type", "content-length", "content-disposition", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{value} {name}");
        }
    }
}

#[tokio::test]
async fn ranges_are_ignored_unless_the_policy_honours_them() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    let whole = follow(&fake, &path).await;
    let asked = send(&fake, "GET", &path, &["Range: bytes=0-9"]).await;
    assert_eq!((asked.status(), asked.header("accept-ranges")), (200, None));
    assert_eq!(asked.body, whole.body);

    let fake = starter(&["ranges=honoured"]).await;
    let path = link(&fake, "doc_1").await;
    for (range, status, content_range, bytes) in [
        ("bytes=0-9", 206, Some("bytes 0-9/2069"), &whole.body[..10]),
        ("bytes=2060-", 206, Some("bytes 2060-2068/2069"), &whole.body[2060..]),
        ("bytes=-9", 206, Some("bytes 2060-2068/2069"), &whole.body[2060..]),
        ("bytes=2069-", 416, Some("bytes */2069"), &[][..]),
        ("bytes=0-1,3-4", 200, None, &whole.body[..]),
    ] {
        let part = send(&fake, "GET", &path, &[&format!("Range: {range}")]).await;
        assert_eq!((part.status(), part.header("content-range")), (status, content_range), "{range}");
        assert_eq!(part.header("accept-ranges"), Some("bytes"), "{range}");
        assert_eq!(part.body, bytes, "{range}");
    }
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    for headers in ["full", "chunked"] {
        let fake = starter(&[&format!("file_headers={headers}")]).await;
        let id = upload(&fake, "doc_1", "");
        let path = link(&fake, &id).await;
        let answer = follow(&fake, &path).await;
        assert_eq!((answer.status(), answer.body.len()), (200, 0), "{headers}");
    }
}
