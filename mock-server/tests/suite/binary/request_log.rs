//! The lines on stderr, one a request, and the metrics.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::binary::worlds::LargeFile;
use crate::support::executable::{Fake, Guarded, command};
use crate::support::raw::{CREW, Then, connect, exchange};

/// The executable, which prints a line for each request.
fn loud() -> Command {
    let mut command = command();
    command.env_remove("CREWPASS_MOCK_QUIET");
    command
}

/// Removes the time, the first word.
fn without_time(line: &str) -> &str {
    let (time, rest) = line.trim_end().split_once(' ').unwrap();
    assert!(time.len() == 24 && time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(), "{line}");
    rest
}

#[test]
fn a_line_has_the_decision_and_no_secret() {
    let fake = Fake::spawn(loud(), &[]);
    let list = format!("{CREW}/crew_003/documents?api_key={}", fake.key);
    fake.get(&list);
    assert_eq!(
        without_time(&fake.says("crew_003")),
        format!("GET {CREW}/crew_003/documents 404 crew-on-fleet default")
    );
    let url = fake.link("crew_001", "doc_1");
    fake.says("download");
    fake.follow(&url);
    let line = fake.says("/files/");
    assert!(
        line.contains("/api/v2/files/eyJ…") && line.ends_with(" 200 served default\n") && line.len() < 120,
        "{line}"
    );
    fake.get(&format!("{CREW}/ana@example.invalid/documents"));
    assert!(without_time(&fake.says("documents")).starts_with(&format!("GET {CREW}/…@…/documents 404 ")));
    fake.request("POST", "/__mock/reset").send().unwrap();
    assert_eq!(without_time(&fake.says("reset")), "POST /__mock/reset 200 - -");
    fake.request("PUT", &format!("/nowhere/{}", fake.key)).send().unwrap();
    let line = fake.says("nowhere");
    assert!(without_time(&line).starts_with("PUT /nowhere/cpk_test_…"), "{line}");
    exchange(fake.address(), format!("{} /asked HTTP/1.1\r\nHost: x\r\n\r\n", fake.key).as_bytes(), Then::Wait);
    let line = fake.says("/asked");
    assert!(without_time(&line).starts_with("cpk_test_…"), "{line}");
    fake.request("POST", "/__mock/faults").body(r#"{"then": {"reset": true}}"#).send().unwrap();
    fake.says("faults");
    fake.request("GET", "/api/v2/partners/me").bearer_auth(&fake.key).send().unwrap_err();
    assert_eq!(without_time(&fake.says("partners")), "GET /api/v2/partners/me - fault default");
    fake.signal("TERM");
    assert_eq!(fake.ended().code, Some(0));
}

#[test]
fn a_line_is_an_object_where_programs_read_it() {
    let fake = Fake::spawn(loud(), &["--log-format", "json"]);
    fake.get("/api/v2/partners/me");
    let line: Value = serde_json::from_str(&fake.says("partners")).unwrap();
    assert!(line["time"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let path = "/api/v2/partners/me";
    let expected = json!({"time": line["time"], "method": "GET", "path": path, "status": 200, "clause": "served", "session": "default"});
    assert_eq!(line, expected);
    exchange(fake.address(), b"GET /\xc2\x9b31m HTTP/1.1\r\nHost: x\r\n\r\n", Then::Wait);
    let line = fake.says("31m");
    assert!(!line.chars().any(|c| c.is_control() && c != '\n'), "{line:?}");
}

#[test]
fn a_notice_is_a_line_of_the_log_and_the_last_one_is_not_lost() {
    // Larger than what is kept in memory.
    const LENGTH: u64 = 32 << 20;
    let world = LargeFile::new(LENGTH);
    for format in ["text", "json"] {
        let fake = Fake::start(&["--world", world.world(), "--log-format", format]);
        std::fs::remove_file(world.file()).unwrap();
        assert_eq!(fake.ask_link("crew_1", "doc_1").status(), 503);
        fake.signal("TERM");
        let text = fake.ended().stderr;
        std::fs::File::create(world.file()).unwrap().set_len(LENGTH).unwrap();
        let notice = if format == "json" {
            let line: Value = serde_json::from_str(&text).unwrap();
            line["message"].as_str().unwrap().to_owned()
        } else {
            text
        };
        assert!(notice.starts_with("crewpass-mock: ") && notice.contains("is answered with 503 until"), "{notice}");
    }
}

#[test]
fn nobody_waits_for_a_reader_of_stderr() {
    const REQUESTS: usize = 12_000;
    let mut serve = loud();
    serve.args(["serve", "--bind", "127.0.0.1:0", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Guarded(serve.spawn().unwrap());
    let mut ready = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let address = ready["base"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    let mut requests = "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n".repeat(REQUESTS - 1);
    requests += "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let back = exchange(address, requests.as_bytes(), Then::HalfClose);
    assert_eq!(back.statuses().len(), REQUESTS);
    // A stream that was not read until now.
    let lines = BufReader::new(child.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut seen = 0;
    let dropped = lines.inspect(|_| seen += 1).find(|line| line.contains("lines were dropped")).unwrap();
    let dropped: usize = dropped.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(dropped > 0 && dropped < REQUESTS && seen > 100, "{dropped} of {REQUESTS}, {seen} lines");
}

#[cfg(target_os = "linux")]
#[test]
fn a_lack_of_descriptors_is_said_once() {
    let mut limited = Command::new("bash");
    limited.args(["-c", "ulimit -n 40; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_crewpass-mock")]);
    limited.stdin(Stdio::null()).env("CREWPASS_MOCK_QUIET", "true");
    let fake = Fake::spawn(limited, &[]);
    let connections: Vec<_> = (0..60).map(|_| connect(fake.address())).collect();
    let line = fake.says("can't accept");
    assert!(line.contains("Too many open files") && line.contains("ulimit -n"), "{line}");
    drop(connections);
    let again: Vec<_> = (0..60).map(|_| connect(fake.address())).collect();
    drop(again);
    assert_eq!(fake.get("/api/v2/partners/me").status(), 200);
    fake.signal("TERM");
    let ran = fake.ended();
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(0), 1), "{}", ran.stderr);
}

#[test]
fn the_metrics_count_what_was_answered() {
    let fake = Fake::start(&["--metrics"]);
    fake.listed("crew_001");
    fake.get(&format!("{CREW}/crew_003/documents"));
    fake.get("/nowhere");
    fake.request("POST", "/__mock/faults")
        .body(r#"{"name": "mine", "then": {"status": {"code": 503}}}"#)
        .send()
        .unwrap();
    fake.get("/api/v2/partners/me");
    fake.request("POST", "/__mock/sessions").send().unwrap();
    let answer = fake.request("GET", "/__mock/metrics").send().unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = answer.text().unwrap();
    for line in [
        r#"crewpass_mock_requests_total{endpoint="list",status="200",clause="served"} 1"#,
        r#"crewpass_mock_requests_total{endpoint="list",status="404",clause="crew-on-fleet"} 1"#,
        r#"crewpass_mock_requests_total{endpoint="none",status="404",clause="route"} 1"#,
        r#"crewpass_mock_requests_total{endpoint="me",status="503",clause="fault"} 1"#,
        r#"crewpass_mock_requests_total{endpoint="control",status="201",clause="none"} 1"#,
        r#"crewpass_mock_faults_fired_total{effect="status"} 1"#,
        "crewpass_mock_sessions 2",
        "crewpass_mock_journal_dropped 0",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is missing in {text}");
    }
    assert!(!["crew_0", "ses_", "cpk_", "mine"].iter().any(|id| text.contains(id)), "{text}");
    assert_eq!(fake.request("GET", "/__mock/metrics").header("host", "a.example").send().unwrap().status(), 403);
    fake.stop();
    let without = Fake::start(&[]);
    assert_eq!(without.request("GET", "/__mock/metrics").send().unwrap().status(), 404);
    without.stop();
}

#[test]
fn the_journal_keeps_the_trace() {
    let fake = Fake::start(&[]);
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    fake.request("GET", "/api/v2/partners/me").header("traceparent", trace).send().unwrap();
    let journal: Value = fake.request("GET", "/__mock/journal").send().unwrap().json().unwrap();
    assert_eq!(journal["entries"][0]["traceparent"], trace);
    fake.stop();
}

#[test]
fn a_session_says_who_is_in_its_world() {
    let fake = Fake::start(&[]);
    let opened: Value = fake.request("POST", "/__mock/sessions").send().unwrap().json().unwrap();
    assert_eq!(opened["key"], opened["keys"]["full"]);
    let contents = &opened["contents"];
    let first = json!({"id": "crew_001", "on_fleet": true, "consent": contents["people"][0]["consent"], "documents": fake.listed("crew_001").len()});
    let mut person = contents["people"][0].clone();
    person["documents"] = person["documents"].as_array().unwrap().len().into();
    assert_eq!(person, first);
    let key = opened["key"].as_str().unwrap();
    let list = format!("{CREW}/crew_001/documents");
    assert_eq!(fake.request("GET", &list).bearer_auth(key).send().unwrap().status(), 200);
    let body = r#"{"world": {"generate": {"crew": 300, "documents": 2}}}"#;
    let large: Value = fake.request("POST", "/__mock/sessions").body(body).send().unwrap().json().unwrap();
    let people = large["contents"]["people"].as_array().unwrap().len();
    assert_eq!((large["contents"]["crew"].as_u64(), people), (Some(300), 50));
    fake.stop();
}

#[test]
fn an_address_that_others_reach_is_named() {
    for (address, is_open) in [("0.0.0.0:0", true), ("[::]:0", true), ("127.0.0.1:0", false), ("[::1]:0", false)] {
        let mut serve = command();
        let mut child = Guarded(serve.args(["serve", "--bind", address]).stdout(Stdio::piped()).spawn().unwrap());
        let lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
        let text = lines.take_while(|line| !line.contains("Ctrl-C")).collect::<Vec<_>>().join("\n");
        assert_eq!(text.contains("which is not loopback: other machines can reach it."), is_open, "{address}: {text}");
    }
}
