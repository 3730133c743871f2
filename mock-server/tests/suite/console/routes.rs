//! The pages and the reads that they need, without a browser.

use serde_json::json;

use crate::support::fake::{Answer, Fake, download, send};

async fn ask(fake: &Fake, method: &str, path: &str, lines: &str) -> Answer {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}Connection: close\r\n\r\n");
    send(fake.server.address(), &request).await
}

const BROWSER: &str = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";

#[tokio::test]
async fn only_a_browser_is_led_from_the_root_to_the_console() {
    let fake = Fake::start(&[]).await;
    let led = ask(&fake, "GET", "/", BROWSER).await;
    assert_eq!((led.status, led.header("location"), led.header("vary")), (307, Some("__mock/"), Some("accept")));
    for (method, lines) in [("GET", ""), ("GET", "Accept: */*\r\n"), ("POST", BROWSER), ("HEAD", "")] {
        let other = ask(&fake, method, "/", lines).await;
        assert_eq!((other.status, other.header("location")), (404, None), "{method} {lines}");
    }
    // A browser that may not use the control API learns nothing of it.
    let proxied = format!("{BROWSER}X-Forwarded-For: 192.0.2.1\r\n");
    let refused = ask(&fake, "GET", "/", &proxied).await;
    let unknown = ask(&fake, "GET", "/", "").await;
    assert_eq!((refused.status, refused.json()), (404, unknown.json()));
    let journal = ask(&fake, "GET", "/__mock/journal", "").await.json();
    assert_eq!(journal["entries"].as_array().unwrap().len(), 6, "only what was refused is an entry");
}

#[tokio::test]
async fn the_files_of_the_console_are_served_with_their_types() {
    let fake = Fake::start(&[]).await;
    for (path, kind) in [
        ("", "text/html; charset=utf-8"),
        ("reference", "text/html; charset=utf-8"),
        ("console.css", "text/css; charset=utf-8"),
        ("console.js", "text/javascript; charset=utf-8"),
    ] {
        let file = ask(&fake, "GET", &format!("/__mock/{path}"), "").await;
        assert_eq!((file.status, file.header("content-type")), (200, Some(kind)), "{path}");
        let policy = file.header("content-security-policy").unwrap();
        assert!(!policy.contains("unsafe") && policy.contains("script-src 'self'"), "{policy}");
    }
}

#[tokio::test]
async fn the_world_shows_what_was_changed() {
    let fake = Fake::start(&[]).await;
    let world = ask(&fake, "GET", "/__mock/world?find=KOVA", "").await.json();
    assert_eq!((&world["crew_matching"], &world["crew"][0]["id"]), (&json!(1), &json!("crew_001")));
    assert_eq!(
        world["endpoints"][0],
        json!({"name": "me", "method": "GET", "path": "/api/v2/partners/me", "scope": null})
    );
    let keys = world["partners"][0]["keys"].as_array().unwrap();
    let no_download = keys.iter().find(|key| key["name"] == "no_download").unwrap();
    assert_eq!(no_download["granted_scopes"], json!(["vessels:fleet:read", "crew:documents:read"]));
    fake.done("POST", "/keys/full", r#"{"revoked": true}"#).await;
    fake.done("POST", "/crew/crew_001", r#"{"vessels": []}"#).await;
    fake.done("POST", "/crew/crew_001/documents/doc_1", r#"{"verification_status": "rejected"}"#).await;
    let world = ask(&fake, "GET", "/__mock/world?limit=1", "").await.json();
    assert_eq!((&world["partners"][0]["keys"][0]["revoked"], &world["crew"][0]["vessels"]), (&json!(true), &json!([])));
    let documents = world["crew"][0]["documents"].as_array().unwrap();
    let old = documents.iter().find(|one| one["id"] == "doc_0").unwrap();
    let new = documents.iter().find(|one| one["id"] == "doc_1").unwrap();
    assert_eq!((&old["current"], &old["version"]), (&json!(false), &json!(1)));
    assert_eq!(
        (&new["verification_status"], &new["version"], &new["supersedes"]),
        (&json!("rejected"), &json!(2), &json!("doc_0"))
    );
    assert_eq!(world["crew"].as_array().unwrap().len(), 1);
    assert_eq!(ask(&fake, "GET", "/__mock/world?limit=1001", "").await.status, 400);
}

#[tokio::test]
async fn an_entry_of_the_journal_is_explained_as_it_was_sent() {
    let fake = Fake::start(&[]).await;
    let list = "/api/v2/employers/me/crew/crew_003/documents";
    ask(&fake, "GET", list, "Authorization: Bearer cpk_test_unknown_key_of_nobody\r\n").await;
    let known = format!("X-Partner-API-Key: {}\r\n", fake.server.key().unwrap());
    ask(&fake, "GET", list, &known).await;
    let explained = async |query: &str| ask(&fake, "GET", &format!("/__mock/explain?target={list}&{query}"), "").await;
    let unknown = explained("entry=1").await;
    assert_eq!((&unknown.json()["status"], unknown.header("x-mock-reason")), (&json!(401), Some("key")));
    let off_fleet = explained("entry=2").await;
    assert_eq!((&off_fleet.json()["status"], &off_fleet.json()["decided_by"]), (&json!(404), &json!("crew-on-fleet")));
    assert_eq!(explained("entry=3").await.status, 404);
    // The journal masks the key, so without the entry the request has none.
    assert_eq!(explained("method=GET").await.json()["status"], 401);
    // The entry has the path, so no `target` is needed.
    assert_eq!(ask(&fake, "GET", "/__mock/explain?entry=2", "").await.json()["decided_by"], "crew-on-fleet");
    assert_eq!(ask(&fake, "GET", "/__mock/explain", "").await.status, 400);
}

#[tokio::test]
async fn links_are_listed_with_what_they_would_give_now() {
    let fake = Fake::start(&[]).await;
    let link = fake.link("doc_1").await;
    let links = ask(&fake, "GET", "/__mock/links", "").await;
    assert!(!String::from_utf8_lossy(&links.body).contains(link.rsplit('/').next().unwrap()), "a token is shown");
    let first = &links.json()["links"][0];
    assert_eq!((&first["crew"], &first["document"]), (&json!("crew_001"), &json!("doc_1")));
    assert_eq!((&first["status"], &first["decided_by"]), (&json!(200), &json!("served")));
    fake.done("POST", "/clock", r#"{"advance": "16m"}"#).await;
    let later = ask(&fake, "GET", "/__mock/links", "").await.json();
    assert_eq!(later["links"][0]["status"], 404);
    fake.done("POST", "/faults", r#"{"then": {"link": "https://cdn.invalid/{token}"}}"#).await;
    assert_eq!(fake.get(&download("crew_001", "doc_2")).await.status, 200);
    let foreign = &ask(&fake, "GET", "/__mock/links", "").await.json()["links"][0];
    assert_eq!((&foreign["document"], &foreign["status"]), (&json!("doc_2"), &json!(404)));
}

#[tokio::test]
async fn policies_come_with_their_choices() {
    let fake = Fake::start(&[]).await;
    fake.done("POST", "/policies", r#"{"dead_link": "410"}"#).await;
    let all = ask(&fake, "GET", "/__mock/policies/choices", "").await.json();
    let policy =
        |name: &str| all["policies"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
    let dead = json!({"name": "dead_link", "title": "Status of a dead link.", "value": "410", "default": "404",
        "values": ["404", "403", "410"], "choices": "`404`, `403`, `410`"});
    assert_eq!(policy("dead_link"), dead);
    assert_eq!(
        (&policy("link_ttl")["values"], &policy("link_ttl")["title"]),
        (&json!(null), &json!("The lifetime of a link."))
    );
    assert!(all["policies"].as_array().unwrap().iter().all(|one| one["title"].is_string()), "{all}");
}

#[tokio::test]
async fn answers_in_json_end_with_a_newline() {
    let fake = Fake::start(&[]).await;
    for path in ["clock", "journal.har", "sessions", "openapi.json", "nothing"] {
        let path = format!("/__mock/{path}");
        let answer = ask(&fake, "GET", &path, "").await;
        assert!(answer.body.ends_with(b"}\n") && !answer.body.ends_with(b"\n\n"), "{path}");
        let length = answer.header("content-length").map(str::to_owned);
        assert_eq!(length, Some(answer.body.len().to_string()), "{path}");
        let head = ask(&fake, "HEAD", &path, "").await;
        assert_eq!((head.header("content-length").map(str::to_owned), &*head.body), (length, b"".as_slice()), "{path}");
    }
}
