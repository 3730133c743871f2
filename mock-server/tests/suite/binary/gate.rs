//! The control API over HTTP: whom it lets in, and what it says to what it can't read.

use serde_json::{Value, json};

use crate::support::executable::Fake;

/// The status of an answer and its message.
fn status_and_message(answer: reqwest::blocking::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().unwrap();
    (status, body["error"]["message"].as_str().unwrap().to_owned())
}

#[test]
fn web_pages_are_kept_out() {
    let fake = Fake::start(&[]);
    for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example"), ("origin", "null")] {
        for (method, path) in [("POST", "/__mock/reset"), ("GET", "/__mock/clock"), ("GET", "/__mock/none")] {
            let (status, message) = status_and_message(fake.request(method, path).header(name, value).send().unwrap());
            assert_eq!(status, 403, "{name}: {value} at {path}");
            assert!(message.contains("the control API"), "{message}");
        }
    }
    let own = fake.request("POST", "/__mock/reset").header("origin", &fake.base).send().unwrap();
    assert_eq!(own.status(), 200);
    fake.stop();
}

#[test]
fn a_token_lets_in_whoever_has_it() {
    let fake = Fake::start(&["--control-token", "sesame"]);
    let from_elsewhere = |token: &str| {
        let request = fake.request("GET", "/__mock/clock").header("host", "fake.example").bearer_auth(token);
        request.send().unwrap().status().as_u16()
    };
    assert_eq!([from_elsewhere("sesame"), from_elsewhere("sesam"), from_elsewhere("")], [200, 401, 401]);
    assert_eq!(fake.request("GET", "/__mock/clock").send().unwrap().status(), 401, "on loopback too");
    assert_eq!(fake.ctl(&["--token", "sesame", "clock", "show"]).fine()["frozen"], false);
    fake.stop();
}

#[test]
fn what_cannot_be_read_is_told() {
    let fake = Fake::start(&[]);
    let send =
        |path: &str, body: &str| status_and_message(fake.request("POST", path).body(body.to_owned()).send().unwrap());
    for (path, body, about) in [
        ("/__mock/clock", r#"{"advanse": "16m"}"#, "advanse"),
        ("/__mock/clock", r#"{"advance": 16}"#, "string"),
        ("/__mock/clock", r#"{"advance": "16 parsecs"}"#, "16 parsecs"),
        ("/__mock/clock", r#"{"set": "tomorrow"}"#, "line 1 column 19"),
        ("/__mock/clock", "{}", "advance"),
        ("/__mock/clock", "", "JSON"),
        ("/__mock/store", r#"{"down": true, "for": 2}"#, "times"),
        ("/__mock/store", r#"{"times": 2}"#, "down"),
        ("/__mock/store", r#"{"down": true, "times": 0}"#, "times"),
        ("/__mock/store", r#"{"down": true, "at": "moon"}"#, "moon"),
        ("/__mock/crew/crew_001/documents?suprsedes=doc_1", "x", "suprsedes"),
        ("/__mock/crew/crew_001/documents?supersedes=doc_1&issue_date=31.12.2026", "x", "31.12.2026"),
    ] {
        let (status, message) = send(path, body);
        assert_eq!(status, 400, "{path} {body}: {message}");
        assert!(message.contains(about), "{path} {body}: {message}");
    }
    let (status, message) = send("/__mock/crew/%ff/documents?supersedes=doc_1", "x");
    assert!(matches!(status, 400 | 404) && !message.is_empty(), "{status} {message}");
    let clock: Value = fake.request("GET", "/__mock/clock").send().unwrap().json().unwrap();
    assert_eq!(clock["frozen"], json!(false), "nothing of this was carried out");
    fake.stop();
}

#[test]
fn other_methods_and_other_paths() {
    let fake = Fake::start(&[]);
    for (method, path, allow) in [
        ("GET", "/__mock/reset", "POST"),
        ("GET", "/__mock/crew/crew_001/documents", "POST"),
        ("PUT", "/__mock/clock", "GET,HEAD,POST"),
        ("POST", "/__mock/health", "GET,HEAD"),
    ] {
        let answer = fake.request(method, path).send().unwrap();
        assert_eq!(answer.status(), 405, "{method} {path}");
        assert_eq!(answer.headers()["allow"], allow, "{method} {path}");
        assert_eq!(status_and_message(answer).0, 405);
    }
    for path in ["/__mock/none", "/__mock/clock/", "/__mock/sessions/none/clock"] {
        let (status, message) = status_and_message(fake.request("GET", path).send().unwrap());
        assert_eq!(status, 404, "{path}");
        assert_ne!(message, "", "{path}");
    }
    assert_eq!(fake.request("GET", "/__mock/health").send().unwrap().status(), 200);
    fake.stop();
}

#[test]
fn every_answer_has_an_id_of_its_own() {
    let fake = Fake::start(&[]);
    let mut ids = std::collections::BTreeSet::new();
    for (method, path, host) in [
        ("GET", "/__mock/clock", None),
        ("GET", "/__mock/none", None),
        ("PUT", "/__mock/clock", None),
        ("POST", "/__mock/store", None),
        ("GET", "/__mock/clock", Some("evil.example")),
        ("GET", "/nowhere", None),
        ("POST", "/api/v2/partners/me", None),
    ] {
        let request = fake.request(method, path);
        let request = if let Some(host) = host { request.header("host", host) } else { request };
        let answer = request.send().unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(ids.insert(id), "{method} {path}");
    }
    fake.stop();
}
