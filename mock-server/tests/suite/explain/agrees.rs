//! An explanation and the answer that then comes, held to one another over everything that can be wrong.

use std::collections::BTreeSet;

use crewpass_mock::MockServer;
use crewpass_mock::session::{Reach, Store};

use crate::explain::ask::{Asked, CREW, agree, get};
use crate::support::http_client::http_client;

const KEYS: [&str; 9] =
    ["full", "no_download", "no_read", "revoked", "wrong_mode", "other", "no_plan", "unknown", "none"];
const PEOPLE: [&str; 7] = ["crew_001", "crew_002", "crew_003", "crew_004", "crew_005", "crew_900", "nobody"];
const DOCUMENTS: [Option<&str>; 5] = [None, Some("doc_1"), Some("doc_0"), Some("doc_40"), Some("doc_none")];

async fn fake(settings: &[&str]) -> MockServer {
    let builder = MockServer::builder().frozen_at("2026-06-08T10:00:00Z".parse().unwrap());
    let builder = settings.iter().fold(builder, |builder, setting| builder.policy_from(setting).unwrap());
    builder.start().await.unwrap()
}

fn key(fake: &MockServer, name: &str) -> Option<String> {
    match name {
        "none" => None,
        "unknown" => Some("cpk_test_ffffffffffff".to_owned()),
        name => fake.key_of(name),
    }
}

fn target(crew: &str, document: Option<&str>) -> String {
    document.map_or_else(
        || format!("{CREW}/{crew}/documents"),
        |document| format!("{CREW}/{crew}/documents/{document}/download"),
    )
}

#[tokio::test]
async fn over_keys_people_documents_and_the_store() {
    let client = http_client();
    let mut decided = BTreeSet::new();
    for settings in [&[][..], &["superseded_document=current", "retry_after=seconds"]] {
        let fake = fake(settings).await;
        for reach in [Reach::Up, Reach::Down, Reach::DownFor(1)] {
            for name in KEYS {
                for (crew, document) in PEOPLE.iter().flat_map(|crew| DOCUMENTS.map(|document| (*crew, document))) {
                    fake.session().lock().store = Store { link: reach, file: reach };
                    let asked = get(&target(crew, document), key(&fake, name).as_deref());
                    let report = agree(&client, &fake, &asked).await;
                    decided.insert(report["decided_by"].as_str().unwrap().to_owned());
                }
            }
        }
    }
    let all = ["key", "mode", "plan", "scope-granted", "crew-on-fleet", "scope-consented", "document-current"];
    for clause in all.into_iter().chain(["store-reachable", "served"]) {
        assert!(decided.contains(clause), "{clause} decided nothing: {decided:?}");
    }
}

#[tokio::test]
async fn over_paths_and_methods() {
    let (fake, client) = (fake(&[]).await, http_client());
    let list = target("crew_001", None);
    let paths = [
        "/",
        "/api",
        "/api/v2",
        "/api/v2/partners/me",
        "/api/v2/partners/me/",
        "/api/v2//partners/me",
        "/api/v2/files/",
        "/api/v2/files/x",
        "/api/v2/files/x/y",
        "/api/v2/files/eyJ%2F",
        "/API/v2/partners/me",
        "/api/v2/employers/me/crew//documents",
        "/api/v2/employers/me/crew/%20/documents",
        "/api/v2/employers/me/crew/crew%5F001/documents",
        "/api/v2/employers/me/crew/a%2Fb/documents",
        "/api/v2/employers/me/crew/%ff/documents?a=b",
        "/api/v2/employers/me/crew/crew_001/documents/doc_1",
        "/api/v2/employers/me/crew/crew_001/documents//download",
    ];
    let mut decided = BTreeSet::new();
    for path in paths.into_iter().chain([list.as_str(), &format!("{list}/"), &target("crew_001", Some("doc_1"))]) {
        for method in ["GET", "HEAD", "POST", "DELETE", "PURGE"] {
            let asked = Asked { method, ..get(path, fake.key().as_deref()) };
            decided.insert(agree(&client, &fake, &asked).await["decided_by"].as_str().unwrap().to_owned());
        }
    }
    assert!(decided.is_superset(&["route", "method", "served", "link-known"].map(str::to_owned).into()), "{decided:?}");
}

#[tokio::test]
async fn where_the_limiter_stands_and_runs_dry() {
    let client = http_client();
    for position in ["before_key", "after_scope"] {
        let fake = fake(&["rate_limits=on", &format!("limiter_position={position}")]).await;
        for name in ["none", "revoked", "no_read", "full"] {
            let asked = get(&target("crew_003", None), key(&fake, name).as_deref());
            for _ in 0..62 {
                let report = agree(&client, &fake, &asked).await;
                let clauses: Vec<_> =
                    report["checks"].as_array().unwrap().iter().map(|check| &check["clause"]).collect();
                let place = |clause: &str| clauses.iter().position(|known| *known == clause);
                let first = place("rate-limit") < place("key");
                assert_eq!(first, position == "before_key", "{report:#}");
            }
        }
    }
}
