//! A file that is answered with another body, other headers, another range or another version.

use crate::faults::wire::{Fake, LINK, LIST};

/// A fake that honours ranges.
async fn fake(rules: &[&str]) -> Fake {
    Fake::built(rules, |builder| builder.policy("ranges", "honoured").unwrap()).await
}

#[tokio::test]
async fn a_body_is_replaced_and_all_headers_but_the_length_stay() {
    let whole = Fake::with(&[]).await;
    let whole = whole.get(&whole.link().await).await;
    for (body, expected) in
        [("empty", Vec::new()), ("{text: hi}", b"hi".to_vec()), ("{base64: H4s=}", vec![0x1f, 0x8b])]
    {
        let fake = Fake::with(&[&format!("{{match: {{step: file}}, then: {{body: {body}}}}}")]).await;
        let seen = fake.get(&fake.link().await).await;
        assert_eq!((&seen.body, seen.length()), (&expected, expected.len()), "{body}");
        for name in ["content-type", "content-disposition", "cache-control", "x-content-type-options"] {
            assert!(seen.header(name).is_some(), "{body}: {name}");
            assert_eq!(seen.header(name), whole.header(name), "{body}");
        }
    }
    let fake = Fake::with(&["{then: {body: html}}"]).await;
    assert!(fake.get(LIST).await.text().contains("Sign in"));
    assert_eq!(fake.get(LINK).await.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn headers_are_set_and_removed() {
    let rule = "{then: {headers: {set: {X-Made: up, Content-Type: a/b}, remove: [Content-Disposition, ETag]}}}";
    let fake = fake(&[rule]).await;
    let seen = fake.get(&fake.link().await).await;
    assert_eq!((seen.header("x-made"), seen.header("content-type")), (Some("up"), Some("a/b")));
    assert_eq!((seen.header("content-disposition"), seen.header("etag")), (None, None));
    assert!(seen.body.starts_with(b"%PDF") && seen.header("accept-ranges").is_some());
}

#[tokio::test]
async fn a_range_is_another_one_of_the_same_length() {
    let fake = fake(&["{then: {range: {earlier: 40}}}"]).await;
    let link = fake.link().await;
    let whole = fake.get(&link).await.body;
    assert_eq!(fake.counts(), [(0, 0)], "a whole file has no range");
    let length = whole.len();
    let seen = fake.ask("GET", &link, "Range: bytes=100-\r\n").await;
    assert_eq!((seen.status(), seen.length()), (206, length - 100));
    assert_eq!(seen.body, whole[60..length - 40]);
    let range = format!("bytes 60-{}/{length}", length - 41);
    assert_eq!(seen.header("content-range"), Some(range.as_str()));
    // The beginning of a file is no later part of it.
    assert_eq!(fake.ask("GET", &link, "Range: bytes=0-9\r\n").await.body, whole[..10]);
    assert_eq!(fake.counts(), [(1, 1)]);
}

#[tokio::test]
async fn another_version_has_other_bytes_and_another_tag() {
    let fake = fake(&["{match: {step: file}, when: {times: 1}, then: {other_version: true}}"]).await;
    let link = fake.link().await;
    let (other, whole) = (fake.get(&link).await, fake.get(&link).await);
    assert_eq!((other.length(), &other.body[..16]), (whole.length(), &whole.body[..16]));
    assert!(other.body[16..].iter().zip(&whole.body[16..]).all(|(one, other)| one != other));
    let tag = other.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.ends_with('"') && Some(tag) != whole.header("etag"), "{tag}");
    let rest = |tag: &str| format!("Range: bytes=20-\r\nIf-Range: {tag}\r\n");
    assert_eq!(fake.ask("GET", &link, &rest(tag)).await.status(), 200);
    assert_eq!(fake.ask("GET", &link, &rest(whole.header("etag").unwrap())).await.status(), 206);
}
