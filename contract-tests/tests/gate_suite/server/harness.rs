//! A fake with its expectation, and a probe run over it.

use std::collections::BTreeMap;
use std::path::Path;

use crewpass_contract::outcome::Outcome;
use crewpass_contract::requirement::Requirement;
use crewpass_contract::server::{Expectation, Options, clauses, entries, judged, run};
use crewpass_mock::MockServer;
use crewpass_mock::world::World;
use serde_json::Value;

/// The expectation of the starter world, with a key for the burst.
pub(crate) fn expectation() -> String {
    let text = include_str!("../../../../fixtures/contract/starter.expect.yaml");
    let limited = "\nkeys:\n  limited: {key: cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25}\n";
    text.replacen("\nkeys:\n", limited, 1)
}

/// The expectation, with a change of its values.
pub(crate) fn expectation_with(change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_saphyr::from_str(&expectation()).unwrap();
    change(&mut value);
    value.to_string()
}

pub(crate) fn world() -> World {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    World::open_within(&root.join("tests/gate_suite/server/world.yaml"), root.parent().unwrap()).unwrap()
}

pub(crate) async fn fake() -> MockServer {
    MockServer::builder().world(world()).start().await.unwrap()
}

/// A fake whose clock stands still, with its limits on or off.
pub(crate) async fn limited_fake(policy: &str) -> MockServer {
    let fake = MockServer::builder().policy("rate_limits", policy).unwrap();
    fake.frozen_at("2026-01-15T09:00:00Z".parse().unwrap()).start().await.unwrap()
}

/// Everything that the fake can be put to, as fast as may be.
pub(crate) fn options(fake: &MockServer) -> Options {
    Options { control: Some(fake.base()), rate: 10_000, hostile: true, posts: true, ..Options::default() }
}

/// What each clause came to, with what was observed.
pub(crate) type Outcomes = BTreeMap<String, (Outcome, String)>;

pub(crate) async fn outcomes(base: &str, expectation: &str, options: &Options, wanted: &[Requirement]) -> Outcomes {
    let expect = Expectation::parse(expectation, "expect.yaml").unwrap();
    let seen = run(base, &expect, options).await.unwrap();
    assert!(seen.stuck.is_empty(), "{:?}", seen.stuck);
    let entries = entries(&judged(&seen, wanted), &seen, wanted);
    entries.into_iter().map(|entry| (entry.id, (entry.outcome, entry.observed))).collect()
}

/// Every clause but those of the burst.
pub(crate) fn all_but_limits() -> Vec<Requirement> {
    clauses().unwrap().into_iter().filter(|clause| clause.area() != "RATE").collect()
}

/// The ids of an outcome.
pub(crate) fn ids_with(outcomes: &Outcomes, wanted: Outcome) -> Vec<&str> {
    outcomes.iter().filter(|(_, (outcome, _))| *outcome == wanted).map(|(id, _)| id.as_str()).collect()
}
