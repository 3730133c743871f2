//! A capture becomes a scenario: what was refused or broke once is played again, and no secret of it is left.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::http_client::http_client;
use crate::support::judged_output::judged_output;
use crewpass_contract::client::scenario::{Action, Clock, Made, RightExit, Scenarios, from_har};
use crewpass_contract::requirement::Catalogue;
use crewpass_mock::{Fault, MockServer};
use serde_json::{Value, json};

const KEY: &str = "cpk_live_0123456789abcdef0123456789abcdef";
const BASE: &str = "https://partners.crewpass.co.uk";
const CREW: &str = "/api/v2/employers/me/crew/crew_001/documents";

fn gate(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    judged_output(command.args(args).current_dir(folder))
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The journal of a fake that the reference client was run against.
async fn journal(faults: &[Value]) -> String {
    let mut builder = MockServer::builder();
    for fault in faults {
        builder = builder.fault(serde_json::from_value::<Fault>(fault.clone()).unwrap()).unwrap();
    }
    let server = builder.start().await.unwrap();
    let out = tempfile::tempdir().unwrap();
    let (base, key) = (server.base(), server.key().unwrap());
    let out_dir = out.path().to_owned();
    let run = move || {
        let mut client = Command::new(env!("REFERENCE_CLIENT"));
        let client = client.env("BASE", &base).env("CPK_KEY", key).env("CREW_ID", "crew_001").env("OUT_DIR", out_dir);
        client.env("CPK_LINK_HOSTS", base.trim_start_matches("http://")).output().unwrap()
    };
    let ran = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(ran.status.success(), "{}", printed(&ran));
    server.journal().to_har().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fakes_journal_is_played_again() {
    let har = journal(&[
        json!({"match": {"step": "link", "document": "doc_1"}, "when": {"times": 1},
               "then": {"status": {"code": 503, "retry_after": {"seconds": 1}}}}),
        json!({"match": {"step": "file", "document": "doc_2"}, "when": {"times": 1}, "then": {"status": 404}}),
        json!({"match": {"step": "file", "document": "doc_3"}, "when": {"times": 1}, "then": {"cut": {"after": 20}}}),
        json!({"match": {"step": "file", "document": "doc_4"}, "then": {"redirect": {"status": 307, "to": {"chain": 2}}}}),
    ])
    .await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("journal.har"), &har).unwrap();
    let made = gate(folder.path(), &["scenario", "from-har", "journal.har", "--out", "captured.yaml"]);
    assert_eq!(made.status.code(), Some(0), "{}", printed(&made));
    let checked = gate(folder.path(), &["scenario", "check", "captured.yaml"]);
    assert!(printed(&checked).starts_with("captured.yaml: fine. What journal.har captured\n"), "{}", printed(&checked));
    let text = fs::read_to_string(folder.path().join("captured.yaml")).unwrap();
    no_secret(&text, &har);

    let scenario = from_har("journal.har", &har, None).unwrap().scenario;
    let faults: Vec<_> =
        scenario.faults.iter().map(|rule| (&rule["match"]["document"], &rule["then"], &rule["when"])).collect();
    let dead = json!({"status": {"code": 404, "body": "envelope", "error": "not_found"}});
    for (document, then, when) in [
        (
            "doc_1",
            json!({"status": {"code": 503, "body": "envelope", "error": "file_store_unavailable", "retry_after": {"seconds": 1}}}),
            json!({"times": 1}),
        ),
        ("doc_2", dead, json!({"times": 1})),
        ("doc_3", json!({"cut": {"after": 20, "how": "fin", "chunked": false}}), json!({"times": 1})),
        ("doc_4", json!({"redirect": {"status": 307, "to": {"chain": 2}}}), Value::Null),
    ] {
        assert!(faults.contains(&(&json!(document), &then, &when)), "{document}: {faults:#?}");
    }
    assert_eq!((scenario.right_exit, scenario.met.len(), faults.len()), (RightExit::Either, 4, 4));

    let replayed = gate(folder.path(), &["replay", "captured.yaml", "--", env!("REFERENCE_CLIENT")]);
    let shown = printed(&replayed);
    assert_eq!(replayed.status.code(), Some(0), "{shown}");
    for status in ["503", "404", "307"] {
        assert!(shown.contains(status), "{status}: {shown}");
    }
}

/// No key, no token: neither whole nor as the capture shows it.
fn no_secret(text: &str, har: &str) {
    let words = har.split(|c: char| c == '"' || c == '/' || c.is_whitespace());
    let secrets: Vec<_> = words.filter(|word| word.starts_with("cpk_") || word.starts_with("eyJ")).collect();
    assert!(secrets.len() > 3, "the capture has no secrets to look for");
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} stands in {text}");
    }
    assert!(!text.contains("cpk_") && !text.contains("eyJ"), "{text}");
}

/// A browser's entry, with nothing masked.
fn entry(at: &str, path: &str, status: u16, body: &Value) -> Value {
    let text = if body.is_null() { Value::Null } else { json!(body.to_string()) };
    json!({
        "startedDateTime": at, "time": 80.5,
        "request": {"method": "GET", "url": format!("{BASE}{path}"),
                    "headers": [{"name": "Authorization", "value": format!("Bearer {KEY}")}, {"name": "Cookie", "value": "sid=opensesame"}]},
        "response": {"status": status, "headers": [{"name": "Date", "value": "Thu, 15 Jan 2026 09:10:00 GMT"}],
                     "content": {"size": text.as_str().map_or(0, str::len), "mimeType": "application/json; charset=utf-8", "text": text}},
    })
}

fn capture(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "entries": entries}}).to_string()
}

fn made(entries: &[Value]) -> Made {
    let made = from_har("shop.har", &capture(entries), None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.yaml");
    fs::write(&file, &made.text).unwrap();
    Scenarios::with_file(&Catalogue::built_in().unwrap(), &file).unwrap();
    made
}

fn listed(ids: &[&str]) -> Value {
    let items: Vec<_> = ids
        .iter()
        .map(|id| {
            json!({"document_id": id, "type": "STCW", "category": null, "title": format!("Seen by {KEY} {id}"),
                         "issuer": null, "verification_status": "pending", "issue_date": "2023-03-01",
                         "expiry_date": null, "document_number": "opensesame-1"})
        })
        .collect();
    json!({"crew_unique_id": "crew_001", "items": items})
}

#[test]
fn a_browsers_capture_keeps_its_documents_and_loses_its_secrets() {
    let link = json!({"document_id": "doc_a", "download_url": format!("{BASE}/api/v2/files/eyJh.c2VjcmV0LXRva2Vu"),
                      "expires_at": "2026-01-15T09:15:00Z", "content_type": "image/png", "file_name": "a scan.png"});
    let entries = [
        entry("2026-01-15T09:00:00Z", CREW, 200, &listed(&["doc_b", "doc_a"])),
        entry("2026-01-15T09:00:01Z", &format!("{CREW}/doc_a/download"), 200, &link),
        entry("2026-01-15T09:00:02Z", "/api/v2/files/eyJh.c2VjcmV0LXRva2Vu", 0, &Value::Null),
        entry("2026-01-15T09:20:02Z", CREW, 200, &listed(&["doc_a"])),
    ];
    let Made { scenario, text, .. } = made(&entries);
    for secret in [KEY, "eyJh", "c2VjcmV0", "opensesame"] {
        assert!(!text.contains(secret), "{secret} stands in {text}");
    }
    let documents = &scenario.world["crew"][0]["documents"];
    assert_eq!(
        (&documents[0]["id"], &documents[1]["id"]),
        (&json!("doc_a"), &json!("doc_b")),
        "the oldest comes first"
    );
    assert_eq!(documents[0]["file"], json!({"generate": "png", "content_type": "image/png", "name": "a scan.png"}));
    assert_eq!(documents[0]["verification_status"], "pending");
    assert_eq!(scenario.clock, Clock::Ahead("599s".to_owned()));
    let between = [Action::Advance("1200s".to_owned()), Action::Remove { document: "doc_b".to_owned() }];
    assert_eq!(scenario.runs[1].before, between);
    assert_eq!((&scenario.faults[0]["then"], scenario.right_exit), (&json!({"close": true}), RightExit::Refused));
}

#[test]
fn what_is_refused_throughout_is_how_things_stand() {
    let refusal = |code: &str, scope: &str| json!({"error": {"code": code, "message": "no", "scope": scope}});
    let at = "2026-01-15T09:10:00Z";
    let list = |status, code: &str| made(&[entry(at, CREW, status, &refusal(code, "crew:documents:read"))]).scenario;
    assert_eq!(list(401, "invalid_api_key").world["partners"][0]["keys"][0]["revoked"], true);
    assert_eq!(list(403, "api_not_enabled").world["partners"][0]["api_enabled"], false);
    assert_eq!(list(404, "not_found").world["crew"][0]["vessels"], json!([]));
    let granted = list(403, "scope_not_granted").world["partners"][0]["granted_scopes"].clone();
    assert_eq!(granted, json!(["crew:documents:download"]));
    let download = format!("{CREW}/doc_1/download");
    let refused = [
        entry(at, CREW, 200, &listed(&["doc_1"])),
        entry(at, &download, 403, &refusal("scope_not_consented", "crew:documents:download")),
    ];
    let scenario = made(&refused).scenario;
    assert_eq!(scenario.world["crew"][0]["consent"], json!({"prt_1": ["crew:documents:read"]}));
    assert_eq!((scenario.faults.len(), scenario.right_exit), (0, RightExit::Refused));
    // One that passed is a fault.
    let passed = [entry(at, CREW, 401, &refusal("invalid_api_key", "")), entry(at, CREW, 200, &listed(&[]))];
    let scenario = made(&passed).scenario;
    assert_eq!((scenario.faults.len(), scenario.right_exit), (1, RightExit::Either));
}

#[test]
fn a_capture_without_bodies_is_no_silent_success() {
    let folder = tempfile::tempdir().unwrap();
    let said = |link: &Value| {
        let entries = [
            entry("2026-01-15T09:00:00Z", CREW, 200, &listed(&["doc_a"])),
            entry("2026-01-15T09:00:01Z", &format!("{CREW}/doc_a/download"), 200, link),
            entry("2026-01-15T09:00:02Z", "/api/v2/files/eyJh.c2VjcmV0LXRva2Vu", 404, &Value::Null),
        ];
        fs::write(folder.path().join("x.har"), capture(&entries)).unwrap();
        let output = gate(folder.path(), &["scenario", "from-har", "x.har", "--out", "made.yaml"]);
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
        printed(&output)
    };
    let link = json!({"document_id": "doc_a", "download_url": format!("{BASE}/api/v2/files/eyJh.c2VjcmV0LXRva2Vu"),
                      "expires_at": "2026-01-15T09:15:00Z", "content_type": "image/png", "file_name": "a scan.png"});
    assert!(!said(&link).contains("warning"), "{}", said(&link));
    let warned = said(&Value::Null);
    assert!(warned.contains("warning: 1 of its answers with documents or a link"), "{warned}");
}

#[test]
fn what_is_no_capture_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |text: &str, more: &[&str]| {
        fs::write(folder.path().join("x.har"), text).unwrap();
        let output = gate(folder.path(), &[&["scenario", "from-har", "x.har"], more].concat());
        assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
        printed(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(refused("{\"log\": 1}", &[]).contains("this is not HAR 1.2"), "it says what it is not");
    let twice = refused(r#"{"log": {"entries": [], "entries": []}}"#, &[]);
    assert!(twice.contains("this is not HAR 1.2") && twice.contains("entries") && twice.contains("twice"), "{twice}");
    let elsewhere = capture(&[entry("2026-01-15T09:00:00Z", "/login", 200, &json!({}))]);
    assert!(refused(&elsewhere, &[]).contains("this one has requests to https://partners.crewpass.co.uk"));
    let other = CREW.replace("crew_001", "crew_002");
    let at = "2026-01-15T09:00:00Z";
    let two = capture(&[entry(at, CREW, 200, &listed(&[])), entry(at, &other, 200, &listed(&[]))]);
    assert!(refused(&two, &[]).contains("say which with --crew: crew_001, crew_002"));
    assert!(refused(&two, &["--crew", "crew_9"]).contains("no request about `crew_9`"));
    assert_eq!(gate(folder.path(), &["scenario", "from-har", "x.har", "--crew", "crew_002"]).status.code(), Some(0));
    assert!(printed(&gate(folder.path(), &["scenario", "from-har", "no.har"])).contains("can't be read"));
}

#[tokio::test]
async fn troubles_come_back_in_their_order() {
    let at = |second: usize| format!("2026-01-15T09:10:{second:02}Z");
    for statuses in [&[503, 200, 429, 429, 200][..], &[200, 503, 200, 502, 429, 200, 404]] {
        let entries =
            statuses.iter().enumerate().map(|(second, status)| entry(&at(second), CREW, *status, &listed(&[])));
        let scenario = made(&entries.collect::<Vec<_>>()).scenario;
        let mut builder = MockServer::builder();
        for rule in &scenario.faults {
            builder = builder.fault(serde_json::from_value::<Fault>(rule.clone()).unwrap()).unwrap();
        }
        let server = builder.start().await.unwrap();
        let client = http_client();
        let mut met = Vec::new();
        for _ in 0..=statuses.len() {
            let request = client.get(format!("{}{CREW}", server.base())).bearer_auth(server.key().unwrap());
            met.push(request.send().await.unwrap().status().as_u16());
        }
        let last = statuses[statuses.len() - 1];
        assert_eq!(met, [statuses, &[last]].concat(), "what was so to the end stays so");
    }
}
