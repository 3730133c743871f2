//! Sessions: worlds of their own on one server, which never see one another.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::fake::{Answer, CREW, Fake, download, path_of};

/// A session that was opened.
struct Opened {
    id: String,
    key: String,
}

impl Opened {
    fn line(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.key)
    }

    async fn link(&self, fake: &Fake, document: &str) -> String {
        let answer = fake.ask("GET", &download("crew_001", document), &self.line()).await;
        path_of(&answer.url()).to_owned()
    }

    async fn list(&self, fake: &Fake, crew: &str) -> Answer {
        fake.ask("GET", &format!("{CREW}/{crew}/documents"), &self.line()).await
    }

    async fn clock(&self, fake: &Fake, change: &str) {
        fake.done("POST", &format!("/sessions/{}/clock", self.id), change).await;
    }
}

/// Opens a session that has a key named `full`.
async fn open(fake: &Fake, opening: &Value) -> Opened {
    let answer = fake.control("POST", "/sessions", &opening.to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let refusal = answer.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Opened { id: text(&refusal["id"]), key: text(&refusal["keys"]["full"]) }
}

/// A world with one person, who is in no other.
fn small_world() -> Value {
    json!({
        "name": "small",
        "mode": "test",
        "partners": [{
            "id": "prt_s",
            "display_name": "Small",
            "granted_scopes": ["crew:documents:read", "crew:documents:download"],
            "keys": [{"name": "full"}],
        }],
        "vessels": [{"id": "ves_s", "name": "S", "partners": ["prt_s"]}],
        "crew": [{
            "id": "crew_small",
            "name": "S",
            "vessels": ["ves_s"],
            "consent": {"prt_s": ["crew:documents:read", "crew:documents:download"]},
            "documents": [{
                "id": "doc_small", "type": "STCW", "title": "S", "verification_status": "verified",
                "file": {"generate": "pdf"},
            }],
        }],
    })
}

fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn opening_gives_keys_and_where_the_controls_are() {
    let fake = Fake::start(&[]).await;
    let answer = fake.control("POST", "/sessions", "").await;
    assert_eq!(answer.status, 201);
    let opened = answer.json();
    let id = opened["id"].as_str().unwrap();
    assert_eq!(opened["world"], "starter");
    assert!(opened["control"].as_str().unwrap().ends_with(&format!("/__mock/sessions/{id}")), "{opened}");
    let keys = opened["keys"].as_object().unwrap();
    for name in ["full", "no_download", "no_read", "revoked", "wrong_mode", "other", "no_plan"] {
        let key = keys[name].as_str().unwrap();
        let prefix = if name == "wrong_mode" { "cpk_live_" } else { "cpk_test_" };
        assert!(key.starts_with(prefix), "{name}: {key}");
        assert_ne!(Some(key), fake.server.key_of(name).as_deref(), "{name} is a key of the session's own");
    }
    let full = Opened { id: id.to_owned(), key: keys["full"].as_str().unwrap().to_owned() };
    assert_eq!(full.list(&fake, "crew_001").await.status, 200);
    let open = fake.done("GET", "/sessions", "").await;
    let mut ids: Vec<_> = open["sessions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["default", id]);
}

#[tokio::test]
async fn a_key_sees_the_world_of_its_session_only() {
    let fake = Fake::start(&[]).await;
    let small = open(&fake, &json!({"world": small_world()})).await;
    assert_eq!(small.list(&fake, "crew_small").await.ids(), ["doc_small"]);
    assert_eq!(small.list(&fake, "crew_001").await.status_and_code(), refusal(404, "not_found"));
    assert_eq!(fake.list("crew_small").await.status_and_code(), refusal(404, "not_found"));
    assert_eq!(fake.list("crew_001").await.status, 200);
    assert_eq!(fake.get(&download("crew_small", "doc_small")).await.status_and_code(), refusal(404, "not_found"));
    let made = open(&fake, &json!({"world": "starter", "policies": {"dead_link": "410"}})).await;
    assert_eq!(made.list(&fake, "crew_small").await.status_and_code(), refusal(404, "not_found"));
}

#[tokio::test]
async fn what_is_done_to_one_session_is_done_to_no_other() {
    let fake = Fake::start(&[]).await;
    let clock = json!({"clock": "2026-06-08T10:00:00Z"});
    let (first, second) = (open(&fake, &clock).await, open(&fake, &clock).await);
    let of_first = |path: &str| format!("/sessions/{}{path}", first.id);
    let before = fake.list("crew_001").await.ids();
    fake.done("POST", &of_first("/crew/crew_001/documents?supersedes=doc_1"), "another").await;
    fake.done("DELETE", &of_first("/crew/crew_001/documents/doc_2"), "").await;
    fake.done("POST", &of_first("/store"), r#"{"down": true}"#).await;
    fake.done("POST", &of_first("/policies"), r#"{"nullable": "all"}"#).await;
    assert_eq!(second.list(&fake, "crew_001").await.body, fake.list("crew_001").await.body);
    assert_eq!(fake.list("crew_001").await.ids(), before);
    assert_ne!(first.list(&fake, "crew_001").await.ids(), before);
    let status = async |line: &str| fake.ask("GET", &download("crew_001", "doc_3"), line).await.status;
    assert_eq!((status(&first.line()).await, status(&second.line()).await, status(&fake.key()).await), (503, 200, 200));
}

#[tokio::test]
async fn a_clock_is_of_one_session() {
    let fake = Fake::start(&[]).await;
    let session = open(&fake, &json!({"clock": "2026-06-08T10:00:00Z"})).await;
    let (of_session, of_default) = (session.link(&fake, "doc_1").await, fake.link("doc_1").await);
    assert_ne!(of_session, of_default, "at one time, of one count");
    for path in [&of_session, &of_default] {
        assert_eq!(fake.follow(path).await.status, 200);
    }
    session.clock(&fake, r#"{"advance": "16m"}"#).await;
    assert_eq!(fake.follow(&of_session).await.status_and_code(), refusal(404, "not_found"));
    assert_eq!(fake.follow(&of_default).await.status, 200);
    assert_eq!(fake.done("GET", "/clock", "").await["now"], "2026-06-08T10:00:00Z");
    session.clock(&fake, r#"{"advance": "-16m"}"#).await;
    assert_eq!(fake.follow(&of_session).await.status, 200);
}

#[tokio::test]
async fn what_belongs_to_no_open_session_is_404() {
    let fake = Fake::start(&[]).await;
    for id in ["ses_99", "", "DEFAULT", "%2e%2e", "ses_1%2F"] {
        for path in ["/clock", "/store", "/policies"] {
            let refusal = fake.control("GET", &format!("/sessions/{id}{path}"), "").await.status_and_code();
            assert_eq!(refusal, (404, "not_found".to_owned()), "{id}{path}");
        }
        assert!(matches!(fake.control("DELETE", &format!("/sessions/{id}"), "").await.status, 404 | 405), "{id}");
    }
    assert_eq!(fake.control("DELETE", "/sessions/default", "").await.status, 404);
    assert_eq!(fake.list("crew_001").await.status, 200);
}

#[tokio::test]
async fn an_ended_session_leaves_nothing() {
    let fake = Fake::start(&["dead_link=410"]).await;
    let session = open(&fake, &json!({"clock": "2026-06-08T10:00:00Z"})).await;
    let (path, of_default) = (session.link(&fake, "doc_1").await, fake.link("doc_1").await);
    assert_eq!(fake.follow(&path).await.status, 200);
    fake.done("DELETE", &format!("/sessions/{}", session.id), "").await;
    assert_eq!(session.list(&fake, "crew_001").await.status_and_code(), refusal(401, "invalid_api_key"));
    assert_eq!(
        fake.follow(&path).await.status_and_code(),
        refusal(410, "link_expired"),
        "as the default session says it"
    );
    assert_eq!(fake.follow(&of_default).await.status, 200);
    assert_eq!(fake.control("GET", &format!("/sessions/{}/clock", session.id), "").await.status, 404);
    assert_eq!(fake.control("DELETE", &format!("/sessions/{}", session.id), "").await.status, 404);
    // Its id is not given again, so that its links stay dead.
    let next = open(&fake, &json!({"clock": "2026-06-08T10:00:00Z"})).await;
    assert_ne!(next.id, session.id);
    assert_ne!(next.key, session.key);
    assert_eq!(fake.follow(&path).await.status, 410);
}

#[tokio::test]
async fn a_cursor_is_of_use_in_its_own_session_alone_and_dies_with_it() {
    let fake = Fake::start(&[]).await;
    let opening = json!({"clock": "2026-06-08T10:00:00Z"});
    let (first, second) = (open(&fake, &opening).await, open(&fake, &opening).await);
    let pages = "/api/v2/employers/me/fleet?limit=3";
    let page = fake.ask("GET", pages, &first.line()).await.json();
    let further = format!("{pages}&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(fake.ask("GET", &further, &first.line()).await.status, 200);
    let bad = refusal(400, "invalid_cursor");
    assert_eq!(fake.ask("GET", &further, &second.line()).await.status_and_code(), bad);
    fake.done("DELETE", &format!("/sessions/{}", first.id), "").await;
    let third = open(&fake, &opening).await;
    for line in [second.line(), third.line(), fake.key()] {
        assert_eq!(fake.ask("GET", &further, &line).await.status_and_code(), bad);
    }
    let dead = fake.ask("GET", &further, &first.line()).await;
    assert_eq!(dead.status_and_code(), refusal(401, "invalid_api_key"));
}

#[tokio::test]
async fn what_can_not_be_opened_is_told_with_the_choices() {
    let fake = Fake::start(&[]).await;
    for (opening, choices) in [
        (json!({"world": "nowhere"}), ["`served`", "`starter`"]),
        (json!({"policies": {"dead_lnk": "404"}}), ["`dead_lnk`", "did you mean `dead_link`?"]),
        (json!({"policies": {"dead_link": "418"}}), ["`404`", "`410`"]),
        (json!({"wrld": "starter"}), ["`world`", "`policies`"]),
        (json!({"world": {"name": "x", "crw": []}}), ["`crw`", "world:"]),
        (json!({"world": {"generate": {"crew": 1}}}), ["documents", "missing"]),
    ] {
        let answer = fake.control("POST", "/sessions", &opening.to_string()).await;
        assert_eq!(answer.status_and_code(), refusal(400, "bad_request"), "{opening}");
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        for choice in choices {
            assert!(message.contains(choice), "{opening}: {message}");
        }
    }
    assert_eq!(fake.control("POST", "/sessions", "{").await.status, 400);
    let open = fake.done("GET", "/sessions", "").await;
    assert_eq!(open["sessions"].as_array().unwrap().len(), 1, "nothing was opened");
}

/// The life of one of many sessions: its links die by its own clock, and say so by its own policy.
async fn lives_alone(fake: Arc<Fake>, number: u64) -> String {
    let (policy, expected) = [
        ("404", refusal(404, "not_found")),
        ("403", refusal(403, "link_expired")),
        ("410", refusal(410, "link_expired")),
    ][usize::try_from(number % 3).unwrap()]
    .clone();
    let minute = number % 14 + 1;
    let clock = format!("2026-06-{:02}T10:00:00Z", number % 28 + 1);
    let session = open(&fake, &json!({"policies": {"dead_link": policy}, "clock": clock})).await;
    let path = session.link(&fake, "doc_1").await;
    for step in 1..=16 / minute {
        session.clock(&fake, &format!(r#"{{"advance": "{minute}m"}}"#)).await;
        let answer = fake.follow(&path).await;
        if step * minute < 15 {
            assert_eq!(answer.status, 200, "{number} after {step} steps of {minute}m");
        } else {
            assert_eq!(answer.status_and_code(), expected, "{number} after {step} steps of {minute}m");
        }
        assert_eq!(session.list(&fake, "crew_001").await.status, 200);
    }
    session.clock(&fake, r#"{"advance": "15m"}"#).await;
    assert_eq!(fake.follow(&path).await.status_and_code(), expected, "{number}");
    let new = session.link(&fake, "doc_1").await;
    assert_eq!(fake.follow(&new).await.status, 200, "{number}");
    fake.done("DELETE", &format!("/sessions/{}", session.id), "").await;
    assert_eq!(session.list(&fake, "crew_001").await.status, 401, "{number}");
    session.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_sessions_at_once_never_mix() {
    let fake = Arc::new(Fake::start(&[]).await);
    let of_default = fake.link("doc_1").await;
    let mut tasks: JoinSet<String> = (0..50).map(|number| lives_alone(Arc::clone(&fake), number)).collect();
    let mut ids = Vec::new();
    while let Some(id) = tasks.join_next().await {
        ids.push(id.unwrap());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 50);
    assert_eq!(fake.follow(&of_default).await.status, 200);
    assert_eq!(fake.done("GET", "/clock", "").await["now"], "2026-06-08T10:00:00Z");
}

#[tokio::test]
async fn a_test_can_wait_for_a_rule_to_fire_and_for_all_answers_to_be_over() {
    let fake = Fake::start(&[]).await;
    let session = fake.server.session();
    fake.done("POST", "/faults", r#"{"name": "once", "when": {"times": 1}, "then": {"status": 503}}"#).await;
    let fired = session.wait_for_fault("once", 0);
    tokio::pin!(fired);
    tokio::select! {
        biased;
        () = &mut fired => panic!("nothing was asked for yet"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(session.times_fired("once"), 0);
    fake.ask("GET", &format!("{CREW}/crew_001/documents"), "").await;
    let soon = std::time::Duration::from_mins(2);
    tokio::time::timeout(soon, fired).await.unwrap();
    tokio::time::timeout(soon, session.wait_until_idle()).await.unwrap();
    assert_eq!((session.times_fired("once"), session.times_fired("another")), (1, 0));
    assert_eq!(session.exchanges().len(), 1);
}

#[tokio::test]
async fn what_a_client_does_wrong_with_its_link_is_in_its_session() {
    let fake = Fake::start(&[]).await;
    let opened = open(&fake, &json!({"policies": {"dead_link": "410"}})).await;
    let path = opened.link(&fake, "doc_1").await;
    let unsigned = path.split('.').next().unwrap();
    let wrong_signature = format!("{unsigned}.{}", "A".repeat(43));
    for damaged in [unsigned, &wrong_signature, &format!("{unsigned}.x"), &unsigned[..unsigned.len() - 20]] {
        assert_eq!(fake.follow(damaged).await.status_and_code(), refusal(410, "link_expired"), "{damaged}");
    }
    assert_eq!(fake.ask("POST", &path, "Content-Length: 0\r\n").await.status, 405);
    let journal = async |of: &str| fake.done("GET", &format!("{of}/journal?limit=100"), "").await;
    let own = journal(&format!("/sessions/{}", opened.id)).await;
    let statuses: Vec<_> = own["entries"].as_array().unwrap().iter().map(|entry| entry["status"].clone()).collect();
    assert_eq!(statuses, [200, 410, 410, 410, 410, 405].map(Value::from));
    assert_eq!(journal("").await["entries"], json!([]));
}

#[tokio::test]
async fn a_fault_does_not_match_what_a_forged_token_claims() {
    let fake = Fake::start(&[]).await;
    fake.done("POST", "/faults", r#"{"match": {"step": "file", "document": "doc_1"}, "then": {"status": 500}}"#).await;
    let path = fake.link("doc_1").await;
    let forged = format!("{}.{}", path.split('.').next().unwrap(), "A".repeat(43));
    assert_eq!(fake.follow(&forged).await.status_and_code(), refusal(404, "not_found"));
    assert_eq!(fake.follow(&path).await.status, 500);
}

#[tokio::test]
async fn a_session_begins_with_the_policies_of_the_server_and_its_own() {
    let fake = Fake::start(&["dead_link=410", "link_ttl=30s"]).await;
    let session = open(&fake, &json!({"policies": {"link_ttl": "60s"}})).await;
    let path = format!("/sessions/{}/policies", session.id);
    let has = async |dead: &str, life: &str| {
        let policies = fake.done("GET", &path, "").await;
        assert_eq!((policies["dead_link"].as_str(), policies["link_ttl"].as_str()), (Some(dead), Some(life)));
    };
    has("410", "60s").await;
    fake.done("POST", &format!("/sessions/{}/reset", session.id), "").await;
    has("410", "60s").await;
    let elsewhere = open(&fake, &json!({"world": small_world()})).await;
    let policies = fake.done("GET", &format!("/sessions/{}/policies", elsewhere.id), "").await;
    assert_eq!(policies["dead_link"], "410", "{policies}");
}
