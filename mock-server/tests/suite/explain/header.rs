//! `X-Mock-Reason`: there where it was asked for, and without it nothing tells one 404 from another.

use std::collections::BTreeSet;

use crate::support::http_client::http_client;
use crewpass_mock::MockServer;

const CREW: &str = "/api/v2/employers/me/crew";

/// Refused requests, each with the clause that refuses it; all but the last are the plain 404.
const REFUSED: [(&str, &str, &str); 7] = [
    ("full", "/api/v2/nowhere", "route"),
    ("full", "/crew_003/documents", "crew-on-fleet"),
    ("full", "/crew_900/documents", "crew-on-fleet"),
    ("full", "/nobody/documents", "crew-on-fleet"),
    ("full", "/crew_001/documents/doc_0/download", "document-current"),
    ("full", "/api/v2/files/eyJnever", "link-known"),
    ("revoked", "/crew_001/documents", "key"),
];

fn url(fake: &MockServer, path: &str) -> String {
    if path.starts_with("/api/") { format!("{}{path}", fake.base()) } else { format!("{}{CREW}{path}", fake.base()) }
}

async fn fake(on: bool) -> MockServer {
    let builder = MockServer::builder().frozen_at("2026-06-08T10:00:00Z".parse().unwrap());
    builder.explain_header(on).start().await.unwrap()
}

#[tokio::test]
async fn a_refusal_names_its_clause() {
    let fake = fake(true).await;
    for (key, path, clause) in REFUSED {
        let answer = http_client().get(url(&fake, path)).bearer_auth(fake.key_of(key).unwrap()).send().await.unwrap();
        assert_eq!(answer.headers()["x-mock-reason"], clause, "{path}");
    }
    let served = http_client().get(url(&fake, "/crew_001/documents")).bearer_auth(fake.key().unwrap());
    assert!(!served.send().await.unwrap().headers().contains_key("x-mock-reason"));
}

#[tokio::test]
async fn nothing_tells_one_404_from_another_unless_told() {
    let fake = fake(false).await;
    let mut seen = BTreeSet::new();
    for (key, path, _) in &REFUSED[..6] {
        let answer = http_client().get(url(&fake, path)).bearer_auth(fake.key_of(key).unwrap()).send().await.unwrap();
        let status = answer.status();
        let mut headers = answer.headers().clone();
        assert!(headers.remove("x-request-id").is_some());
        let headers: BTreeSet<_> = headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        seen.insert((status, headers, answer.text().await.unwrap()));
    }
    assert_eq!(seen.len(), 1, "{seen:#?}");
}
