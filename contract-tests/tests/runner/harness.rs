//! How a test plays a scenario.

use std::path::PathBuf;
use std::time::Duration;

use crewpass_contract::client::case::{Case, Run};
use crewpass_contract::client::run::{Fake, HarnessError, Options, play};
use crewpass_contract::client::scenario::Scenario;
use crewpass_contract::client::transport::Exec;
use serde_json::{Value, json};

/// A client of the folder `clients`.
pub(crate) fn client(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/runner/clients").join(name);
    path.to_str().unwrap().to_owned()
}

/// Options for a command, with a deadline that only one which hangs meets.
pub(crate) fn options(argv: &[&str]) -> Options {
    let argv = argv.iter().map(ToString::to_string).collect();
    let subject = Exec { argv, ..Exec::default() };
    Options { deadline: Duration::from_mins(2), grace: Duration::from_secs(2), ..Options::new(subject) }
}

/// Options for a line of shell.
pub(crate) fn shell(script: &str) -> Options {
    options(&["sh", "-c", script])
}

/// A scenario of the starter world with these fields besides.
#[expect(clippy::needless_pass_by_value, reason = "a test writes it where it is needed")]
pub(crate) fn scenario(fields: Value) -> Scenario {
    let mut whole = json!({"title": "a test", "world": "starter"});
    whole.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let scenario: Scenario = serde_json::from_value(whole).unwrap();
    Scenario { id: "test/one".into(), ..scenario }
}

/// Plays a scenario to a client.
pub(crate) async fn try_to_play(scenario: &Scenario, options: &Options) -> Result<Case, HarnessError> {
    let fake = Fake::start().await.unwrap();
    play(&fake, scenario, None, options).await
}

/// The same for a case that can be played. Nothing of the client may be left.
pub(crate) async fn played(scenario: &Scenario, options: &Options) -> Case {
    let case = try_to_play(scenario, options).await.unwrap();
    assert_eq!(processes_with(&case.key), Vec::<String>::new(), "processes are left");
    case
}

/// The only run of the plain scenario.
pub(crate) async fn one_run(options: &Options) -> Run {
    played(&scenario(json!({})), options).await.runs.remove(0)
}

/// What a run printed.
pub(crate) fn printed(run: &Run) -> String {
    String::from_utf8_lossy(&run.process.stdout).into_owned()
}

/// Command lines of the processes whose environment holds a text.
pub(crate) fn processes_with(text: &str) -> Vec<String> {
    let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    pids.filter(|at| {
        std::fs::read(at.join("environ")).is_ok_and(|all| all.windows(text.len()).any(|part| part == text.as_bytes()))
    })
    .map(|at| std::fs::read_to_string(at.join("cmdline")).unwrap_or_default().replace('\0', " "))
    .collect()
}
