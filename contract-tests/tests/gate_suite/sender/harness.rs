//! A fake as the sender, and a run of the gate over it.

use std::collections::BTreeMap;
use std::time::Duration;

use crewpass_contract::outcome::Outcome;
use crewpass_contract::requirement::{Catalogue, Requirement};
use crewpass_contract::sender::{Options, SenderError, entries, judged, run};
use crewpass_contract::server::Expectation;
use crewpass_mock::MockServer;

use crate::sender::proxy::{Bug, Proxy};

pub(crate) const SECRET: &str = "whsec_0123456789abcdef";

/// Every clause.
pub(crate) fn clauses() -> Vec<Requirement> {
    Catalogue::of_sender().unwrap().obligations().to_vec()
}

/// The options for a fake, with every lever and without long waits.
pub(crate) fn options(fake: &MockServer) -> Options {
    Options { control: Some(fake.base()), ..quick() }
}

/// Options without levers, on a free port.
pub(crate) fn quick() -> Options {
    Options {
        arrival: Duration::from_secs(3),
        settle: Duration::from_millis(100),
        silence: Duration::from_secs(1),
        ..Options::new("127.0.0.1:0".parse().unwrap(), SECRET)
    }
}

/// What each clause came to, with what was observed.
pub(crate) type Outcomes = BTreeMap<String, (Outcome, String)>;

pub(crate) async fn outcomes(expectation: &str, options: &Options) -> Outcomes {
    let expect = Expectation::parse(expectation, "expect.yaml").unwrap();
    let seen = run(&expect, options, |_| {}).await.unwrap();
    assert!(seen.stuck.is_empty(), "{:?}", seen.stuck);
    let wanted = clauses();
    let entries = entries(&judged(&seen, &wanted), &seen, &wanted, |id| format!("replay {id}"));
    entries.into_iter().map(|entry| (entry.id, (entry.outcome, entry.observed))).collect()
}

/// Runs the gate over a fake, with a proxy between both that has a bug.
pub(crate) async fn through(fake: &MockServer, bug: Bug) -> Result<Outcomes, SenderError> {
    let proxy = Proxy::start(bug).await;
    let options = Options { url: Some(proxy.url.clone()), ..options(fake) };
    let expect = Expectation::parse(&(bug.expectation)(), "expect.yaml").unwrap();
    let seen = run(&expect, &options, |gate| proxy.forward_to(gate)).await?;
    assert!(seen.stuck.is_empty(), "{}: {:?}", bug.name, seen.stuck);
    let wanted = clauses();
    let entries = entries(&judged(&seen, &wanted), &seen, &wanted, |id| format!("replay {id}"));
    Ok(entries.into_iter().map(|entry| (entry.id, (entry.outcome, entry.observed))).collect())
}

/// The ids of an outcome.
pub(crate) fn ids_with(outcomes: &Outcomes, wanted: Outcome) -> Vec<&str> {
    outcomes.iter().filter(|(_, (outcome, _))| *outcome == wanted).map(|(id, _)| id.as_str()).collect()
}

/// Sends an order to the control API of a fake.
pub(crate) async fn control(fake: &MockServer, path: &str, body: &serde_json::Value) {
    let url = format!("{}/__mock/{path}", fake.base());
    let answer = crate::support::http_client::http_client().post(url).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
}
