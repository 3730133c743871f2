//! The fake keeps what it fakes: every clause is exercised, and none is broken.

use crewpass_contract::outcome::Outcome;
use crewpass_contract::server::{Options, clauses};
use http::HeaderValue;

use crate::server::bugs::bug;
use crate::server::harness::{all_but_limits, expectation, fake, ids_with, limited_fake, options, outcomes};
use crate::server::proxy::{Memory, Passing, serve};
use crate::support::http_client::http_client;

#[tokio::test]
async fn the_fake_passes_with_every_clause_exercised() {
    let fake = fake().await;
    let outcomes = outcomes(&fake.base(), &expectation(), &options(&fake), &all_but_limits()).await;
    let rest: Vec<_> = outcomes.iter().filter(|(_, (outcome, _))| *outcome != Outcome::Pass).collect();
    assert!(rest.is_empty(), "{rest:#?}");
    assert_eq!(outcomes["CPS-LINK-09"].1, "this server answers a dead link with 404 `not_found`");
}

#[tokio::test]
async fn the_server_is_put_back_afterwards() {
    let fake = fake().await;
    outcomes(&fake.base(), &expectation(), &options(&fake), &[]).await;
    let again = outcomes(&fake.base(), &expectation(), &options(&fake), &all_but_limits()).await;
    assert_eq!(ids_with(&again, Outcome::Fail), [""; 0]);
}

#[tokio::test]
async fn a_burst_meets_the_limit_if_there_is_one() {
    let wanted: Vec<_> = clauses().unwrap().into_iter().filter(|clause| clause.area() == "RATE").collect();
    let expectation = "keys: {full: {key: none}, limited: {key: cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25}}\n\
                crew: {crew_001: {fleet: true, documents: [{document_id: doc_1}]}}\n";
    for (policy, outcome) in [("on", Outcome::Pass), ("off", Outcome::Fail)] {
        let fake = limited_fake(policy).await;
        let options = Options { rate: 10_000, limits: true, control: Some(fake.base()), ..Options::default() };
        let outcomes = outcomes(&fake.base(), expectation, &options, &wanted).await;
        assert_eq!(outcomes["CPS-RATE-01"].0, outcome, "{policy}: {outcomes:?}");
        let rest = if policy == "on" { Outcome::Pass } else { Outcome::NotExercised };
        for id in ["CPS-RATE-02", "CPS-RATE-03", "CPS-RATE-04"] {
            assert_eq!(outcomes[id].0, rest, "{id} {policy}: {outcomes:?}");
        }
    }
}

#[tokio::test]
async fn a_promise_is_not_judged_by_a_clock_that_stands_still() {
    let fake = limited_fake("on").await;
    let expectation = "keys: {full: {key: none}, limited: {key: cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25}}\n\
                crew: {crew_001: {fleet: true}}\n";
    let options = Options { rate: 10_000, limits: true, ..Options::default() };
    let outcomes = outcomes(&fake.base(), expectation, &options, &clauses().unwrap()).await;
    assert_eq!(outcomes["CPS-RATE-04"].0, Outcome::NotExercised, "{outcomes:?}");
}

#[tokio::test]
async fn a_date_that_does_not_follow_the_clock_lever_is_no_wrong_lifetime() {
    // As a proxy in front of the server sets it: the first Date, whatever the clock of the server says.
    let fake = fake().await;
    let real_date = |passing: &mut Passing, memory: &mut Memory| {
        let date = passing.headers["date"].as_bytes().to_vec();
        let first = memory.entry("date".to_owned()).or_insert(date);
        passing.headers.insert("date", HeaderValue::from_bytes(first).unwrap());
    };
    let base = serve(&fake.base(), bug("date-of-a-proxy", real_date, &[])).await;
    let outcomes = outcomes(&base, &expectation(), &options(&fake), &all_but_limits()).await;
    assert_eq!(ids_with(&outcomes, Outcome::Fail), [""; 0], "{outcomes:#?}");
}

#[tokio::test]
async fn what_the_report_asks_for_is_enough() {
    let fake = fake().await;
    let base = "keys: {full: {key: cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25}";
    let no_download = "no_download: {key: cpk_test_d1f6541c60493d903e71ffab14f0a416, granted: [crew:documents:read]}";
    let on = "crew_001: {fleet: true, consented: [crew:documents:read, crew:documents:download]}";
    let closed = "crew_002: {fleet: true, consented: []}";
    let options = Options { rate: 10_000, ..Options::default() };
    for (id, keys, crew) in [
        ("CPS-ORDER-05", "", closed),
        ("CPS-ORDER-03", no_download, "crew_002: {fleet: true, consented: [], documents: [{document_id: doc_10}]}"),
        ("CPS-DOC-03", "", "crew_004: {fleet: true, documents: [{document_id: doc_20}]}"),
        (
            "CPS-DOC-02",
            "",
            "crew_001: {fleet: true, consented: [crew:documents:read, crew:documents:download], superseded: [doc_0]}",
        ),
    ] {
        let on = if crew.starts_with("crew_001") { "crew_003: {fleet: false}" } else { on };
        let expectation = format!("{base}, {keys}}}\ncrew: {{{on}, {crew}}}\n");
        let outcomes = outcomes(&fake.base(), &expectation, &options, &clauses().unwrap()).await;
        assert_eq!(outcomes[id].0, Outcome::Pass, "{id}: {outcomes:#?}");
    }
}

#[tokio::test]
async fn what_is_observed_never_fails_and_follows_the_server() {
    for (policy, value, id, observation) in [
        ("dead_link", "410", "CPS-LINK-09", "this server answers a dead link with 410 `link_expired`"),
        ("link_use", "once", "CPS-LINK-10", "a link that is used again is answered with 404 `not_found`"),
        ("superseded_document", "current", "CPS-DOC-02", "this server answers the id of a superseded version with 200"),
        ("link_after_reupload", "dead", "CPS-UP-03", "a link issued before a re-upload is answered with 404"),
    ] {
        let fake = fake().await;
        let set = http_client().post(format!("{}/__mock/policies", fake.base()));
        let set = set.json(&serde_json::json!({policy: value})).send().await.unwrap();
        assert!(set.status().is_success(), "{policy}: {}", set.text().await.unwrap());
        let outcomes = outcomes(&fake.base(), &expectation(), &options(&fake), &all_but_limits()).await;
        assert_eq!(outcomes[id], (Outcome::Pass, observation.to_owned()));
        assert_eq!(ids_with(&outcomes, Outcome::Fail), [""; 0], "{policy}");
    }
}

#[tokio::test]
async fn a_clause_that_lacks_what_it_needs_says_what_to_add() {
    let fake = fake().await;
    let expectation =
        "keys: {full: {key: cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25}}\ncrew: {crew_001: {fleet: true}}\n";
    let options = Options { rate: 10_000, ..Options::default() };
    let outcomes = outcomes(&fake.base(), expectation, &options, &all_but_limits()).await;
    assert_eq!(ids_with(&outcomes, Outcome::Fail), [""; 0]);
    for (id, line) in [
        ("CPS-AUTH-03", "`keys: {revoked: {key: cpk_test_..., valid: false}}`"),
        ("CPS-FLEET-01", "`crew_003: {fleet: false}`"),
        ("CPS-STORE-01", "`levers: {store_down: COMMAND, store_up: COMMAND}`, or `--control URL`"),
    ] {
        let (outcome, reason) = &outcomes[id];
        assert_eq!(*outcome, Outcome::NotExercised, "{id}");
        assert!(reason.ends_with(&format!("it needs {line}")), "{id}: {reason}");
    }
    for id in ["CPS-AUTH-01", "CPS-AUTH-02", "CPS-ID-01", "CPS-FLEET-03"] {
        assert_eq!(outcomes[id].0, Outcome::Pass, "{id}");
    }
}
