//! The control API and its document, held to one another both ways, over real sockets.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::support::http_client::http_client;
use crate::support::raw::{Then, connect, read};
use crewpass_mock::{Limits, MockServer};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

async fn fake() -> MockServer {
    MockServer::builder().start().await.unwrap()
}

async fn document(fake: &MockServer) -> Value {
    http_client().get(format!("{}/__mock/openapi.json", fake.base())).send().await.unwrap().json().await.unwrap()
}

/// Follows a `$ref` within the document.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("dangling {place}")),
        None => value,
    }
}

/// Every operation: path, method, the parameters of its path, and itself.
fn operations(document: &Value) -> Vec<(String, String, Vec<Value>, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let own = operation["parameters"].as_array().into_iter().flatten();
                let parameters = item["parameters"].as_array().into_iter().flatten().chain(own);
                let parameters = parameters.map(|parameter| resolved(document, parameter).clone()).collect();
                all.push((path.clone(), method.to_owned(), parameters, operation.clone()));
            }
        }
    }
    all
}

/// Sends an operation as the document shows it, with its examples.
async fn send(
    fake: &MockServer,
    session: &str,
    path: &str,
    method: &str,
    parameters: &[Value],
    operation: &Value,
) -> Response {
    let mut target = path.to_owned();
    let mut query = Vec::new();
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap();
        let example = if name == "session" { Some(session) } else { parameter["example"].as_str() };
        match (parameter["in"].as_str().unwrap(), example) {
            ("path", Some(example)) => target = target.replace(&format!("{{{name}}}"), example),
            ("query", Some(example)) => query.push((name.to_owned(), example.to_owned())),
            ("query", None) => {}
            other => panic!("{path}: parameter {name} is {other:?}"),
        }
    }
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let mut request = http_client().request(method, format!("{}/__mock{target}", fake.base())).query(&query);
    if let Some((_, content)) = operation["requestBody"]["content"].as_object().and_then(|kinds| kinds.iter().next()) {
        request = match &content["example"] {
            Value::String(text) => request.body(text.clone()),
            example => request.json(example),
        };
    }
    request.send().await.unwrap()
}

fn is_valid(document: &Value, schema: &Value, answer: &Value) -> Result<(), String> {
    let mut whole = schema.clone();
    // The components travel along, so that references resolve.
    whole["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&whole).unwrap();
    validator.validate(answer).map_err(|error| error.to_string())
}

#[tokio::test]
async fn every_operation_is_served_as_described() {
    let fake = fake().await;
    let document = document(&fake).await;
    let all = operations(&document);
    assert!(all.len() > 38, "only {} operations", all.len());
    for (path, method, parameters, operation) in all {
        let opened: Value =
            http_client().post(format!("{}/__mock/sessions", fake.base())).send().await.unwrap().json().await.unwrap();
        let session = opened["id"].as_str().unwrap();
        fake.session().reset(jiff::Timestamp::now());
        if path.contains("{fault}") {
            for session in ["default", session] {
                let rule = json!({"name": "away", "then": {"status": {"code": 503}}});
                let url = format!("{}/__mock/sessions/{session}/faults", fake.base());
                assert_eq!(http_client().post(url).json(&rule).send().await.unwrap().status(), 200);
            }
        }
        if path.ends_with("/webhooks/fire") {
            let callback = json!({"url": "http://127.0.0.1:9/hooks", "secret": "whsec_test"});
            for session in ["default", session] {
                let url = format!("{}/__mock/sessions/{session}/webhooks/callbacks", fake.base());
                assert_eq!(http_client().post(url).json(&callback).send().await.unwrap().status(), 201);
            }
        }
        let answer = send(&fake, session, &path, &method, &parameters, &operation).await;
        let status = answer.status().as_u16();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        // A stream of events has no end.
        let body = if kind == "text/event-stream" { String::new() } else { answer.text().await.unwrap() };
        // The metrics are off unless the program turns them on.
        assert!(status < 300 || (status == 404 && path == "/metrics"), "{method} {path}: {status} {body}");
        let described = resolved(&document, &operation["responses"][status.to_string()]);
        assert!(described.is_object(), "{method} {path} answers {status}, which is not described");
        let kind = kind.split(';').next().unwrap();
        let schema = &described["content"][kind]["schema"];
        assert!(schema.is_object(), "{method} {path} answers {kind}, which is not described");
        if kind == "application/json" {
            let answer = serde_json::from_str(&body).unwrap();
            is_valid(&document, schema, &answer).unwrap_or_else(|why| panic!("{method} {path}: {why}\n{body}"));
        }
    }
}

/// The status and the JSON of an answer, over a connection that the server ends.
fn raw_answer(address: SocketAddr, request: &[u8]) -> (u16, Value) {
    let stream = connect(address);
    let back = thread::scope(|scope| {
        // A server that refuses early may not read the rest.
        scope.spawn(|| (&stream).write_all(request));
        read(&stream, Then::HalfClose)
    });
    let text = back.text();
    (back.statuses()[0], serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap())
}

/// The answers to a bad Host, to a body that never comes, and to one that is too large. The one at `slow` does not wait
/// long.
fn refusals([address, slow]: [SocketAddr; 2], line: &str, operation: &Value) -> Vec<(u16, Value)> {
    let malformed = format!("{line}Host: a b\r\nConnection: close\r\n\r\n");
    let mut answers = vec![raw_answer(address, malformed.as_bytes())];
    let head = format!("{line}Host: localhost\r\nConnection: close\r\nContent-Length: ");
    if operation["requestBody"].is_object() {
        answers.push(raw_answer(slow, format!("{head}9\r\n\r\n").as_bytes()));
    }
    // An upload may be as large as all sessions together.
    if operation["requestBody"]["content"]["application/json"].is_object() {
        let body = " ".repeat((2 << 20) + 1);
        answers.push(raw_answer(address, format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_host_and_a_body_too_slow_or_too_large_are_answered_as_described() {
    let patient = Limits { header_timeout: Duration::from_mins(2), ..Limits::default() };
    let hasty = Limits { header_timeout: Duration::from_secs(2), ..Limits::default() };
    let fake = MockServer::builder().limits(patient).start().await.unwrap();
    let slow = MockServer::builder().limits(hasty).start().await.unwrap();
    let (document, addresses) = (document(&fake).await, [fake.address(), slow.address()]);
    let operations = operations(&document);
    let ask = &|(path, method, _, operation): &(String, String, Vec<Value>, Value)| {
        let target = path.replace("{session}", "default").replace("{crew}", "crew_001").replace(['{', '}'], "");
        let line = format!("{} /__mock{target} HTTP/1.1\r\n", method.to_uppercase());
        for ((status, answer), expected) in refusals(addresses, &line, operation).iter().zip([400, 408, 413]) {
            assert_eq!(*status, expected, "{line}{answer}");
            let described = resolved(&document, &operation["responses"][status.to_string()]);
            is_valid(&document, &described["content"]["application/json"]["schema"], answer).unwrap();
        }
    };
    // Each waits for the body that never comes.
    thread::scope(|scope| operations.iter().for_each(|operation| drop(scope.spawn(move || ask(operation)))));
}

#[tokio::test]
async fn every_route_is_described() {
    let fake = fake().await;
    let document = document(&fake).await;
    let described: BTreeSet<String> =
        document["paths"].as_object().unwrap().keys().map(|path| path.replace("/sessions/{session}/", "/")).collect();
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/control/routes.rs")).unwrap();
    let routes: Vec<&str> = source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(routes.len() >= 12, "{routes:?}");
    for route in routes.iter().filter(|route| !["/", "/__mock/"].contains(route)) {
        assert!(described.contains(*route), "{route} is not in fixtures/control/openapi.yaml");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        let target = path.replace("{session}", "default").replace(['{', '}'], "");
        for method in METHODS.into_iter().filter(|method| item.get(method).is_none()) {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer =
                http_client().request(method.clone(), format!("{}/__mock{target}", fake.base())).send().await.unwrap();
            assert_eq!(answer.status(), 405, "{method} {path} is served and not described");
            assert!(answer.headers().contains_key("allow"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_same_api_is_there_by_its_version() {
    let fake = fake().await;
    let get = async |path: &str| http_client().get(format!("{}{path}", fake.base())).send().await.unwrap();
    assert_eq!(document(&fake).await["info"]["version"], "1");
    for path in ["/health", "/openapi.json", "/sessions", "/policies", "/sessions/default/store"] {
        let (plain, versioned) = (get(&format!("/__mock{path}")).await, get(&format!("/__mock/v1{path}")).await);
        assert_eq!(plain.text().await.unwrap(), versioned.text().await.unwrap(), "{path}");
    }
    assert_eq!(get("/__mock/v1/sessions/ses_999/store").await.status(), 404);
    assert_eq!(get("/__mock/v2/health").await.status(), 404);
}

#[tokio::test]
async fn the_page_needs_nothing_but_this_server() {
    let fake = fake().await;
    let answer = http_client().get(format!("{}/__mock", fake.base())).send().await.unwrap();
    assert_eq!(answer.url().path(), "/__mock/");
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("connect-src 'self'"), "{policy}");
    assert!(answer.text().await.unwrap().contains("<title>crewpass-mock console</title>"));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/control/page");
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        let text = std::fs::read_to_string(&file).unwrap();
        for foreign in ["http://", "https://", "@import", "url(", "innerHTML", "outerHTML", "insertAdjacentHTML"] {
            assert!(!text.contains(foreign), "{}: {foreign}", file.display());
        }
    }
}

#[tokio::test]
async fn the_page_and_the_document_are_behind_the_gate() {
    let fake = fake().await;
    for path in ["/__mock/", "/__mock/openapi.json", "/__mock/v1/clock"] {
        let request = http_client().get(format!("{}{path}", fake.base())).header("host", "evil.example");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["code"], json!("control_refused"));
    }
}

/// Returns the names of the effects: a rule without one is refused with the list of them.
async fn effect_names(fake: &MockServer) -> BTreeSet<String> {
    let refused = http_client().post(format!("{}/__mock/faults", fake.base())).json(&json!({"then": {}}));
    let message = refused.send().await.unwrap().text().await.unwrap();
    let (_, list) = message.split_once("write one of").unwrap();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_effect_is_described() {
    let fake = fake().await;
    let names = effect_names(&fake).await;
    let document = document(&fake).await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let forms = schemas.values().filter_map(|schema| schema["properties"]["then"]["oneOf"].as_array()).flatten();
    let described: BTreeSet<String> = forms.map(|form| form["required"][0].as_str().unwrap().to_owned()).collect();
    assert_eq!(described, names, "fixtures/control/openapi.yaml");
    for file in ["packages/npm/crewpass/lib/index.d.ts", "packages/python/src/crewpass/_faults.py", "docs/faults.md"] {
        let text = std::fs::read_to_string(format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let words: BTreeSet<&str> = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        for name in &names {
            assert!(words.contains(name.as_str()), "{file} does not name the effect {name}");
        }
    }
}
