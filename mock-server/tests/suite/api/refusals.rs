//! Every refusal, whole: status line, headers in their order, body.

use std::fmt::Write;

use crate::api::wire::{Answer, LIST, bearer, follow, get, get_as, link, link_path, send, set_clock, starter};
use crewpass_mock::MockServer;
use crewpass_mock::session::Reach;
use insta::assert_snapshot;

fn chapter(text: &mut String, title: &str, answer: &Answer) {
    writeln!(text, "# {title}\n{}\n", answer.whole()).unwrap();
}

#[tokio::test]
async fn unauthorized() {
    let fake = starter(&[]).await;
    let full = bearer(&fake, "full");
    let (revoked, text) = (bearer(&fake, "revoked"), &mut String::new());
    for (title, lines) in [
        ("no key", vec![]),
        ("an empty key", vec!["Authorization: Bearer "]),
        ("an unknown key", vec!["Authorization: Bearer cpk_test_00000000000000000000000000000000"]),
        ("a key of the retired prefix", vec!["Authorization: Bearer cppk_51aeb0fc9d2247e8b6d03c74e19f8a25"]),
        ("another scheme", vec!["Authorization: Basic dXNlcjpwYXNz"]),
        ("two Authorization headers", vec![full.as_str(), full.as_str()]),
        ("a revoked key", vec![revoked.as_str()]),
    ] {
        chapter(text, title, &send(&fake, "GET", LIST, &lines).await);
    }
    let key = fake.key_of("full").unwrap();
    let query = format!("{LIST}?api_key={key}");
    chapter(text, "a key in the query", &send(&fake, "GET", &query, &[]).await);
    chapter(text, "a key in a cookie", &send(&fake, "GET", LIST, &[&format!("Cookie: key={key}")]).await);
    assert_snapshot!(text);
}

#[tokio::test]
async fn forbidden() {
    let (fake, text) = (starter(&[]).await, &mut String::new());
    let without_consent = "/api/v2/employers/me/crew/crew_002/documents";
    let lists_only = "/api/v2/employers/me/crew/crew_004/documents/doc_40/download";
    for (title, key, path) in [
        ("mode", "wrong_mode", LIST),
        ("plan", "no_plan", LIST),
        ("scope not granted: list", "no_read", LIST),
        ("scope not granted: link", "no_download", link_path("doc_1").as_str()),
        ("scope not consented: list", "full", without_consent),
        ("scope not consented: link", "full", lists_only),
    ] {
        chapter(text, title, &get_as(&fake, key, path).await);
    }
    assert_snapshot!(text);
}

#[tokio::test]
async fn not_found() {
    let (fake, text) = (starter(&[]).await, &mut String::new());
    let list = |crew: &str| format!("/api/v2/employers/me/crew/{crew}/documents");
    for (title, path) in [
        ("an unknown person", list("crew_nobody")),
        ("a person off the fleet", list("crew_003")),
        ("another partner's", list("crew_900")),
        ("an id that is no UTF-8", list("%ff")),
        ("an id with NUL", list("crew_001%00")),
        ("an id decoded twice", list("crew%255F001")),
        ("an id of another case", list("CREW_001")),
        ("an unknown document", link_path("doc_nope")),
        ("a superseded document", link_path("doc_0")),
        ("another person's document", link_path("doc_20")),
        ("an unknown path", "/api/v2/crew".to_owned()),
        ("a trailing slash", format!("{LIST}/")),
    ] {
        chapter(text, title, &get(&fake, &path).await);
    }
    assert_snapshot!(text);
}

#[tokio::test]
async fn wrong_methods() {
    let (fake, text) = (starter(&[]).await, &mut String::new());
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        chapter(text, method, &send(&fake, method, LIST, &["Content-Length: 0"]).await);
    }
    chapter(text, "on a file", &send(&fake, "POST", "/api/v2/files/eyJ", &["Content-Length: 0"]).await);
    assert_snapshot!(text);
}

/// Takes the sixty requests that one second has, and gives the answer to the next one.
async fn sixty_first(fake: &MockServer) -> Answer {
    for _ in 0..60 {
        assert_eq!(get(fake, LIST).await.status(), 200);
    }
    get(fake, LIST).await
}

#[tokio::test]
async fn rate_limited() {
    let text = &mut String::new();
    for retry_after in ["absent", "seconds", "http_date"] {
        let setting = format!("retry_after={retry_after}");
        let fake = starter(&["rate_limits=on", &setting]).await;
        chapter(text, &setting, &sixty_first(&fake).await);
        set_clock(&fake, "2026-06-08T10:00:00.017Z");
        assert_eq!(get(&fake, LIST).await.status(), 200, "after the wait that was told");
        assert_eq!(get(&fake, LIST).await.status(), 429);
    }
    assert_snapshot!(text);
}

/// The two 503 of a fake whose store is down, the link having been given before.
async fn store_down(fake: &MockServer) -> [Answer; 2] {
    let path = link(fake, "doc_1").await;
    let session = fake.session();
    session.lock().store.link = Reach::Down;
    session.lock().store.file = Reach::Down;
    [get(fake, &link_path("doc_1")).await, follow(fake, &path).await]
}

#[tokio::test]
async fn the_store_is_down() {
    let text = &mut String::new();
    for body in ["envelope", "empty", "html", "text"] {
        let setting = format!("store_down_body={body}");
        let [at_link, at_file] = store_down(&starter(&[&setting]).await).await;
        chapter(text, &format!("{setting}: link"), &at_link);
        chapter(text, &format!("{setting}: file"), &at_file);
    }
    for retry_after in ["seconds", "http_date"] {
        let setting = format!("retry_after={retry_after}");
        let [at_link, at_file] = store_down(&starter(&[&setting]).await).await;
        chapter(text, &format!("{setting}: link"), &at_link);
        chapter(text, &format!("{setting}: file"), &at_file);
    }
    assert_snapshot!(text);
}

#[tokio::test]
async fn dead_links() {
    let text = &mut String::new();
    for status in ["404", "403", "410"] {
        let setting = format!("dead_link={status}");
        let fake = starter(&[&setting]).await;
        let path = link(&fake, "doc_1").await;
        chapter(text, &format!("{setting}: unknown"), &follow(&fake, "/api/v2/files/eyJunknown").await);
        chapter(text, &format!("{setting}: tampered"), &follow(&fake, &format!("{path}A")).await);
        set_clock(&fake, "2026-06-08T10:15:00Z");
        chapter(text, &format!("{setting}: expired"), &follow(&fake, &path).await);
    }
    assert_snapshot!(text);
}

#[tokio::test]
async fn two_keys_and_a_key_where_none_belongs() {
    let (fake, text) = (starter(&["both_keys=refused", "key_on_file=refused"]).await, &mut String::new());
    let key = bearer(&fake, "full");
    let other = format!("X-Partner-API-Key: {}", fake.key_of("other").unwrap());
    chapter(text, "both keys", &send(&fake, "GET", LIST, &[&key, &other]).await);
    let path = link(&fake, "doc_1").await;
    chapter(text, "key on file", &send(&fake, "GET", &path, &[&key]).await);
    assert_snapshot!(text);
}
