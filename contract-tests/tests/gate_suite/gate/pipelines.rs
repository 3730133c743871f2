//! The workflow that people copy is one, and every command in it is one of the gate's.

use std::process::Command;

use serde_json::{Value, json};

use crate::gate::generated::read;

/// The workflows that use the action of this repository.
const WORKFLOWS: [&str; 2] = ["github.yml", "github-shards.yml"];

fn workflow(name: &str) -> Value {
    serde_saphyr::from_str(&read(&format!("examples/pipelines/{name}"))).unwrap()
}

fn steps(workflow: &Value) -> Vec<&Value> {
    workflow["jobs"].as_object().unwrap().values().flat_map(|job| job["steps"].as_array().unwrap()).collect()
}

/// Runs the gate with these words before `--help`, which has them all read, and nothing done.
fn assert_reads(words: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    let output = command.args(shlex::split(words).unwrap()).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_workflow_is_one_by_githubs_schema() {
    let schema: Value = serde_json::from_str(&read("fixtures/schemas/github-workflow.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for name in WORKFLOWS.into_iter().chain(["github-service.yml"]) {
        let right = workflow(name);
        let wrong: Vec<_> =
            schema.iter_errors(&right).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
    let right = workflow("github-shards.yml");
    for (place, value) in [
        ("/jobs/client/runs-on", json!(5)),
        ("/jobs/client/strategy", json!({"matrix": [], "fail_fast": true})),
        ("/jobs/server/steps/0", json!({"uses": "actions/checkout@v4", "runs": "ls"})),
        ("/on", json!("pushed")),
    ] {
        let mut broken = right.clone();
        *broken.pointer_mut(place).unwrap() = value;
        assert!(!schema.is_valid(&broken), "{place} may be anything");
    }
}

#[test]
fn every_need_of_the_workflow_is_a_job() {
    let workflow = workflow("github-shards.yml");
    for job in workflow["jobs"].as_object().unwrap().values() {
        let need = job.get("needs").and_then(Value::as_str);
        assert!(need.is_none_or(|need| workflow["jobs"].get(need).is_some()), "{need:?}");
    }
}

#[test]
fn every_command_of_the_workflow_is_one_of_the_gates() {
    let workflow = workflow("github-shards.yml");
    let scripts = steps(&workflow).into_iter().filter_map(|step| step["run"].as_str());
    let commands: Vec<_> =
        scripts.flat_map(str::lines).filter_map(|line| line.split_once("crewpass-contract ")).collect();
    assert_eq!(commands.len(), 1, "{commands:?}");
    let (before, words) = commands[0];
    assert!(before.trim().is_empty() && words.starts_with("merge "), "{words}");
    assert_reads(words);
}

#[test]
fn every_step_with_the_action_has_options_of_the_gate() {
    let mut modes = Vec::new();
    for name in WORKFLOWS {
        for step in steps(&workflow(name)) {
            if !step["uses"].as_str().is_some_and(|action| action.trim_start_matches("./").starts_with("crewpass")) {
                continue;
            }
            let mode = step["with"]["mode"].as_str().unwrap_or("client");
            let options = step["with"]["options"].as_str().unwrap_or_default().replace("${{ matrix.shard }}", "1");
            assert_reads(&format!("{mode} {options}"));
            modes.push(mode.to_owned());
        }
    }
    assert_eq!(modes, ["client", "client", "server"]);
    let job = &workflow("github-shards.yml")["jobs"]["client"];
    let shards = job["strategy"]["matrix"]["shard"].as_array().unwrap().len();
    let options = steps(&workflow("github-shards.yml"))
        .into_iter()
        .find_map(|step| step["with"]["options"].as_str())
        .map(str::to_owned);
    assert_eq!(options.unwrap(), format!("--shard ${{{{ matrix.shard }}}}/{shards}"));
}
