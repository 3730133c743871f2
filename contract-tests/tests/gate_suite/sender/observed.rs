//! What is not documented of a sender: it is observed, follows the sender, and never fails.

use crewpass_contract::outcome::Outcome;
use crewpass_contract::requirement::Grade;
use serde_json::json;

use crate::sender::harness::{SECRET, clauses, control, ids_with, options, outcomes, through};
use crate::sender::proxy::{Bug, Proxy, Way, hears, sends};
use crate::server::harness::{expectation, fake};

/// What is observed of the fake as it is.
const DEFAULTS: &[(&str, &str)] = &[
    ("CPS-HOOK-24", "crew.document.updated has crew_unique_id, document_id, verification_status"),
    (
        "CPS-HOOK-25",
        "fields: nothing; headers: content-length, content-type, host, user-agent; Content-Type: application/json",
    ),
    ("CPS-HOOK-26", "the header has 1 signature"),
    ("CPS-HOOK-27", "a later attempt is signed with a new timestamp"),
    ("CPS-HOOK-28", "a 302 is not followed; it is tried again"),
    ("CPS-HOOK-29", "the sender waits 10 s for an answer; the event is tried again"),
    ("CPS-HOOK-30", "a reset connection is tried again"),
    ("CPS-HOOK-31", "the waits are "),
    ("CPS-HOOK-32", "Retry-After is ignored"),
    ("CPS-HOOK-33", "a dead letter comes again with its event id"),
];

/// Senders that do something else, each with the clause that observes it.
const OTHERS: &[(Bug, &str, &str)] = &[
    (
        sends(
            "more-data",
            |passing, _| {
                passing.edit(|body| body["data"]["vessel_id"] = json!("ves_abc"));
                Way::Pass
            },
            &[],
        ),
        "CPS-HOOK-24",
        "crew.document.updated has crew_unique_id, document_id, verification_status, vessel_id",
    ),
    (
        sends(
            "more-fields",
            |passing, _| {
                passing.set("x-trace", "1");
                passing.edit(|body| body["trace"] = json!(1));
                Way::Pass
            },
            &[],
        ),
        "CPS-HOOK-25",
        "fields: trace; headers: accept, content-length, content-type, host, user-agent, x-trace",
    ),
    (
        sends(
            "signs-once",
            |passing, memory| {
                for name in ["x-crewpass-timestamp", "x-crewpass-signature"] {
                    let first =
                        memory.entry(passing.event.clone() + name).or_insert_with(|| passing.text(name)).clone();
                    passing.set(name, &first);
                }
                Way::Pass
            },
            &[],
        ),
        "CPS-HOOK-27",
        "a later attempt is signed with the first timestamp",
    ),
    (
        Bug { follows: true, ..hears("follows", |status, _, _| status, &[]) },
        "CPS-HOOK-28",
        "a 302 is followed with GET; it is not tried again",
    ),
    (
        hears("resets-are-fine", |status, _, _| if status == 502 { 204 } else { status }, &[]),
        "CPS-HOOK-30",
        "a reset connection is not tried again",
    ),
    (
        sends("loses-dead-letters", |passing, _| if passing.attempt > 8 { Way::Swallow(204) } else { Way::Pass }, &[]),
        "CPS-HOOK-33",
        "no dead letter comes again",
    ),
    (
        sends(
            "renames-dead-letters",
            |passing, _| {
                if passing.attempt > 8 {
                    passing.set("x-crewpass-event-id", "evt_again");
                    passing.edit(|body| body["event_id"] = json!("evt_again"));
                }
                Way::Pass
            },
            &[],
        ),
        "CPS-HOOK-33",
        "a dead letter comes again with another event id",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fake_is_observed_as_it_is() {
    let fake = fake().await;
    let options = crewpass_contract::sender::Options { silence: std::time::Duration::from_secs(30), ..options(&fake) };
    let outcomes = outcomes(&expectation(), &options).await;
    for (id, observation) in DEFAULTS {
        assert!(outcomes[*id].1.contains(observation), "{id}: {}", outcomes[*id].1);
    }
    assert_eq!(outcomes["CPS-HOOK-31"].1.split(", ").count(), 7, "{}", outcomes["CPS-HOOK-31"].1);
    let observed = clauses().into_iter().filter(|clause| clause.grade == Grade::OBSERVED);
    assert!(observed.map(|clause| clause.id).eq(DEFAULTS.iter().map(|(id, _)| (*id).to_owned())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_observed_follows_the_sender_and_never_fails() {
    for (bug, id, observation) in OTHERS {
        let fake = fake().await;
        let outcomes = through(&fake, *bug).await.unwrap();
        assert!(outcomes[*id].1.contains(observation), "{}: {}", bug.name, outcomes[*id].1);
        assert_eq!(ids_with(&outcomes, Outcome::Fail), [""; 0], "{}", bug.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_after_that_is_honoured_is_observed() {
    let fake = fake().await;
    control(&fake, "policies", &json!({"webhook_retry_after": "honoured"})).await;
    let outcomes = outcomes(&expectation(), &options(&fake)).await;
    assert_eq!(outcomes["CPS-HOOK-32"].1, "Retry-After is honoured");
    assert_eq!(ids_with(&outcomes, Outcome::Fail), [""; 0]);
}

#[tokio::test]
async fn both_signatures_of_a_rotation_are_observed() {
    let fake = fake().await;
    control(&fake, "policies", &json!({"webhook_rotation": "both"})).await;
    let proxy = Proxy::start(sends("none", |_, _| Way::Pass, &[])).await;
    control(&fake, "webhooks/callbacks", &json!({"url": proxy.url, "secret": "whsec_the_one_before"})).await;
    let options = crewpass_contract::sender::Options {
        url: Some(proxy.url.clone()),
        only: vec!["CPS-HOOK-26".to_owned()],
        ..options(&fake)
    };
    assert_eq!(options.secret, SECRET);
    let expect = crewpass_contract::server::Expectation::parse(&expectation(), "e.yaml").unwrap();
    let seen = crewpass_contract::sender::run(&expect, &options, |gate| proxy.forward_to(gate)).await.unwrap();
    let results = crewpass_contract::sender::judged(&seen, &clauses());
    let note = |id: &str| results.iter().find(|result| result.id == id).unwrap().note.clone();
    assert_eq!(note("CPS-HOOK-26").as_deref(), Some("the header has 2 signatures"));
    assert!(results.iter().all(|result| result.outcome != Outcome::Fail), "{results:#?}");
}
