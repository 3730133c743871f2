//! What stands in front of the checks: statuses with every body, redirects, waits.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::faults::wire::{Fake, LINK, LIST, Seen};

async fn faulty(then: &str) -> Seen {
    Fake::with(&[&format!("{{then: {then}}}")]).await.get(LIST).await
}

#[tokio::test]
async fn every_kind_of_body() {
    let cases = [
        ("{code: 503}", Some("application/json"), r#""code":"file_store_unavailable""#),
        ("{code: 500, body: envelope}", Some("application/json"), r#""code":"internal_server_error""#),
        ("{code: 503, body: empty}", None, ""),
        ("{code: 502, body: html}", Some("text/html; charset=utf-8"), "<h1>502 Bad Gateway</h1>"),
        ("{code: 503, body: text}", Some("text/plain; charset=utf-8"), "Service Unavailable\n"),
        ("{code: 200, body: json_array}", Some("application/json"), r#"["OK"]"#),
        ("{code: 504, body: problem}", Some("application/problem+json"), r#""title":"Gateway Timeout""#),
        ("{code: 503, body: {text: own}}", Some("text/plain; charset=utf-8"), "own"),
        ("{code: 503, body: {text: '{}', content_type: application/json}}", Some("application/json"), "{}"),
        ("{code: 503, body: {base64: b3du}}", None, "own"),
    ];
    for (status, kind, body) in cases {
        let seen = faulty(&format!("{{status: {status}}}")).await;
        assert_eq!(seen.header("content-type"), kind, "{status}");
        assert!(seen.text().contains(body) && seen.body.is_empty() == body.is_empty(), "{status}: {seen:?}");
        assert!(status.contains(&seen.status().to_string()), "{status}: {seen:?}");
        assert!(seen.header("x-request-id").is_some() && seen.header("date").is_some(), "{status}: {seen:?}");
    }
}

#[tokio::test]
async fn a_status_without_a_body_has_none() {
    for status in [204, 304] {
        let seen = faulty(&format!("{{status: {status}}}")).await;
        assert_eq!((seen.status(), seen.body.len()), (status, 0), "{seen:?}");
    }
}

#[tokio::test]
async fn documented_refusals_can_be_made() {
    let scope = faulty("{status: {error: scope_not_granted, scope: 'crew:documents:read'}}").await;
    let message = "scope 'crew:documents:read' is not granted to this partner";
    let expected = json!({"error": {"code": "scope_not_granted", "message": message, "scope": "crew:documents:read"}});
    assert_eq!((scope.status(), scope.json()), (403, expected));
    let limited = faulty("{status: {code: 429, retry_after_seconds: 0.42}}").await.json();
    let message = "rate limit exceeded";
    let expected = json!({"code": "partner_rate_limited", "message": message, "retry_after_seconds": 0.42});
    assert_eq!(limited["error"], expected);
    let key = faulty("{status: 401}").await;
    assert_eq!(key.json()["error"]["code"], "invalid_api_key");
    assert_eq!(key.header("www-authenticate"), Some("Bearer"));
    let gone = faulty("{status: {code: 410, error: link_expired}}").await;
    assert_eq!(
        (gone.status(), gone.json()["error"]["code"].as_str().unwrap().to_owned()),
        (410, "link_expired".into())
    );
}

#[tokio::test]
async fn retry_after_has_its_forms() {
    assert_eq!(faulty("{status: 503}").await.header("retry-after"), None);
    let seconds = faulty("{status: {code: 503, retry_after: {seconds: 2}}}").await;
    assert_eq!(seconds.header("retry-after"), Some("2"));
    let date = faulty("{status: {code: 503, retry_after: {http_date: 2}}}").await;
    assert_eq!(date.header("retry-after"), Some("Mon, 08 Jun 2026 10:00:02 GMT"));
}

#[tokio::test]
async fn headers_are_put_on() {
    let seen = faulty("{status: {code: 503, headers: {X-Told: yes, Content-Type: application/xml}}}").await;
    assert_eq!((seen.header("x-told"), seen.header("content-type")), (Some("yes"), Some("application/xml")));
}

#[tokio::test]
async fn a_rule_decides_on_the_id_and_the_date_of_a_response() {
    for rule in [
        "{status: {code: 503, headers: {X-Request-Id: mine, Date: soon}}}",
        "{headers: {set: {X-Request-Id: mine, Date: soon}}}",
    ] {
        let seen = faulty(rule).await;
        assert_eq!((seen.header("x-request-id"), seen.header("date")), (Some("mine"), Some("soon")), "{rule}");
    }
}

#[tokio::test]
async fn redirects_have_their_statuses_and_places() {
    for status in [301, 302, 303, 307, 308] {
        let seen = faulty(&format!("{{redirect: {{status: {status}, to: self}}}}")).await;
        assert_eq!((seen.status(), seen.header("location")), (status, Some(&*format!("http://fake.test{LIST}"))));
    }
    let away = faulty("{redirect: {to: 'https://cdn.invalid{path}'}}").await;
    assert_eq!((away.status(), away.header("location")), (302, Some(&*format!("https://cdn.invalid{LIST}"))));
    let fake =
        Fake::with(&["{match: {step: file}, then: {redirect: {to: '{base}/api/v2/files/{token}?again'}}}"]).await;
    let link = fake.link().await;
    assert_eq!(fake.get(&link).await.header("location"), Some(&*format!("http://fake.test{link}?again")));
}

#[tokio::test]
async fn a_loop_never_ends() {
    let fake = Fake::with(&["{then: {redirect: {to: self}}}"]).await;
    let mut target = format!("{LIST}?a=b");
    for _ in 0..20 {
        let seen = fake.get(&target).await;
        let location = seen.header("location").unwrap().replace("http://fake.test", "");
        assert_eq!(location, target);
        target = location;
    }
}

#[tokio::test]
async fn a_chain_is_walked_once_over_other_urls_to_the_answer() {
    let rule = "{match: {step: file}, when: {times: 1}, then: {redirect: {status: 307, to: {chain: 3}}}}";
    let fake = Fake::with(&[rule]).await;
    let link = fake.link().await;
    let mut seen = fake.get(&format!("{link}?keep=1")).await;
    let mut walked = Vec::new();
    while let Some(location) = seen.header("location") {
        assert_eq!(seen.status(), 307);
        let target = location.replace("http://fake.test", "");
        assert!(target.contains("?keep=1&hop=") && !walked.contains(&target), "{target}");
        seen = fake.get(&target).await;
        walked.push(target);
    }
    assert_eq!((walked.len(), seen.status()), (3, 200));
    assert!(seen.body.starts_with(b"%PDF"));
    assert_eq!(fake.counts(), [(1, 1)], "its hops count for nothing");
    assert_eq!(fake.get(&link).await.status(), 200, "and it was to be walked once");
}

#[tokio::test]
async fn a_wait_comes_before_the_answer_and_waits_add_up() {
    let rules = [
        "{when: {times: 1}, then: {latency: 150ms}}",
        "{when: {times: 1}, then: {latency: {from: 100ms, to: 120ms}}}",
        "{when: {times: 1}, then: {status: 503, latency: 50ms}}",
        "{match: {step: link}, when: {times: 1}, then: {malformed: true, latency: 200ms}}",
    ];
    let fake = Fake::with(&rules).await;
    let timed = async |target| {
        let begun = Instant::now();
        let status = fake.get(target).await.status();
        (status, begun.elapsed())
    };
    let (status, took) = timed(LIST).await;
    assert!(status == 503 && took >= Duration::from_millis(300), "{took:?}");
    let (status, took) = timed(LINK).await;
    assert!(status == 200 && took >= Duration::from_millis(200), "{took:?}");
}

#[tokio::test]
async fn what_stands_in_front_moves_nothing_behind_it() {
    let fake = Fake::with(&["{when: {times: 1}, then: {status: 500}}"]).await;
    fake.control("POST", "/store", r#"{"down": true, "times": 1}"#).await;
    assert_eq!(fake.statuses(LINK, 3).await, [500, 503, 200], "the store's count waits for its turn");
}
