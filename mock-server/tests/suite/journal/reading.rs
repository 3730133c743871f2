//! What an entry says, its place in the order, filters, and what makes room.

use std::sync::Arc;

use crewpass_mock::token::{Claims, payload};
use serde_json::{Value, json};

use crate::support::fake::{CREW, Fake, download};

/// The journal, read with a query.
pub(crate) async fn journal(fake: &Fake, query: &str) -> Value {
    fake.done("GET", &format!("/journal{query}"), "").await
}

/// One field of every entry.
pub(crate) fn each(journal: &Value, field: &str) -> Vec<Value> {
    journal["entries"].as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
}

#[tokio::test]
async fn an_entry_says_what_was_asked_answered_and_why() {
    let fake = Fake::start(&[]).await;
    let answer = fake.list("crew_003").await;
    let page = journal(&fake, "").await;
    let mut entry = page["entries"][0].clone();
    let real = entry.as_object_mut().unwrap().remove("real").unwrap();
    assert!(real["ms"].as_f64().unwrap() >= real["wait_ms"].as_f64().unwrap(), "{real}");
    assert!(real["connection"] == 1 && real["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{real}");
    let headers: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "connection").collect();
    let key = fake.server.key().unwrap();
    let masked = format!("cpk_test_…{}", &key[key.len() - 4..]);
    let expected = json!({
        "seq": 1, "kind": "exchange", "at": "2026-06-08T10:00:00Z", "step": "list", "method": "GET",
        "target": format!("{CREW}/crew_003/documents"), "crew": "crew_003", "document": null, "key": masked,
        "status": 404, "faults": [], "leaks": [], "bytes": answer.body.len(), "whole": true, "http": "HTTP/1.1",
        "clause": {
            "id": "crew-on-fleet", "source": "P",
            "text": "A person who is not on the partner's fleet is 404, never 403.",
        },
        "request_id": answer.header("x-request-id"),
        "request_headers": [
            ["host", "fake.test"], ["authorization", format!("Bearer {masked}")], ["connection", "close"],
        ],
        "response_headers": headers,
    });
    assert_eq!(entry, expected);
    assert_eq!((&page["next"], &page["open"], &page["dropped"]), (&json!(2), &json!(0), &json!(0)));
}

#[tokio::test]
async fn a_place_behind_the_last_entry_has_none() {
    let fake = Fake::start(&[]).await;
    fake.list("crew_001").await;
    for since in [2, 3, u64::MAX - 1, u64::MAX] {
        let read = journal(&fake, &format!("?since={since}")).await;
        assert_eq!((read["entries"].as_array().unwrap().len(), &read["next"]), (0, &json!(2)), "{since}");
    }
}

#[tokio::test]
async fn every_step_and_what_is_no_endpoint_has_its_entry() {
    let fake = Fake::start(&[]).await;
    fake.get("/api/v2/partners/me").await;
    fake.list("crew_001").await;
    let link = fake.link("doc_1").await;
    fake.follow(&link).await;
    fake.get("/nowhere").await;
    let page = journal(&fake, "").await;
    assert_eq!(each(&page, "step"), ["me", "list", "link", "file", "none"]);
    assert_eq!(each(&page, "document"), [json!(null), json!(null), json!("doc_1"), json!("doc_1"), json!(null)]);
    assert_eq!(each(&page, "crew")[3], "crew_001", "a link says whose document it is for");
    let clauses: Vec<_> = each(&page, "clause").iter().map(|clause| clause["id"].clone()).collect();
    assert_eq!(clauses, ["served", "served", "served", "served", "route"]);
}

#[tokio::test]
async fn each_filter_leaves_what_fits() {
    let fake = Fake::start(&[]).await;
    fake.list("crew_001").await; // 1
    fake.list("crew_002").await; // 2: 403
    let link = fake.link("doc_1").await; // 3
    fake.ask("GET", &link, &fake.key()).await; // 4: leaks
    fake.get(&download("crew_001", "doc_0")).await; // 5: 404
    fake.ask("GET", &format!("{CREW}/crew_001/documents"), "Authorization: Bearer cpk_test_0000000000abcd\r\n").await; // 6
    fake.done("POST", "/clock", r#"{"advance": "1s"}"#).await; // 7
    for (query, expected) in [
        ("step=file", &[4][..]),
        ("status=404", &[5]),
        ("status=4xx", &[2, 5, 6]),
        ("clause=scope-consented", &[2]),
        ("crew=crew_002", &[2]),
        ("document=doc_1", &[3, 4]),
        ("key=abcd", &[6]),
        ("leaks=true", &[4]),
        ("step=list&leaks=false", &[1, 2, 6]),
        ("fault=none", &[]),
        ("change=clock", &[7]),
        ("since=5", &[5, 6, 7]),
        ("limit=2", &[1, 2]),
        ("since=2&status=2xx&limit=1", &[3]),
    ] {
        let page = journal(&fake, &format!("?{query}")).await;
        assert_eq!(each(&page, "seq"), expected, "{query}");
    }
    let first = journal(&fake, "?limit=3").await;
    let rest = journal(&fake, &format!("?since={}", first["next"])).await;
    assert_eq!(each(&rest, "seq"), [4, 5, 6, 7]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_told() {
    let fake = Fake::start(&[]).await;
    for query in ["clause=nothing", "status=9xx", "status=x", "wait=forever", "wait=6m", "stp=list", "since=-1"] {
        let answer = fake.control("GET", &format!("/journal?{query}"), "").await;
        assert_eq!(answer.status_and_code(), (400, "bad_request".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn the_oldest_make_room_and_are_counted() {
    let fake = Fake::built(&[], |builder| builder.journal(3)).await;
    for _ in 0..5 {
        fake.list("crew_001").await;
    }
    let page = journal(&fake, "").await;
    assert_eq!(each(&page, "seq"), [3, 4, 5]);
    assert_eq!((&page["dropped"], &page["next"]), (&json!(2), &json!(6)));
    assert_eq!(fake.done("DELETE", "/journal", "").await, json!({"cleared": 3}));
    fake.list("crew_001").await;
    let page = journal(&fake, "").await;
    assert_eq!((each(&page, "seq"), &page["dropped"]), (vec![json!(6)], &json!(0)));
}

#[tokio::test]
async fn a_journal_that_is_off_says_so() {
    let fake = Fake::built(&[], |builder| builder.journal(0)).await;
    assert_eq!(fake.list("crew_001").await.status, 200);
    for path in ["/journal", "/journal.har", "/journal/stream"] {
        let answer = fake.control("GET", path, "").await;
        assert_eq!(answer.status_and_code(), (404, "not_found".to_owned()), "{path}");
        assert!(
            answer.json()["error"]["message"].as_str().unwrap().contains("journal of this session is off"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_session_has_a_journal_of_its_own() {
    let fake = Fake::start(&[]).await;
    let session = fake.done("POST", "/sessions", r#"{"journal": 1}"#).await;
    let key = format!("Authorization: Bearer {}\r\n", session["keys"]["full"].as_str().unwrap());
    fake.list("crew_001").await;
    for person in ["crew_002", "crew_003"] {
        fake.ask("GET", &format!("{CREW}/{person}/documents"), &key).await;
    }
    let page = fake.done("GET", "/sessions/ses_1/journal", "").await;
    assert_eq!((each(&page, "crew"), &page["dropped"]), (vec![json!("crew_003")], &json!(1)));
    assert_eq!(each(&journal(&fake, "").await, "crew"), ["crew_001"]);
}

#[tokio::test]
async fn the_order_is_that_of_the_decisions() {
    let fake = Arc::new(Fake::start(&[]).await);
    let asked = (0..64).map(|_| {
        let fake = Arc::clone(&fake);
        tokio::spawn(
            async move { fake.get(&download("crew_001", "doc_1")).await.header("x-request-id").map(str::to_owned) },
        )
    });
    let mut ids = Vec::new();
    for asked in asked.collect::<Vec<_>>() {
        ids.push(asked.await.unwrap().unwrap());
    }
    let page = journal(&fake, "").await;
    assert_eq!(each(&page, "seq"), (1..=64).map(Value::from).collect::<Vec<_>>());
    // The serial of a link is counted under the same lock: a later place has a later serial.
    let exchanges = fake.server.session().exchanges();
    let serials: Vec<u64> = exchanges.iter().map(|exchange| serial(exchange.raw_json_body().unwrap())).collect();
    assert_eq!(serials, (1..=64).collect::<Vec<_>>());
    let mut known: Vec<_> = each(&page, "request_id").iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    known.sort();
    ids.sort();
    assert_eq!(known, ids);
}

fn serial(body: &[u8]) -> u64 {
    let link: Value = serde_json::from_slice(body).unwrap();
    let token = link["download_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    Claims::read(&payload(&token).unwrap()).unwrap().serial
}

#[tokio::test]
async fn the_same_requests_give_the_same_journal() {
    let mut page = Vec::new();
    for _ in 0..2 {
        let fake = Fake::start(&[]).await;
        fake.list("crew_001").await;
        let link = fake.link("doc_1").await;
        fake.ask("HEAD", &link, "").await;
        fake.follow(&link).await;
        fake.done("POST", "/clock", r#"{"advance": "16m"}"#).await;
        fake.follow(&link).await;
        let mut journal = journal(&fake, "").await;
        for entry in journal["entries"].as_array_mut().unwrap() {
            entry.as_object_mut().unwrap().remove("real");
        }
        page.push(journal.to_string());
    }
    assert_eq!(page[0], page[1]);
    assert!(page[0].contains("link-alive"), "{}", page[0]);
}
