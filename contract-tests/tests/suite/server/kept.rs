//! The fake keeps what it fakes: every clause is exercised, and none is broken.

use crewpass_contract::outcome::Outcome;
use crewpass_contract::server::{Options, clauses};

use crate::server::harness::{all_but_limits, fake, limited_fake, of, options, outcomes, told};
use crate::support::http_client::http_client;

#[tokio::test]
async fn the_fake_passes_with_every_clause_exercised() {
    let fake = fake().await;
    let outcomes = outcomes(&fake.base(), &told(), &options(&fake), &all_but_limits()).await;
    let rest: Vec<_> = outcomes.iter().filter(|(_, (outcome, _))| *outcome != Outcome::Pass).collect();
    assert!(rest.is_empty(), "{rest:#?}");
    assert_eq!(outcomes["CPS-LINK-09"].1, "this server answers a dead link with 404 `not_found`");
}

#[tokio::test]
async fn the_server_is_put_back_afterwards() {
    let fake = fake().await;
    outcomes(&fake.base(), &told(), &options(&fake), &[]).await;
    let again = outcomes(&fake.base(), &told(), &options(&fake), &all_but_limits()).await;
    assert_eq!(of(&again, Outcome::Fail), [""; 0]);
}

#[tokio::test]
async fn a_burst_meets_the_limit_if_there_is_one() {
    let limits = ["CPS-RATE-01", "CPS-RATE-02"];
    let wanted: Vec<_> = clauses().unwrap().into_iter().filter(|clause| clause.area() == "RATE").collect();
    let told = "keys: {full: {key: none}, limited: {key: cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25}}\n\
                crew: {crew_001: {fleet: true}}\n";
    for (policy, outcome) in [("on", Outcome::Pass), ("off", Outcome::Fail)] {
        let fake = limited_fake(policy).await;
        let options = Options { rate: 10_000, limits: true, ..Options::default() };
        let outcomes = outcomes(&fake.base(), told, &options, &wanted).await;
        assert_eq!(outcomes[limits[0]].0, outcome, "{policy}: {outcomes:?}");
        let second = if policy == "on" { Outcome::Pass } else { Outcome::NotExercised };
        assert_eq!(outcomes[limits[1]].0, second, "{policy}: {outcomes:?}");
    }
}

#[tokio::test]
async fn what_is_observed_never_fails_and_follows_the_server() {
    for (policy, value, id, told_of) in [
        ("dead_link", "410", "CPS-LINK-09", "this server answers a dead link with 410 `link_expired`"),
        ("link_use", "once", "CPS-LINK-10", "a link that is used again is answered with 404 `not_found`"),
        ("superseded_document", "current", "CPS-DOC-02", "this server answers the id of a superseded version with 200"),
        ("link_after_reupload", "dead", "CPS-UP-03", "a link issued before a re-upload is answered with 404"),
    ] {
        let fake = fake().await;
        let set = http_client().post(format!("{}/__mock/policies", fake.base()));
        let set = set.json(&serde_json::json!({policy: value})).send().await.unwrap();
        assert!(set.status().is_success(), "{policy}: {}", set.text().await.unwrap());
        let outcomes = outcomes(&fake.base(), &told(), &options(&fake), &all_but_limits()).await;
        assert_eq!(outcomes[id], (Outcome::Pass, told_of.to_owned()));
        assert_eq!(of(&outcomes, Outcome::Fail), [""; 0], "{policy}");
    }
}

#[tokio::test]
async fn a_clause_that_lacks_what_it_needs_says_what_to_add() {
    let fake = fake().await;
    let told = "keys: {full: {key: cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25}}\ncrew: {crew_001: {fleet: true}}\n";
    let options = Options { rate: 10_000, ..Options::default() };
    let outcomes = outcomes(&fake.base(), told, &options, &all_but_limits()).await;
    assert_eq!(of(&outcomes, Outcome::Fail), [""; 0]);
    for (id, line) in [
        ("CPS-AUTH-03", "`keys: {revoked: {key: cpk_test_..., valid: false}}`"),
        ("CPS-FLEET-01", "`crew_003: {fleet: false}`"),
        ("CPS-STORE-01", "`levers: {store_down: COMMAND, store_up: COMMAND}`, or `--control URL`"),
    ] {
        let (outcome, told) = &outcomes[id];
        assert_eq!(*outcome, Outcome::NotExercised, "{id}");
        assert!(told.ends_with(&format!("it needs {line}")), "{id}: {told}");
    }
    for id in ["CPS-AUTH-01", "CPS-AUTH-02", "CPS-ID-01", "CPS-FLEET-03"] {
        assert_eq!(outcomes[id].0, Outcome::Pass, "{id}");
    }
}
