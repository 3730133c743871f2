//! Where links point: to the origin that the caller used, unless the fake is told otherwise.

use std::net::SocketAddr;

use crewpass_mock::{MockServer, Origins};

use crate::api::wire::{Connection, LIST, bearer, builder, link_path, origins, starter};

const FORWARDED: [&str; 2] = ["X-Forwarded-Proto: https", "X-Forwarded-Host: outside.test, inside.test"];

async fn fake_with(public_url: Option<&str>, trust_forwarded: bool) -> MockServer {
    let origins = Origins { public_url: public_url.map(Box::from), trust_forwarded, ..origins() };
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
    for host in ["fake.test", "fake.test:8080", "127.0.0.1:1", "[::1]:8080", "localhost:1", "a.localhost"] {
        assert_eq!(origin(&fake, "HTTP/1.1", &[&format!("Host: {host}")]).await, format!("http://{host}"));
    }
}

#[tokio::test]
async fn on_loopback_a_host_that_was_not_announced_falls_back_to_the_bound_address() {
    let fake = fake_with(None, false).await;
    for host in ["other.test", "fake.test.evil.test", "10.0.0.1", "[2001:db8::1]:80"] {
        assert_eq!(origin(&fake, "HTTP/1.1", &[&format!("Host: {host}")]).await, fake.base(), "{host}");
    }
}

#[tokio::test]
async fn bound_elsewhere_every_valid_host_is_used() {
    let any: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let fake = builder(&[]).bind(any).start().await.unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], fake.address().port()));
    let request = |host: &str| {
        format!("GET {} HTTP/1.1\r\nHost: {host}\r\n{}\r\n\r\n", link_path("doc_1"), bearer(&fake, "full"))
    };
    for host in ["fake:8787", "other.test", "10.0.0.1"] {
        let answer = Connection::open(address).await.send(&request(host)).await;
        let url = answer.json()["download_url"].as_str().unwrap().to_owned();
        assert!(url.starts_with(&format!("http://{host}/api")), "{url}");
    }
}

#[tokio::test]
async fn a_host_that_is_missing_repeated_or_invalid_is_400() {
    let fake = starter(&["key_on_file=refused"]).await;
    fake.session().replace_faults(vec!["{then: {status: 503}}".parse().unwrap()]).unwrap();
    let key = bearer(&fake, "full");
    for hosts in [
        &[][..],
        &["Host: fake.test", "Host: fake.test"],
        &["Host:"],
        &["Host: a b"],
        &["Host: a@fake.test"],
        &["Host: fake.test:port"],
        &["Host: fake.test:65536"],
        &["Host: ::1"],
        &["Host: fake.test/x"],
        &["Host: fake.test, other.test"],
        &["Host: caf\u{e9}.test"],
    ] {
        for path in [LIST, "/nowhere", "/__mock/health", "/openapi.json"] {
            let lines: String = hosts.iter().flat_map(|line| [line, "\r\n"]).collect();
            let request = format!("GET {path} HTTP/1.1\r\n{lines}{key}\r\n\r\n");
            let answer = Connection::open(fake.address()).await.send(&request).await;
            assert_eq!(answer.outcome(), "400 bad_request", "{hosts:?} {path}");
            assert!(answer.header("x-request-id").is_some());
        }
    }
    let journal = fake.journal();
    assert!(journal.exchanges().all(|exchange| exchange.clause.id == "well-formed" && exchange.faults.is_empty()));
    assert!(journal.exchanges().next().is_some());
}

#[tokio::test]
async fn the_target_of_a_request_names_its_host() {
    let fake = fake_with(None, false).await;
    let asked = async |target: &str, lines: &str| {
        let path = link_path("doc_1");
        let request = format!("GET {target}{path} HTTP/1.1\r\n{lines}{}\r\n\r\n", bearer(&fake, "full"));
        let answer = Connection::open(fake.address()).await.send(&request).await;
        let url = answer.json()["download_url"].as_str().unwrap_or_default().to_owned();
        url.split_once("/api/v2/files/eyJ").map_or(answer.outcome(), |(origin, _)| origin.to_owned())
    };
    assert_eq!(asked("http://fake.test:1", "Host: localhost\r\n").await, "http://fake.test:1");
    assert_eq!(asked("http://fake.test:1", "").await, "400 bad_request");
    assert_eq!(asked("http://a@fake.test", "Host: fake.test\r\n").await, "400 bad_request");
    assert_eq!(asked("http://fake.test", "Host: a b\r\n").await, "400 bad_request");
}

#[tokio::test]
async fn a_host_is_checked_again_on_a_connection_that_has_shown_it() {
    let fake = starter(&[]).await;
    let key = bearer(&fake, "full");
    let request = |hosts: &str| format!("GET {LIST} HTTP/1.1\r\n{hosts}{key}\r\n\r\n");
    let mut connection = Connection::open(fake.address()).await;
    for (hosts, status) in [
        ("Host: fake.test\r\n", "HTTP/1.1 200"),
        ("Host: fake.test\r\n", "HTTP/1.1 200"),
        ("Host: fake.test\r\nHost: fake.test\r\n", "HTTP/1.1 400"),
        ("Host: a b\r\n", "HTTP/1.1 400"),
        ("", "HTTP/1.1 400"),
        ("Host: other.test\r\n", "HTTP/1.1 200"),
    ] {
        let answer = connection.send(&request(hosts)).await;
        assert!(answer.head.starts_with(status), "{hosts:?}: {}", answer.head);
    }
}

#[tokio::test]
async fn an_old_client_needs_no_host_but_may_not_have_two() {
    let fake = fake_with(None, false).await;
    assert_eq!(origin(&fake, "HTTP/1.0", &["Host: localhost"]).await, "http://localhost");
    for lines in [&["Host: localhost", "Host: localhost"][..], &["Host: a b"]] {
        assert!(origin(&fake, "HTTP/1.0", lines).await.contains(" 400 "), "{lines:?}");
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
