//! What is served is described, and what is described is served.

use std::collections::BTreeSet;

use crewpass_mock::MockServer;
use crewpass_mock::policy::Policies;
use crewpass_mock::scope::ScopeSet;
use crewpass_mock::session::Reach;
use jiff::Timestamp;
use reqwest::{Client, Method, redirect};
use serde_json::Value;

use crate::document::cases::{Before, CASES, Case};
use crate::document::described::{Answer, Document, OPERATIONS, members};
use crate::support::http_client::http_client_builder;

const START: &str = "2026-06-08T10:00:00Z";
const LIST: &str = "/api/v2/employers/me/crew/crew_001/documents";

/// A client that follows nothing. One serves a whole test: making it is the dearest part of a request.
fn client() -> Client {
    http_client_builder().redirect(redirect::Policy::none()).build().unwrap()
}

pub(crate) async fn answered(
    client: &Client,
    fake: &MockServer,
    method: &str,
    target: &str,
    headers: &[(&str, String)],
    body: Option<&'static str>,
) -> Answer {
    let request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{target}", fake.base()));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body),
        None => request,
    };
    let response = request.send().await.unwrap();
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}

fn bearer(fake: &MockServer, key: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", fake.key_of(key).unwrap()))
}

/// Plays a case on a fake of its own, by its own method or as HEAD.
async fn played(client: &Client, case: &Case, method: &str) -> (String, Answer) {
    let start: Timestamp = START.parse().unwrap();
    let builder = MockServer::builder().frozen_at(start);
    let settings = case.settings.split_whitespace();
    let fake = settings.fold(builder, |builder, set| builder.policy_from(set).unwrap()).start().await.unwrap();
    let mut target = case.target.replace("{LIST}", LIST);
    if let Some(document) = case.target.strip_prefix("{link}") {
        let path = format!("{LIST}/{document}/download");
        let link = answered(client, &fake, "GET", &path, &[bearer(&fake, "full")], None).await;
        let link: Value = serde_json::from_slice(&link.body).unwrap();
        link["download_url"].as_str().unwrap().strip_prefix(&fake.base()).unwrap().clone_into(&mut target);
    }
    let mut headers: Vec<(&str, String)> =
        case.header.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    if !case.key.is_empty() {
        headers.push(bearer(&fake, case.key));
    }
    match case.before {
        Before::Nothing => {}
        Before::TooLate => {
            fake.session().lock().clock.set("2026-06-08T10:16:00Z".parse().unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        }
        Before::NoScopes => {
            fake.session().lock().partner_mut("prt_123").unwrap().granted_scopes = ScopeSet::default();
        }
        Before::StoreDown => {
            fake.session().lock().store.link = Reach::Down;
            fake.session().lock().store.file = Reach::Down;
        }
        Before::SixtyTimes => {
            for _ in 0..60 {
                assert_eq!(answered(client, &fake, case.method, &target, &headers, case.body).await.status, 200);
            }
        }
    }
    let answer = answered(client, &fake, method, &target, &headers, case.body).await;
    (target, answer)
}

/// What was seen, or is described: place, status, and what is special of it.
type Seen = BTreeSet<(String, u16, String)>;

fn place(document: &Document, path: Option<&str>, method: &str) -> String {
    match (path, method) {
        (None, _) => "x-unknown-path".to_owned(),
        (Some(path), _) if document.operation(path, method).is_some() => path.to_owned(),
        (Some(path), _) => format!("{path} x-other-methods"),
    }
}

fn put_seen(seen: &mut Seen, place: &str, answer: &Answer) {
    let mut put = |special: String| seen.insert((place.to_owned(), answer.status, special));
    put(String::new());
    if let Some(code) = answer.code() {
        put(format!("code {code}"));
    }
    for (name, _) in &answer.headers {
        put(format!("header {name}"));
    }
    if let Some(kind) = answer.kind() {
        put(format!("content {kind}"));
    }
}

fn put_described(all: &mut Seen, document: &Document, place: &str, status: u16, response: &Value) {
    let response = document.resolved(response);
    let mut put = |special: String| all.insert((place.to_owned(), status, special));
    put(String::new());
    for (code, _) in members(&response["x-codes"]) {
        put(format!("code {code}"));
    }
    for (name, _) in members(&response["headers"]) {
        put(format!("header {}", name.to_lowercase()));
    }
    for (kind, _) in members(&response["content"]).filter(|(kind, _)| *kind != "*/*") {
        put(format!("content {kind}"));
    }
}

fn all_described(document: &Document) -> Seen {
    let mut all = Seen::new();
    put_described(&mut all, document, "x-unknown-path", 404, &document.0["x-unknown-path"]);
    for (path, item) in members(&document.0["paths"]) {
        put_described(&mut all, document, &place(document, Some(path), "PUT"), 405, &item["x-other-methods"]);
        for (status, response) in OPERATIONS.iter().flat_map(|method| members(&item[method]["responses"])) {
            put_described(&mut all, document, path, status.parse().unwrap(), response);
        }
    }
    all
}

#[tokio::test]
async fn every_described_answer_is_served_as_it_is_described() {
    let (document, client, mut seen) = (Document::read(), client(), Seen::new());
    let strict = document.strict();
    for case in CASES {
        let name = format!("{} {} {} {}", case.method, case.target, case.key, case.settings);
        let (target, answer) = played(&client, case, case.method).await;
        assert_eq!(answer.status, case.status, "{name}");
        let path = document.path_of(&target);
        let response = document.response(case.method, path, case.status);
        let response = response.unwrap_or_else(|| panic!("{name}: {} is not described", case.status));
        document.accepts(response, &answer, false).unwrap_or_else(|why| panic!("{name}: {why}"));
        let knows_all = strict.accepts(response, &answer, false);
        let adds = ["unknown_fields", "unknown_values"].iter().any(|policy| case.settings.contains(policy));
        assert_eq!(knows_all.is_err(), adds, "{name}: strictly {knows_all:?}");
        put_seen(&mut seen, &place(&document, path, case.method), &answer);
    }
    let missing: Vec<_> = all_described(&document).difference(&seen).cloned().collect();
    assert!(missing.is_empty(), "described, and not provoked: {missing:#?}");
}

#[tokio::test]
async fn a_bad_host_is_answered_as_described_on_every_path() {
    let (document, client) = (Document::read(), client());
    let described = document.resolved(&document.0["x-malformed"]);
    let fake = MockServer::builder().start().await.unwrap();
    let paths = members(&document.0["paths"]).map(|(path, _)| path.replace(['{', '}'], ""));
    for path in paths.chain(["/nowhere".to_owned()]) {
        let answer = answered(&client, &fake, "GET", &path, &[("host", "a b".to_owned())], None).await;
        assert_eq!((answer.status, answer.code().as_deref()), (400, Some("bad_request")), "{path}");
        document.strict().accepts(described, &answer, false).unwrap_or_else(|why| panic!("{path}: {why}"));
    }
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let (document, client) = (Document::read(), client());
    for case in CASES.iter().filter(|case| case.method == "GET") {
        let name = format!("HEAD {} {} {}", case.target, case.key, case.settings);
        let (target, answer) = played(&client, case, "HEAD").await;
        // HEAD ignores a range (RFC 9110 section 14.2).
        let status = if matches!(case.status, 206 | 416) { 200 } else { case.status };
        assert_eq!(answer.status, status, "{name}");
        let response = document.response("HEAD", document.path_of(&target), status).unwrap();
        document.accepts(response, &answer, true).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[tokio::test]
async fn every_other_method_is_405() {
    let (document, client, fake) = (Document::read(), client(), MockServer::builder().start().await.unwrap());
    for (path, _) in members(&document.0["paths"]) {
        let target = path.replace("{crew_unique_id}", "crew_001").replace("{document_id}", "doc_1");
        let target = target.replace("{token}", "eyJ");
        let known = |method: &&str| document.operation(path, method).is_some();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"] {
            if known(&method) {
                continue;
            }
            let answer = answered(&client, &fake, method, &target, &[], None).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            let response = document.response(method, Some(path), 405).unwrap();
            let accepted = document.accepts(response, &answer, method == "HEAD");
            accepted.unwrap_or_else(|why| panic!("{method} {path}: {why}"));
        }
    }
}

#[test]
fn every_route_is_described() {
    let screen = concat!(env!("CARGO_MANIFEST_DIR"), "/../mock-server/src/endpoint/table.rs");
    let source = std::fs::read_to_string(screen).unwrap();
    let shipped = source.split("#[cfg(test)]").next().unwrap();
    let quoted = shipped.split('"').skip(1).step_by(2).filter(|text| text.starts_with("/api/") && !text.ends_with('/'));
    let routes: BTreeSet<String> = quoted.map(str::to_owned).collect();
    let document = Document::read();
    let described: BTreeSet<String> = members(&document.0["paths"]).map(|(path, _)| path.clone()).collect();
    assert_eq!(routes, described);
}

#[test]
fn every_policy_says_what_it_changes() {
    fn collect(value: &Value, names: &mut BTreeSet<String>) {
        names.extend(members(&value["x-policies"]).map(|(name, _)| name.clone()));
        members(value).for_each(|(_, value)| collect(value, names));
    }
    let mut named = BTreeSet::new();
    collect(&Document::read().0, &mut named);
    assert_eq!(named, Policies::names().map(str::to_owned).collect());
}

#[test]
fn every_example_is_what_it_is_an_example_of() {
    fn check(document: &Document, value: &Value, checked: &mut usize) {
        for (kind, content) in members(&value["content"]) {
            let named = members(&content["examples"]).map(|(_, named)| &named["value"]);
            for example in named.chain(content.get("example")) {
                document.validate(&content["schema"], example).unwrap_or_else(|why| panic!("{kind}: {why}"));
                super::described::of_its_code(value, example).unwrap();
                *checked += 1;
            }
        }
        members(value).for_each(|(_, value)| check(document, value, checked));
    }
    let (strict, mut checked) = (Document::read().strict(), 0);
    check(&strict, &strict.0, &mut checked);
    assert!(checked > 14, "only {checked} examples");
}

#[tokio::test]
async fn the_document_is_served_as_it_is_kept() {
    let fake = MockServer::builder().start().await.unwrap();
    let answer = answered(&client(), &fake, "GET", "/openapi.json", &[], None).await;
    assert_eq!((answer.status, answer.kind()), (200, Some("application/json")));
    assert!(answer.header("x-request-id").is_some());
    let served: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(served == Document::read().0, "what is served is not fixtures/contract/openapi.yaml");
    assert!(fake.session().exchanges().is_empty(), "reading the document is no exchange of a session");
}
