//! What is done to an answer: its JSON, its link, its type, its coding.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::faults::wire::{Fake, LINK, LIST};

#[tokio::test]
async fn fields_are_set_and_removed() {
    let rule = r#"{"match": {"step": "list"}, "then": {"json": {
        "set": {"/items/0/new": {"a": [1]}, "/items/1/title": null, "/items/2/document_id": 7},
        "remove": ["/crew_unique_id", "/items/3/type"]}}}"#;
    let fake = Fake::with(&[rule]).await;
    let seen = fake.get(LIST).await;
    let list = seen.json();
    assert_eq!(seen.length(), seen.body.len());
    assert_eq!(list["items"][0]["new"], json!({"a": [1]}));
    assert_eq!((&list["items"][1]["title"], &list["items"][2]["document_id"]), (&Value::Null, &json!(7)));
    assert!(list.get("crew_unique_id").is_none() && list["items"][3].get("type").is_none());
    assert_eq!(list["items"][4].as_object().unwrap().len(), 9, "what is not named stays");
}

#[tokio::test]
async fn a_status_without_a_body_has_none() {
    for (status, length) in [(204, None), (205, Some("0")), (304, None)] {
        let fake = Fake::with(&[&format!("{{then: {{status: {status}}}}}")]).await;
        let seen = fake.get(LIST).await;
        assert_eq!((seen.status(), seen.body.len()), (status, 0));
        assert_eq!((seen.header("content-length"), seen.header("content-type")), (length, None), "{status}");
    }
}

#[tokio::test]
async fn a_link_leads_elsewhere() {
    for (to, expected) in [
        ("'https://storage.invalid/bucket/{token}?signed=1'", "https://storage.invalid/bucket/eyJ"),
        ("'{base}/elsewhere{path}'", "http://fake.test/elsewhere/api/v2/files/eyJ"),
        ("'{url}?x=y'", "http://fake.test/api/v2/files/eyJ"),
        ("'file:///etc/passwd'", "file:///etc/passwd"),
        ("'/relative'", "/relative"),
    ] {
        let fake = Fake::with(&[&format!("{{then: {{link: {to}}}}}")]).await;
        let answer = fake.get(LINK).await.json();
        let url = answer["download_url"].as_str().unwrap();
        assert!(url.starts_with(expected) && !url.contains('{'), "{url}");
        assert_eq!(answer["document_id"], "doc_1");
        fake.get(LIST).await.json();
        assert_eq!(fake.counts(), [(1, 1)], "a list has no link");
    }
    let fake = Fake::with(&["{then: {link: null}}"]).await;
    assert_eq!(fake.get(LINK).await.json()["download_url"], Value::Null);
}

#[tokio::test]
async fn json_that_is_none_and_json_cut_short_are_whole_messages() {
    let whole = Fake::with(&[]).await.get(LIST).await.body;
    let malformed = Fake::with(&["{then: {malformed: true}}"]).await.get(LIST).await;
    let short = Fake::with(&["{then: {truncated: 50}}"]).await.get(LIST).await;
    let nearly = Fake::with(&["{then: {truncated: 1000000}}"]).await.get(LIST).await;
    for seen in [&malformed, &short, &nearly] {
        assert!(serde_json::from_slice::<Value>(&seen.body).is_err(), "{}", seen.text());
        assert_eq!((seen.status(), seen.length()), (200, seen.body.len()));
        assert_eq!(seen.header("content-type"), Some("application/json"));
    }
    assert_eq!(short.body, whole[..50]);
    assert_eq!(nearly.body, whole[..whole.len() - 1]);
}

#[tokio::test]
async fn a_file_can_be_short_without_a_sign() {
    for headers in ["default", "chunked"] {
        let fake = Fake::built(&["{match: {step: file}, then: {truncated: 30}}"], |builder| {
            if headers == "chunked" { builder.policy("file_headers", headers).unwrap() } else { builder }
        });
        let fake = fake.await;
        let seen = fake.get(&fake.link().await).await;
        assert_eq!((seen.length(), seen.body.len()), (30, 30));
        assert!(seen.body.starts_with(b"%PDF"));
    }
}

#[tokio::test]
async fn a_type_can_be_wrong() {
    let fake = Fake::with(&["{then: {content_type: text/html}}"]).await;
    let link = fake.link().await;
    for target in [LIST, LINK, &link] {
        assert_eq!(fake.get(target).await.header("content-type"), Some("text/html"));
    }
}

#[tokio::test]
async fn gzip_is_honoured_or_sent_in_any_case() {
    let unpacked = |bytes: &[u8]| {
        let mut text = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut text).unwrap();
        text
    };
    let whole = Fake::with(&[]).await.get(LIST).await.body;
    let fake = Fake::with(&["{then: {gzip: honoured}}"]).await;
    for refused in ["", "Accept-Encoding: br\r\n", "Accept-Encoding: gzip;q=0\r\n"] {
        let seen = fake.ask("GET", LIST, refused).await;
        assert_eq!((seen.header("content-encoding"), &seen.body), (None, &whole), "{refused}");
    }
    assert_eq!(fake.counts(), [(0, 0)]);
    let always = Fake::with(&["{then: {gzip: always}}"]).await;
    for (fake, lines) in [(&fake, "Accept-Encoding: br, gzip;q=0.5\r\n"), (&always, "")] {
        let seen = fake.ask("GET", LIST, lines).await;
        assert_eq!((seen.header("content-encoding"), seen.length()), (Some("gzip"), seen.body.len()));
        assert_eq!(unpacked(&seen.body), whole);
    }
    let seen = always.get(&always.link_packed(&unpacked).await).await;
    assert!(unpacked(&seen.body).starts_with(b"%PDF"));
}

#[tokio::test]
async fn a_body_in_chunks_has_no_length_and_is_the_same() {
    let plain = Fake::with(&[]).await;
    let fake = Fake::with(&["{then: {chunked: true}}"]).await;
    let whole = plain.get(LIST).await;
    let seen = fake.get(LIST).await;
    assert_eq!((seen.header("transfer-encoding"), seen.header("content-length")), (Some("chunked"), None));
    let chunks = [format!("{:X}\r\n", whole.body.len()).as_bytes(), &whole.body, b"\r\n0\r\n\r\n"].concat();
    assert_eq!(String::from_utf8(seen.body.clone()).unwrap(), String::from_utf8(chunks).unwrap());
    assert_eq!(fake.ask("HEAD", LIST, "").await.header("content-length"), whole.header("content-length"));
}

impl Fake {
    /// The path of a link whose answer is compressed.
    async fn link_packed(&self, unpacked: &impl Fn(&[u8]) -> Vec<u8>) -> String {
        let answer: Value = serde_json::from_slice(&unpacked(&self.get(LINK).await.body)).unwrap();
        let url = answer["download_url"].as_str().unwrap().to_owned();
        url[url.find("/api/").unwrap()..].to_owned()
    }
}

#[tokio::test]
async fn several_changes_fire_together_content_before_coding_before_transport() {
    let rules = ["{then: {gzip: always}}", "{then: {content_type: text/x}}", r#"{then: {json: {set: {"/x": 1}}}}"#];
    let fake = Fake::with(&rules).await;
    let seen = fake.get(LIST).await;
    let mut text = String::new();
    GzDecoder::new(&*seen.body).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["x"], 1);
    assert_eq!(seen.header("content-type"), Some("text/x"));
    assert_eq!(fake.counts(), [(1, 1); 3]);
}

#[tokio::test]
async fn a_link_is_dead_as_soon_as_it_is_given() {
    let fake = Fake::with(&["{then: {expire: true}, when: {times: 1}}"]).await;
    fake.get(LIST).await;
    let (dead, alive) = (fake.get(LINK).await.json(), fake.get(LINK).await.json());
    assert_eq!(dead["expires_at"], alive["expires_at"], "the answer shows nothing");
    let path = |answer: &Value| {
        let url = answer["download_url"].as_str().unwrap();
        url[url.find("/api/").unwrap()..].to_owned()
    };
    assert_eq!(fake.get(&path(&dead)).await.status(), 404);
    assert_eq!(fake.get(&path(&alive)).await.status(), 200);
    assert_eq!(fake.counts(), [(2, 1)]);
}
