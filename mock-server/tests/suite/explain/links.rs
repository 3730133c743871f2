//! Dead links: each way to die has its clause and its words, and the explanation spends nothing.

use crewpass_mock::MockServer;
use crewpass_mock::session::{Reach, Store};
use crewpass_mock::world::Shared;
use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};

use crate::explain::ask::{CREW, agree, explained, get};
use crate::support::http_client::{http_client, http_client_builder};

async fn fake(settings: &[&str]) -> MockServer {
    let builder = MockServer::builder().frozen_at("2026-06-08T10:00:00Z".parse().unwrap());
    let builder = settings.iter().fold(builder, |builder, setting| builder.policy_from(setting).unwrap());
    builder.start().await.unwrap()
}

async fn link(client: &Client, fake: &MockServer, key: &str) -> String {
    let path = format!("{}{CREW}/crew_001/documents/doc_1/download", fake.base());
    let answer: Value = client.get(path).bearer_auth(key).send().await.unwrap().json().await.unwrap();
    answer["download_url"].as_str().unwrap().to_owned()
}

/// Follows the link as it stands after `change`, and checks the clause and a word of why.
async fn dies(settings: &[&str], clause: &str, word: &str, change: impl AsyncFnOnce(&MockServer, &mut String)) {
    let (fake, client) = (fake(settings).await, http_client());
    let mut url = link(&client, &fake, &fake.key().unwrap()).await;
    agree(&client, &fake, &get(&url, None)).await;
    change(&fake, &mut url).await;
    let report = agree(&client, &fake, &get(&url, None)).await;
    assert_eq!(report["decided_by"], clause, "{report:#}");
    let why = report["why"].as_str().unwrap();
    assert!(why.contains(word), "{why}");
    assert!(!report["would_pass"].as_array().unwrap().is_empty(), "{report:#}");
    let token = url.rsplit('/').next().unwrap();
    assert!(token.len() < 20 || !report.to_string().contains(token), "the token is shown: {report:#}");
}

#[tokio::test]
async fn each_death_is_told() {
    let expired = async |fake: &MockServer, _: &mut String| {
        fake.advance(std::time::Duration::from_mins(16)).unwrap();
    };
    dies(&["dead_link=410"], "link-alive", "expired at 2026-06-08T10:15:00Z", expired).await;
    dies(&[], "link-known", "signature", async |_, url| {
        let last = if url.ends_with('A') { "B" } else { "A" };
        url.replace_range(url.len() - 1.., last);
    })
    .await;
    dies(&[], "link-known", "can't be read", async |_, url| url.truncate(url.rfind('/').unwrap() + 10)).await;
    dies(&["dead_link=403"], "link-version", "was removed", async |fake, _| {
        fake.session().remove_document("crew_001", "doc_1").unwrap();
    })
    .await;
    dies(&["link_after_reupload=dead"], "link-version", "superseded by doc_u1", async |fake, _| {
        let url = format!("{}/__mock/crew/crew_001/documents?supersedes=doc_1", fake.base());
        assert!(http_client().post(url).body("new").send().await.unwrap().status().is_success());
    })
    .await;
    dies(&["recheck_on_follow=dead"], "link-ground", "fleet", async |fake, _| {
        let position = fake.session().lock().position("crew_001").unwrap();
        fake.session().lock().crew_mut(position).vessels = Shared::default();
    })
    .await;
    dies(&["store_down_at=file"], "store-reachable", "2 more", async |fake, _| {
        fake.session().lock().store = Store { link: Reach::Up, file: Reach::DownFor(2) };
    })
    .await;
}

#[tokio::test]
async fn a_link_that_is_good_once_is_not_spent_by_asking_why() {
    let (fake, client) = (fake(&["link_use=once"]).await, http_client());
    let url = link(&client, &fake, &fake.key().unwrap()).await;
    assert_eq!(agree(&client, &fake, &get(&url, None)).await["decided_by"], "served");
    let report = agree(&client, &fake, &get(&url, None)).await;
    assert_eq!(report["decided_by"], "link-unspent");
    assert!(report["why"].as_str().unwrap().contains("has been used"), "{report:#}");
}

#[tokio::test]
async fn a_redirect_and_a_key_that_is_refused() {
    let client = http_client_builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let fake = fake(&["file_redirect=307x2", "key_on_file=refused"]).await;
    let url = link(&client, &fake, &fake.key().unwrap()).await;
    assert_eq!(agree(&client, &fake, &get(&url, None)).await["status"], 307);
    assert_eq!(agree(&client, &fake, &get(&url, fake.key().as_deref())).await["decided_by"], "key-on-file");
}

#[tokio::test]
async fn the_token_and_the_key_pick_their_session() {
    let (fake, client) = (fake(&[]).await, http_client());
    let opened = client.post(format!("{}/__mock/sessions", fake.base())).json(&json!({})).send().await.unwrap();
    let opened: Value = opened.json().await.unwrap();
    let (id, key) = (opened["id"].as_str().unwrap(), opened["keys"]["full"].as_str().unwrap());
    let url = link(&client, &fake, key).await;
    for asked in [get(&url, None), get("/api/v2/partners/me", Some(key))] {
        let report = explained(&client, &fake, "", &asked).await;
        assert_eq!((&report["session"], &report["decided_by"]), (&json!(id), &json!("served")));
        let report = explained(&client, &fake, "/sessions/default", &asked).await;
        assert!(report["why"].as_str().unwrap().contains(id), "{report:#}");
    }
    let closed = client.delete(format!("{}/__mock/sessions/{id}", fake.base())).send().await.unwrap();
    assert_eq!(closed.status(), 200);
    let report = agree(&client, &fake, &get(&url, None)).await;
    assert!(report["why"].as_str().unwrap().contains("not open"), "{report:#}");
    assert_eq!(fake.session().lock().clock.now(Timestamp::now()).to_string(), "2026-06-08T10:00:00Z");
}
