//! How the gate behaves towards a server: its pace, where the key goes, and levers that are commands.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::{Json, Router};
use crewpass_contract::outcome::Outcome;
use crewpass_contract::server::{Expectation, Options, clauses, entries, judged, run};
use http::{HeaderMap, Method, Uri};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::server::binary_run::listen;
use crate::server::bugs::bug;
use crate::server::harness::{all_but_limits, expectation, fake, ids_with, outcomes};
use crate::server::proxy::serve;

const ONE: &str = "keys: {full: {key: cpk_test_1}}\ncrew: {crew_001: {fleet: true}}\n";

/// Levers that fail, so that it shows when they are pulled.
const LEVERS: &str = "{clock: 'false', store_down: 'false', store_up: 'false', reupload: 'false'}";

fn quick() -> Options {
    Options { rate: 10_000, ..Options::default() }
}

#[tokio::test]
async fn a_link_to_another_origin_is_not_followed() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let foreign =
        listen(Router::new().fallback(async move || counter.fetch_add(1, Ordering::SeqCst).to_string())).await;
    for redirected in [false, true] {
        let foreign = foreign.clone();
        let app = Router::new().fallback(async move |headers: HeaderMap, uri: Uri| {
            let own = format!("http://{}/api/v2/files/eyJ0", headers["host"].to_str().unwrap());
            let link = if redirected { own } else { format!("{foreign}/eyJ0") };
            let mut answer = HeaderMap::new();
            if uri.path().starts_with("/api/v2/files/") {
                assert!(!headers.contains_key("authorization"), "the key is not for the file step");
                answer.insert("location", format!("{foreign}/x").parse().unwrap());
                return (http::StatusCode::FOUND, answer, Json(json!({})));
            }
            let items = json!([{"document_id": "doc_1"}]);
            (http::StatusCode::OK, answer, Json(json!({"items": items, "download_url": link})))
        });
        let expect = Expectation::parse(ONE, "e.yaml").unwrap();
        let seen = run(&listen(app).await, &expect, &quick()).await.unwrap();
        assert!(seen.answers.iter().all(|answer| answer.broken.is_none()), "the server saw a key at the file step");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn only_get_is_sent_and_no_faster_than_told() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let app = Router::new().fallback(async move |method: Method| {
        assert_eq!(method, Method::GET);
        counter.fetch_add(1, Ordering::SeqCst);
        Json(json!({}))
    });
    let base = listen(app).await;
    let expect = Expectation::parse(ONE, "e.yaml").unwrap();
    let started = Instant::now();
    let seen = run(&base, &expect, &Options { rate: 50, ..Options::default() }).await.unwrap();
    let sent = asked.load(Ordering::SeqCst);
    assert!(sent > 5 && seen.answers.iter().all(|answer| answer.status == 200), "{sent}");
    let least = Duration::from_millis(20) * u32::try_from(sent - 1).unwrap();
    assert!(started.elapsed() >= least, "{sent} requests in {:?}", started.elapsed());
}

#[tokio::test]
async fn the_two_posts_are_sent_only_if_they_are_allowed() {
    for posts in [false, true] {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let app = Router::new().fallback(async move |method: Method, uri: Uri| {
            kept.lock().unwrap().push((method, uri.path().to_owned()));
            Json(json!({}))
        });
        let expectation = expectation().split("\nlevers:").next().unwrap().to_owned();
        let expect = Expectation::parse(&expectation, "e.yaml").unwrap();
        let seen = run(&listen(app).await, &expect, &Options { posts, ..quick() }).await.unwrap();
        let is_post = |path: &str| path.ends_with("/crew/lookup") || path.ends_with("/compliance-checks");
        let asked = asked.lock().unwrap();
        assert_eq!(asked.iter().any(|(method, _)| *method != Method::GET), posts);
        assert!(
            asked.iter().all(|(method, path)| *method == Method::GET || (*method == Method::POST && is_post(path)))
        );
        let clauses = clauses().unwrap();
        let results = entries(&judged(&seen, &clauses), &seen, &clauses);
        let lookup = results.iter().find(|entry| entry.id == "CPS-LOOKUP-02").unwrap();
        let outcome = if posts { Outcome::Fail } else { Outcome::NotExercised };
        assert_eq!(lookup.outcome, outcome, "{lookup:?}");
        let line = "it needs `--posts`, which allows the two documented POSTs";
        assert_eq!(lookup.note.as_deref() == Some(line) || lookup.observed == line, !posts, "{lookup:?}");
    }
}

#[tokio::test]
async fn an_expectation_of_before_asks_for_documents_only() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let app = Router::new().fallback(async move |uri: Uri| {
        kept.lock().unwrap().push(uri.path().to_owned());
        Json(json!({}))
    });
    let expect = Expectation::parse(ONE, "e.yaml").unwrap();
    run(&listen(app).await, &expect, &Options { posts: true, ..quick() }).await.unwrap();
    let asked = asked.lock().unwrap();
    let is_known = |path: &String| path.contains("/documents") || path.ends_with("/no-such-path");
    assert!(asked.len() > 5 && asked.iter().all(is_known), "{asked:?}");
}

#[tokio::test]
async fn no_report_shows_an_address_a_cursor_or_a_profile() {
    let fake = fake().await;
    let broken = bug(
        "all-of-it-wrong",
        |passing, _| {
            if passing.is_profile() || passing.is_check() || passing.path.ends_with("/lookup") {
                passing.edit(|body| body["crew_unique_id"] = json!("x"));
            }
            if passing.is_fleet() {
                passing.edit(|body| body["expiring_within_days"] = json!("x"));
            }
            if passing.is_profile() {
                passing.edit(|body| body["date_of_birth"] = json!("1977-07-07"));
            }
        },
        &[],
    );
    let base = serve(&fake.base(), broken).await;
    let expect = Expectation::parse(&expectation(), "e.yaml").unwrap();
    let seen = run(&base, &expect, &Options { posts: true, ..quick() }).await.unwrap();
    let clauses = clauses().unwrap();
    let entries = entries(&judged(&seen, &clauses), &seen, &clauses);
    let text = format!("{entries:?}");
    assert!(text.contains("CPS-PROFILE-01"), "{text}");
    assert!(seen.answers.iter().any(|answer| answer.target.contains("cursor={cursor}")));
    let cursors = seen.answers.iter().filter_map(|answer| answer.json()["next_cursor"].as_str().map(str::to_owned));
    let cursors: Vec<_> = cursors.collect();
    let personal = ["marina.kovac", "1977-07-07", "1988-05-17", "000000000", "Riva 1"].map(str::to_owned);
    for secret in cursors.iter().chain(&personal) {
        assert!(!text.contains(secret.as_str()), "{secret}");
    }
    assert!(!cursors.is_empty());
}

#[tokio::test]
async fn each_body_without_an_end_is_waited_for_less_than_the_one_before() {
    // A list is whole; the bodies of links have neither a length nor an end.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 2048];
            let read = stream.read(&mut head).await.unwrap();
            let is_link = String::from_utf8_lossy(&head[..read]).contains("/download ");
            let length = if is_link { "" } else { "content-length: 2\r\nconnection: close\r\n" };
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{length}\r\n{{}}").as_bytes()).await.unwrap();
            if is_link {
                open.push(stream);
            }
        }
    });
    let expect = Expectation::parse(ONE, "e.yaml").unwrap();
    let limit = Some(Duration::from_secs(1));
    let seen = run(&base, &expect, &Options { response_limit: limit, ..quick() }).await.unwrap();
    let broken: Vec<_> = seen.answers.iter().filter_map(|answer| Some(answer.broken.as_ref()?.why.as_str())).collect();
    assert_eq!(
        broken[..2],
        ["2 bytes of a body, but no end of it, within 1 s", "2 bytes of a body, but no end of it, within 0.5 s"]
    );
    assert_eq!(broken[4..].iter().find(|why| !why.ends_with("within 0.1 s")), None);
    assert!(broken.len() >= 5 && seen.answers.iter().filter(|answer| answer.status == 200).count() > 5, "{broken:?}");
}

#[tokio::test]
async fn levers_are_commands_of_any_kind() {
    let fake = fake().await;
    let control = format!("{}/__mock", fake.base());
    let post = |path: &str, body: &str| format!("curl -sSf {control}/{path} -d '{body}'");
    let upload = format!(
        "curl -sSf '{control}/crew/{{crew_id}}/documents?supersedes={{document_id}}' --data-binary '@{{path}}'"
    );
    let levers = json!({
        "clock": post("clock", r#"{"advance": "{duration}"}"#),
        "store_down": post("store", r#"{"down": true}"#),
        "store_up": format!("sh -c {}", shlex::try_quote(&post("store", r#"{"down": false}"#)).unwrap()),
        "reupload": upload,
    });
    let before_levers = expectation().split("\nlevers:").next().unwrap().to_owned();
    let expectation = format!("{before_levers}\nlevers: {levers}\n");
    let wanted = all_but_limits()
        .into_iter()
        .filter(|clause| clause.clause_facts().is_some_and(|facts| facts.only_with.is_none()))
        .collect::<Vec<_>>();
    let outcomes = outcomes(&fake.base(), &expectation, &quick(), &wanted).await;
    assert_eq!(ids_with(&outcomes, Outcome::Pass).len(), wanted.len(), "{outcomes:#?}");
}

#[tokio::test]
async fn no_lever_is_pulled_for_what_is_not_judged() {
    let fake = fake().await;
    let before_levers = expectation().split("\nlevers:").next().unwrap().to_owned();
    let expectation = format!("{before_levers}\nlevers: {LEVERS}\n");
    let expect = Expectation::parse(&expectation, "e.yaml").unwrap();
    for (id, pulled) in [
        ("CPS-LIST-01", &[][..]),
        ("CPS-LINK-05", &[]),
        ("CPS-LINK-06", &["clock"]),
        ("CPS-STORE-04", &["store_down", "store_up"]),
        ("CPS-UP-02", &["reupload"]),
        ("CPS-SEC-01", &["store_down", "store_up", "clock", "reupload"]),
    ] {
        let options = Options { only: vec![id.to_owned()], ..quick() };
        let seen = run(&fake.base(), &expect, &options).await.unwrap();
        assert_eq!(seen.stuck.iter().map(|(name, _)| *name).collect::<Vec<_>>(), pulled, "{id}");
    }
}

#[tokio::test]
async fn a_lever_that_fails_is_reported() {
    let fake = fake().await;
    let before_levers = expectation().split("\nlevers:").next().unwrap().to_owned();
    let expectation = format!("{before_levers}\nlevers: {{clock: sh -c 'echo stuck >&2; exit 3'}}\n");
    let expect = Expectation::parse(&expectation, "e.yaml").unwrap();
    let seen = run(&fake.base(), &expect, &quick()).await.unwrap();
    assert_eq!(seen.stuck, [("clock", "`sh` ended with exit status: 3: stuck".to_owned())]);
}
