//! Shrinking: whatever was taken away from a scenario, the one that is left still fails, by the same obligation.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crewpass_contract::client::judge::{Verdict, judge_of};
use crewpass_contract::client::run::{Fake, Options, play};
use crewpass_contract::client::scenario::Scenarios;
use crewpass_contract::client::scenario::written;
use crewpass_contract::client::task::Task;
use crewpass_contract::client::transport::Exec;
use crewpass_contract::property::{Budget, Counterexample, Event, check};
use crewpass_contract::requirement::{Catalogue, Grade};

const CLIENT: &str = env!("REFERENCE_CLIENT");

/// Mistakes of different kinds, each against a MUST.
const BUGS: [&str; 3] = ["basename-only", "exit-0-on-partial", "does-nothing"];

fn options(client: &[&str]) -> Arc<Options> {
    let argv = std::iter::once(&CLIENT).chain(client).map(|&part| part.to_owned()).collect();
    let exec = Exec { argv, keep_env: Vec::new(), env: std::collections::BTreeMap::new() };
    Arc::new(Options { deadline: Duration::from_secs(4), ..Options::new(exec) })
}

/// The counterexample of a seed, and all that was left on the way to it: documents and faults.
async fn found(fake: &Arc<Fake>, options: &Arc<Options>, seed: u64) -> (Counterexample, Vec<(usize, usize)>) {
    let catalogue = Arc::new(Catalogue::built_in().unwrap());
    let budget = Budget { cases: 120, seed, time: None, shrinks: 24, fail_on: Grade::MUST, task: Task::Documents };
    let mut sizes = Vec::new();
    let watch = |event| {
        if let Event::Shrunk(size) = event {
            sizes.push((size.documents, size.faults));
        }
    };
    let checked = check(fake, options, &catalogue, budget, watch).await.unwrap();
    (checked.counterexample.unwrap_or_else(|| panic!("seed {seed} finds nothing")), sizes)
}

/// The scenario as it is written to a file, and read from it.
fn reread(
    catalogue: &Catalogue,
    folder: &Path,
    found: &Counterexample,
) -> crewpass_contract::client::scenario::Scenario {
    let file = folder.join("found.yaml");
    std::fs::write(&file, written(&found.scenario, "A comment.").unwrap()).unwrap();
    let (scenarios, id) = Scenarios::with_file(catalogue, &file).unwrap();
    scenarios.get(&id).unwrap().clone()
}

#[test]
fn what_is_left_fails_again_from_its_file_and_a_good_client_passes_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::built_in().unwrap();
    runtime.block_on(async {
        let fake = Arc::new(Fake::start().await.unwrap());
        for (seed, bug) in BUGS.into_iter().enumerate() {
            let client = options(&["--bug", bug]);
            let (found, sizes) = found(&fake, &client, seed as u64).await;
            let falls = sizes.windows(2).all(|two| two[1].0 <= two[0].0 && two[1].1 <= two[0].1);
            assert!(falls && found.shrinks <= 30, "{bug}: {sizes:?}");
            let documents = found.scenario.world["crew"][0]["documents"].as_array().unwrap().len();
            assert_eq!(documents, found.case.scenario.world["crew"][0]["documents"].as_array().unwrap().len(), "{bug}");
            assert!(!found.broken.is_empty(), "{bug}");
            let scenario = reread(&catalogue, folder.path(), &found);
            let again = play(&fake, &scenario, None, &client).await.unwrap();
            let good = play(&fake, &scenario, None, &options(&[])).await.unwrap();
            for (id, findings) in &found.broken {
                let judge = judge_of(id).unwrap();
                assert!(!findings.is_empty(), "{bug}: {id}");
                assert!(matches!(judge(&found.case), Verdict::Fail(_)), "{bug}: {id} of the case that is shown");
                assert!(matches!(judge(&again), Verdict::Fail(_)), "{bug}: {id} passes what was written");
                assert!(!matches!(judge(&good), Verdict::Fail(_)), "{bug}: {id} fails a good client");
            }
        }
    });
}
