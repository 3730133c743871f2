//! Plays a receiver in the test's own process, and judges it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crewpass_contract::client::transport::Exec;
use crewpass_contract::outcome::{ObligationResult, Outcome};
use crewpass_contract::receiver::{Options, Scenario, Seen, judged, run, scenarios_of};
use crewpass_contract::requirement::{Catalogue, Requirement};
use crewpass_contract::steps::Steps;

/// The obligations of a receiver.
pub(crate) fn obligations() -> Vec<Requirement> {
    Catalogue::of_receiver().unwrap().obligations().to_vec()
}

/// Returns a path from the root of the repository.
pub(crate) fn path(from_root: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(from_root).display().to_string()
}

/// Returns the example receiver with one bug.
pub(crate) fn broken(bug: &str) -> Vec<String> {
    vec!["python3".to_owned(), path("contract-tests/tests/receivers/broken.py"), bug.to_owned()]
}

/// Plays scenarios with a receiver.
pub(crate) async fn play(command: Vec<String>, scenarios: &[Scenario]) -> Seen {
    let exec = Exec { argv: command, ..Exec::default() };
    run(scenarios, &Options { exec, jobs: 4, running: None, steps: Steps::default() }).await.unwrap()
}

/// Returns the obligations of which every scenario is among these.
pub(crate) fn judged_by(scenarios: &[Scenario]) -> Vec<Requirement> {
    let is_played = |known: &Requirement| {
        let needed = scenarios_of(std::slice::from_ref(known));
        known.is_everywhere() || needed.iter().all(|scenario| scenarios.contains(scenario))
    };
    obligations().into_iter().filter(is_played).collect()
}

/// Returns the results of all obligations that these scenarios show.
pub(crate) fn results(seen: &Seen, scenarios: &[Scenario]) -> Vec<ObligationResult> {
    judged(seen, &judged_by(scenarios))
}

/// Returns the ids of the obligations that are not kept.
pub(crate) fn not_kept(results: &[ObligationResult]) -> BTreeSet<String> {
    results.iter().filter(|result| result.outcome != Outcome::Pass).map(|result| result.id.clone()).collect()
}
