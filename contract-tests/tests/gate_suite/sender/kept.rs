//! The fake keeps what a sender owes; and what is not exercised says which line to add.

use std::time::Duration;

use crewpass_contract::outcome::Outcome;
use crewpass_contract::sender::{Options, SenderError, run};
use crewpass_contract::server::Expectation;
use crewpass_mock::MockServer;
use serde_json::json;

use crate::sender::harness::{SECRET, clauses, control, ids_with, options, outcomes, quick, through};
use crate::sender::proxy::{Way, sends};
use crate::server::harness::{expectation, fake};
use crate::support::http_client::http_client;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fake_keeps_every_clause() {
    let fake = fake().await;
    let outcomes = outcomes(&expectation(), &options(&fake)).await;
    assert_eq!(ids_with(&outcomes, Outcome::Pass).len(), clauses().len(), "{outcomes:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_changes_nothing_keeps_every_clause() {
    let fake = fake().await;
    let outcomes = through(&fake, sends("none", |_, _| Way::Pass, &[])).await.unwrap();
    assert_eq!(ids_with(&outcomes, Outcome::Pass).len(), clauses().len(), "{outcomes:#?}");
}

#[tokio::test]
async fn the_fake_is_put_back_afterwards() {
    let fake = fake().await;
    let options = Options { only: vec!["CPS-HOOK-01".to_owned()], ..options(&fake) };
    let first = outcomes(&expectation(), &options).await;
    assert_eq!(outcomes(&expectation(), &options).await, first);
}

#[tokio::test]
async fn timestamps_of_the_session_are_not_compared_with_real_time() {
    let fake = fake().await;
    control(&fake, "policies", &json!({"webhook_timestamp": "session"})).await;
    let options = Options { only: vec!["CPS-HOOK-06".to_owned()], ..options(&fake) };
    assert_eq!(outcomes(&expectation(), &options).await["CPS-HOOK-06"].0, Outcome::Fail);
    control(&fake, "policies", &json!({"webhook_timestamp": "session"})).await;
    let of_session = expectation().replace("\nwebhooks:\n", "\nwebhooks:\n  timestamp: session\n");
    assert_eq!(outcomes(&of_session, &options).await["CPS-HOOK-06"].0, Outcome::Pass);
}

/// The expectation with levers that are commands against the control API of a fake.
fn with_commands(fake: &MockServer, names: &[&str]) -> String {
    let control = format!("{}/__mock", fake.base());
    let post = |path: &str, body: &str| format!("curl -sSf {control}/{path} -d '{body}'");
    let events = r#"["crew.document.processed", "crew.document.updated", "crew.status.changed"]"#;
    let all = json!({
        "clock": post("clock", r#"{"advance": "{duration}"}"#),
        "event": post("crew/{crew_id}/documents/{document_id}", r#"{"verification_status": "{status}"}"#),
        "person_event":
            post("crew/{crew_id}", r#"{"details": {"background_check": "pending", "profile": {"bio": "New."}}}"#),
        "callback": post(
            "webhooks/callbacks",
            &format!(r#"{{"url": "{{url}}", "secret": "{SECRET}", "events": {events}}}"#),
        ),
        "redeliver": post("webhooks/redeliver", "{}"),
    });
    let levers: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), all[name].clone())).collect();
    let before_levers = expectation().split("\nlevers:").next().unwrap().to_owned();
    format!("{before_levers}\nwebhooks: {{events: {events}}}\nlevers: {}\n", serde_json::Value::from(levers))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn levers_are_commands_of_any_kind() {
    let fake = fake().await;
    let names = ["clock", "event", "person_event", "callback", "redeliver"];
    let outcomes = outcomes(&with_commands(&fake, &names), &quick()).await;
    assert_eq!(ids_with(&outcomes, Outcome::NotExercised), ["CPS-HOOK-19"], "{outcomes:#?}");
    assert_eq!(ids_with(&outcomes, Outcome::Pass).len() + 1, clauses().len(), "{outcomes:#?}");
}

#[tokio::test]
async fn a_clause_that_lacks_its_lever_says_what_to_add() {
    let fake = fake().await;
    let outcomes = outcomes(&with_commands(&fake, &["event", "callback"]), &quick()).await;
    assert_eq!(ids_with(&outcomes, Outcome::Fail), [""; 0]);
    for (id, line) in [
        ("CPS-HOOK-10", "`levers: {clock: COMMAND}`, `--control URL`, or `--wait TIME`"),
        ("CPS-HOOK-19", "`levers: {clock: COMMAND, dead_letters: COMMAND}`, or `--control URL`"),
        ("CPS-HOOK-22", "`crew_003: {fleet: false}`, and `levers: {person_event: COMMAND}` or `--control URL`"),
    ] {
        let (outcome, reason) = &outcomes[id];
        assert_eq!(*outcome, Outcome::NotExercised, "{id}");
        assert!(reason.ends_with(&format!("it needs {line}")), "{id}: {reason}");
    }
    for id in ["CPS-HOOK-08", "CPS-HOOK-14", "CPS-HOOK-21"] {
        assert_eq!(outcomes[id].0, Outcome::Pass, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_clock_lever_real_time_is_waited_for_and_judged_no_further() {
    let fake = fake().await;
    let wait = Some(Duration::from_secs(2));
    let options = Options { wait, ..quick() };
    let outcomes = outcomes(&with_commands(&fake, &["event", "callback"]), &options).await;
    // The fake waits 30 s: within 2 s nothing is broken, and nothing is shown to be kept.
    for id in ["CPS-HOOK-10", "CPS-HOOK-12", "CPS-HOOK-15", "CPS-HOOK-16", "CPS-HOOK-17"] {
        assert_eq!(outcomes[id].0, Outcome::NotExercised, "{id}: {:?}", outcomes[id].1);
    }
    assert_eq!(ids_with(&outcomes, Outcome::Fail), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_that_come_in_real_time_are_judged_without_a_clock_lever() {
    let fake = fake().await;
    let options = Options { wait: Some(Duration::from_secs(6)), ..quick() };
    let clock = format!("{}/__mock/clock", fake.base());
    // The sender's own clock is a fast one.
    let fast = tokio::spawn(async move {
        loop {
            http_client().post(&clock).json(&json!({"advance": "20m"})).send().await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let outcomes = outcomes(&with_commands(&fake, &["event", "callback"]), &options).await;
    fast.abort();
    for id in [10, 11, 12, 13, 15, 16, 17, 18].map(|number| format!("CPS-HOOK-{number}")) {
        assert_eq!(outcomes[&id].0, Outcome::Pass, "{id}: {:?}", outcomes[&id].1);
    }
}

#[tokio::test]
async fn a_sender_that_can_not_be_judged_is_an_error() {
    let fake = fake().await;
    let error_of = async |expectation: &str, options: &Options| {
        let expect = Expectation::parse(expectation, "e.yaml").unwrap();
        run(&expect, options, |_| {}).await.unwrap_err()
    };
    let quick = quick();
    assert!(matches!(error_of(&with_commands(&fake, &["callback"]), &quick).await, SenderError::NoLever));
    let nobody = "keys: {full: {key: a}}\ncrew: {crew_001: {fleet: true}}\n";
    assert!(matches!(error_of(nobody, &options(&fake)).await, SenderError::Nobody));
    // No callback is named: the event goes nowhere.
    let silent = error_of(&with_commands(&fake, &["event"]), &quick).await;
    assert!(matches!(silent, SenderError::Silent { seconds: 3, .. }), "{silent}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = Options { listen: taken.local_addr().unwrap(), ..options(&fake) };
    assert!(matches!(error_of(&expectation(), &listen).await, SenderError::Listen { .. }));
    let gone = Options { control: Some("http://127.0.0.1:9".to_owned()), ..quick.clone() };
    assert!(matches!(error_of(&expectation(), &gone).await, SenderError::Lever { name: "callback", .. }));
}
