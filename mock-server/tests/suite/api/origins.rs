//! Where links point: to the origin that the caller used, unless the fake is told otherwise.

use crewpass_mock::MockServer;
use crewpass_mock::request::Origins;

use crate::api::wire::{Connection, bearer, builder, link_path};

const FORWARDED: [&str; 2] = ["X-Forwarded-Proto: https", "X-Forwarded-Host: outside.test, inside.test"];

async fn fake_with(public_url: Option<&str>, trust_forwarded: bool) -> MockServer {
    let origins = Origins { public_url: public_url.map(Box::from), trust_forwarded };
    builder(&[]).origins(origins).start().await.unwrap()
}

/// The origin of a link that is asked for with this version of HTTP and these headers.
async fn origin(fake: &MockServer, version: &str, headers: &[&str]) -> String {
    let path = link_path("doc_1");
    let headers: String = headers.iter().flat_map(|line| [line, "\r\n"]).collect();
    let request = format!("GET {path} {version}\r\n{headers}{}\r\n\r\n", bearer(fake, "full"));
    let answer = Connection::open(fake.address()).await.send(&request).await;
    let url = answer.json()["download_url"].as_str().unwrap_or_default().to_owned();
    url.split_once("/api/v2/files/eyJ").map_or(answer.head, |(origin, _)| origin.to_owned())
}

#[tokio::test]
async fn links_are_on_the_host_of_the_request() {
    let fake = fake_with(None, false).await;
    for host in ["fake.test", "fake.test:8080", "127.0.0.1:1", "[::1]:8080"] {
        assert_eq!(origin(&fake, "HTTP/1.1", &[&format!("Host: {host}")]).await, format!("http://{host}"));
    }
}

#[tokio::test]
async fn without_a_host_links_are_on_the_bound_address() {
    let fake = fake_with(None, false).await;
    assert_eq!(origin(&fake, "HTTP/1.0", &[]).await, fake.base());
}

#[tokio::test]
async fn a_host_that_would_move_the_link_is_not_used() {
    let fake = fake_with(None, false).await;
    for host in ["evil@fake.test", "user:pass@evil.test", "@"] {
        let origin = origin(&fake, "HTTP/1.1", &[&format!("Host: {host}")]).await;
        assert!(origin == fake.base() || origin.starts_with("HTTP/1.1 400"), "{host}: {origin}");
    }
}

#[tokio::test]
async fn forwarded_headers_count_only_where_they_are_trusted() {
    let headers = ["Host: fake.test", FORWARDED[0], FORWARDED[1]];
    assert_eq!(origin(&fake_with(None, false).await, "HTTP/1.1", &headers).await, "http://fake.test");
    let trusting = fake_with(None, true).await;
    assert_eq!(origin(&trusting, "HTTP/1.1", &headers).await, "https://outside.test");
    assert_eq!(origin(&trusting, "HTTP/1.1", &headers[..2]).await, "https://fake.test");
    assert_eq!(origin(&trusting, "HTTP/1.1", &headers[..1]).await, "http://fake.test");
    let moved = ["Host: fake.test", "X-Forwarded-Host: a@evil.test"];
    let origin = origin(&trusting, "HTTP/1.1", &moved).await;
    assert!(!origin.contains("evil"), "{origin}");
}

#[tokio::test]
async fn the_public_url_is_always_used_where_it_is_set() {
    for trust_forwarded in [false, true] {
        let fake = fake_with(Some("https://public.test/base"), trust_forwarded).await;
        let headers = ["Host: fake.test", FORWARDED[0], FORWARDED[1]];
        assert_eq!(origin(&fake, "HTTP/1.1", &headers).await, "https://public.test/base");
        assert_eq!(origin(&fake, "HTTP/1.0", &[]).await, "https://public.test/base");
    }
}
