//! The command: what it prints, what it writes, and how it ends.

use std::process::{Command, Output};

use crate::sender::harness::SECRET;
use crate::server::binary_run::{listen, out};
use crate::server::harness::{expectation, fake};
use crate::support::judged_output::judged_output;
use axum::Router;
use serde_json::Value;
use tempfile::TempDir;

/// Runs the gate beside an expectation, off the runtime's threads.
async fn run(expectation: &str, more: &[&str]) -> (Output, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("expect.yaml"), expectation).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.args(["hooks", "--callback", "127.0.0.1:0", "--expect", "expect.yaml"]).args(more);
    command.current_dir(folder.path()).env_remove("GITHUB_WORKFLOW_REF").env("WEBHOOK_SECRET", SECRET);
    tokio::task::spawn_blocking(move || (judged_output(&mut command), folder)).await.unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fake_passes_and_its_report_has_the_form_of_all_gates() {
    let fake = fake().await;
    let (output, folder) = run(
        &expectation(),
        &["--control", &fake.base(), "--report", "json=report.json", "--report", "html=report.html"],
    )
    .await;
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    let port = err(&output).strip_prefix("listening on 127.0.0.1:").unwrap().lines().next().unwrap().to_owned();
    assert!(out(&output).starts_with(&format!("deliveries to 127.0.0.1:{port}\n")), "{}", out(&output));
    let text = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    assert!(!text.contains(SECRET) && !text.contains(":0/__mock"));
    let report: Value = serde_json::from_str(&text).unwrap();
    let schema = include_str!("../../../../fixtures/contract/report.schema.json");
    jsonschema::validate(&serde_json::from_str(schema).unwrap(), &report).unwrap();
    assert!(report["merged"].as_object().unwrap().values().all(|outcome| outcome == "pass"), "{}", report["merged"]);
    let later = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
        command.args(args).current_dir(folder.path()).env_remove("CREWPASS_LAST_RUN").output().unwrap()
    };
    let shown = later(&["show", "CPS-HOOK-08"]);
    assert!(out(&shown).contains("CPS-HOOK-08 MUST: The signature verifies"), "{}", err(&shown));
    // What is only observed is in each report that has room for it.
    let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    let observed = "crew.document.updated has crew_unique_id, document_id, verification_status";
    for text in [page, out(&later(&["show"])), out(&later(&["show", "CPS-HOOK-24"]))] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(observed), "{text}");
    }
    let merged = later(&["merge", "report.json", "report.json"]);
    assert_eq!(merged.status.code(), Some(2), "{}", out(&merged));
    let says =
        "report.json is a report of `crewpass-contract hooks`, which judges everything in one run: `merge` combines";
    assert!(err(&merged).contains(says), "{}", err(&merged));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_sender_fails_unless_that_is_known() {
    let fake = fake().await;
    let broken = serde_json::json!({"alter": {"signature": "body_alone"}, "times": 1_000});
    let judge = async |more: &[&str]| {
        crate::sender::harness::control(&fake, "webhooks/alter", &broken).await;
        run(&expectation(), &[&["--control", &fake.base(), "--only", "HOOK-08,CPS-HOOK-01"], more].concat()).await
    };
    let (output, folder) = judge(&["--write-known-failures", "known.toml"]).await;
    assert_eq!(output.status.code(), Some(1), "{}{}", out(&output), err(&output));
    let text = out(&output);
    assert!(text.contains("that of the body alone") && !text.contains(SECRET), "{text}");
    assert!(text.contains("crewpass-contract hooks --only CPS-HOOK-08 --callback 127.0.0.1:0"), "{text}");
    let known = folder.path().join("known.toml");
    let (output, _folder) = judge(&["--known-failures", known.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_judged_is_a_mistake_in_the_command_line() {
    let nowhere = listen(Router::new()).await;
    for (more, message) in [
        (&["--control", nowhere.as_str()][..], "the lever callback failed: the control API answered 404"),
        (&["--only", "HOOK-99"], "`HOOK-99` is not a clause or an area"),
    ] {
        let (output, _folder) = run(&expectation(), more).await;
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        assert!(err(&output).contains(message), "{message}: {}", err(&output));
    }
    let without_levers = expectation().split("\nlevers:").next().unwrap().to_owned();
    let (output, _folder) = run(&without_levers, &[]).await;
    let message = "nothing causes an event: add `levers: {event: COMMAND}` to the expectation, or --control URL";
    assert!(output.status.code() == Some(2) && err(&output).contains(message), "{}", err(&output));
}

#[test]
fn the_clauses_are_listed_and_explained() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_crewpass-contract")).args(args).output().unwrap();
        out(&output)
    };
    assert!(run(&["list", "--sender", "--grade", "should"]).ends_with("H  No delivery shows a secret\n"));
    assert!(run(&["explain", "cps-hook-16"]).contains("There is no ninth attempt"));
    // A short name is that of a receiver's obligation.
    assert!(run(&["explain", "HOOK-16"]).starts_with("CPK-HOOK-16"));
}
